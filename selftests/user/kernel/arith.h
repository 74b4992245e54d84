/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stub kernel: types, bits and arithmetic, as the kernel's headers of
 * these names have them: align, bits, bitops, build_bug, cache, compiler, err,
 * errno, hash, kernel, limits, log2, math64, minmax, overflow, random, sort,
 * string, types.
 */
#ifndef STUB_ARITH_H
#define STUB_ARITH_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef long long s64;

/* compiler.h; the attributes say what they say in the kernel. */
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define barrier()		__asm__ __volatile__("" ::: "memory")
#undef __always_inline
#define __always_inline		inline __attribute__((__always_inline__))
#define noinline		__attribute__((__noinline__))
#define __noreturn		__attribute__((__noreturn__))
#define __section(name)		__attribute__((__section__(name)))
#define __malloc		__attribute__((__malloc__))
#undef __alloc_size
#define __alloc_size(...)	__attribute__((__alloc_size__(__VA_ARGS__)))
#define __must_check		__attribute__((__warn_unused_result__))
#define __printf(a, b)		__attribute__((__format__(printf, a, b)))
#define __user
#define __percpu
#define __init
#define __exit
#define __ro_after_init
#define __acquire(lock)		((void)(lock))
#define __release(lock)		((void)(lock))
#define _RET_IP_		((unsigned long)__builtin_return_address(0))
#define IS_ENABLED(option)	(option)

#ifndef __has_feature
#define __has_feature(feature)	0
#endif

/* Every configuration the core asks about; 0 where the stub has it off. */
#define CONFIG_PREEMPT_RT	0
#define CONFIG_STACKDEPOT	1
#define CONFIG_STACKTRACE	1
#define CONFIG_LOCKDEP		0
#define CONFIG_PROVE_RAW_LOCK_NESTING	0
#define CONFIG_DEBUG_KMEMLEAK	0
#define CONFIG_KMSAN		0
#define CONFIG_DEBUG_OBJECTS	0
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define CONFIG_KASAN_GENERIC	1
#else
#define CONFIG_KASAN_GENERIC	0
#endif
#define CONFIG_KASAN_VMALLOC	CONFIG_KASAN_GENERIC
#ifdef STUB_CHECKED
#define CONFIG_DEBUG_ATOMIC_SLEEP	1
#else
#define CONFIG_DEBUG_ATOMIC_SLEEP	0
#endif
/* Scheduled, no access is hidden in assembly. */
#if defined(__x86_64__) && !defined(STUB_SCHEDULED)
#define CONFIG_X86_64		1
#endif

#define BUILD_BUG_ON(condition)	_Static_assert(!(condition), #condition)
#undef offsetof
#define offsetof(type, member)	__builtin_offsetof(type, member)
#define container_of(p, type, member) \
	((type *)((char *)(p) - offsetof(type, member)))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))

#define SMP_CACHE_BYTES		64
#define OPTIMIZER_HIDE_VAR(var)	__asm__("" : "=r" (var) : "0" (var))
#define __aligned(n)		__attribute__((aligned(n)))
#define ____cacheline_aligned	__attribute__((__aligned__(SMP_CACHE_BYTES)))
#define ____cacheline_aligned_in_smp	____cacheline_aligned

#define S32_MAX			INT32_MAX
#ifndef LONG_MIN
#define LONG_MIN		(-__LONG_MAX__ - 1)
#endif
#ifndef ULONG_MAX
#define ULONG_MAX		(~0UL)
#endif
#define BITS_PER_LONG		64
#define BIT(n)			(1UL << (n))
#define BIT_ULL(n)		(1ULL << (n))

#define ALIGN(x, a) \
	(((x) + ((__typeof__(x))(a) - 1)) & ~((__typeof__(x))(a) - 1))
#define ALIGN_DOWN(x, a)	((x) & ~((__typeof__(x))(a) - 1))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))

#define min(a, b) ({							\
	__typeof__(a) min_a = (a);					\
	__typeof__(b) min_b = (b);					\
	min_a < min_b ? min_a : min_b; })
#define max(a, b) ({							\
	__typeof__(a) max_a = (a);					\
	__typeof__(b) max_b = (b);					\
	max_a > max_b ? max_a : max_b; })
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))
#define clamp(x, lo, hi)	min(max(x, lo), hi)
#undef abs
#define abs(x)			((x) < 0 ? -(x) : (x))
#define check_mul_overflow(a, b, d)	__builtin_mul_overflow(a, b, d)

/* Not 0.  As the kernel has it: the builtin's result would be extended. */
static inline unsigned long __ffs(unsigned long word)
{
#ifdef __x86_64__
	__asm__("rep bsf %1, %0" : "=r" (word) : "rm" (word));
	return word;
#else
	return __builtin_ctzl(word);
#endif
}

static inline unsigned int __ffs64(u64 word)
{
	return __builtin_ctzll(word);
}

static inline unsigned int hweight_long(unsigned long word)
{
	return __builtin_popcountl(word);
}

static inline unsigned int hweight64(u64 word)
{
	return __builtin_popcountll(word);
}

static inline u32 ror32(u32 word, unsigned int shift)
{
	return word >> (shift & 31) | word << (-shift & 31);
}

static inline int ilog2(unsigned long n)
{
	return BITS_PER_LONG - 1 - __builtin_clzl(n);
}

static inline bool is_power_of_2(unsigned long n)
{
	return n && !(n & (n - 1));
}

static inline unsigned long rounddown_pow_of_two(unsigned long n)
{
	return 1UL << ilog2(n);
}

static inline u64 mul_u64_u64_div_u64(u64 a, u64 b, u64 c)
{
	return (unsigned __int128)a * b / c;
}

static inline u32 hash_long(unsigned long value, unsigned int bits)
{
	return value * 0x61c8864680b583ebUL >> (BITS_PER_LONG - bits);
}

static inline u32 hash_32(u32 value, unsigned int bits)
{
	return value * 0x61c88647U >> (32 - bits);
}

/* err.h */
#define MAX_ERRNO		4095
#define IS_ERR_VALUE(x)		((unsigned long)(x) >= (unsigned long)-MAX_ERRNO)

static inline void *ERR_PTR(long error)
{
	return (void *)error;
}

static inline long PTR_ERR(const void *p)
{
	return (long)p;
}

static inline bool IS_ERR(const void *p)
{
	return IS_ERR_VALUE(p);
}

static inline bool IS_ERR_OR_NULL(const void *p)
{
	return !p || IS_ERR(p);
}

/* string.h */
static inline ssize_t strscpy(char *to, const char *from, size_t size)
{
	size_t n = strnlen(from, size - 1);

	memcpy(to, from, n);
	to[n] = '\0';
	return n;
}

/* The first byte that is not @byte, or NULL. */
static inline void *memchr_inv(const void *p, int byte, size_t size)
{
	const u8 *at = p;

	for (; size; at++, size--)
		if (*at != (u8)byte)
			return (void *)at;
	return NULL;
}

static inline void memzero_explicit(void *p, size_t size)
{
	explicit_bzero(p, size);
}

/* As sysfs compares: a newline at the end does not count. */
static inline bool sysfs_streq(const char *a, const char *b)
{
	size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");

	return n == m && !memcmp(a, b, n);
}

/* sort.h */
#define sort(base, n, size, compare, swap)	qsort(base, n, size, compare)

/* random.h: the same in every run, if different by the caller. */
static inline u32 get_random_u32(void)
{
	static u32 last;

	return __atomic_add_fetch(&last, 0x9e3779b9, __ATOMIC_RELAXED);
}

#endif /* STUB_ARITH_H */
