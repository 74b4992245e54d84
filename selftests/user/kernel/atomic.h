/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stub kernel: atomic.h, and what compiler.h and bitops.h say of shared
 * memory, as C11 atomics, which ThreadSanitizer understands.  What the kernel
 * orders fully is sequentially consistent here; what it does not, READ_ONCE(),
 * WRITE_ONCE() and operations that return nothing, is relaxed, so that nobody
 * is seen to rely on an order that the kernel does not give.
 *
 * interleave() comes before each access to memory that CPUs share: there the
 * scheduler of the interleaving tests may let another CPU go on.  Elsewhere it
 * is nothing.
 */
#ifndef STUB_ATOMIC_H
#define STUB_ATOMIC_H

#include "arith.h"

#ifdef STUB_INTERLEAVE
void stub_interleave(const char *function, int line, const char *what);
#define interleave(what)	stub_interleave(__func__, __LINE__, what)
#else
#define interleave(what)	((void)0)
#endif

#define READ_ONCE(x) ({							\
	interleave("read " #x);						\
	__atomic_load_n(&(x), __ATOMIC_RELAXED); })
#define WRITE_ONCE(x, v) do {						\
	interleave("write " #x);					\
	__atomic_store_n(&(x), v, __ATOMIC_RELAXED);			\
} while (0)
#define smp_load_acquire(p) ({						\
	interleave("acquire " #p);					\
	__atomic_load_n(p, __ATOMIC_ACQUIRE); })
#define smp_store_release(p, v) do {					\
	interleave("release " #p);					\
	__atomic_store_n(p, v, __ATOMIC_RELEASE);			\
} while (0)
#define smp_store_mb(x, v) do {						\
	interleave("write " #x);					\
	__atomic_store_n(&(x), v, __ATOMIC_SEQ_CST);			\
} while (0)
#define xchg(p, v) ({							\
	interleave("xchg " #p);						\
	__atomic_exchange_n(p, v, __ATOMIC_SEQ_CST); })
#define cmpxchg(p, old, new) ({						\
	__typeof__(*(p)) stub_was = (old);				\
									\
	interleave("cmpxchg " #p);					\
	__atomic_compare_exchange_n(p, &stub_was, new, false,		\
				    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED); \
	stub_was; })
/* On x86 every read-modify-write is fully ordered already. */
#define smp_mb__after_atomic()	barrier()
/* On x86 the compiler alone would change the order. */
#define smp_rmb()		barrier()
#define smp_wmb()		barrier()

/*
 * An access that races on purpose, where the source says why that is right.
 * ThreadSanitizer is told to look away for as long as it lasts.
 */
#ifdef __SANITIZE_THREAD__
void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
void AnnotateIgnoreWritesBegin(const char *file, int line);
void AnnotateIgnoreWritesEnd(const char *file, int line);
#define data_race(access) ({						\
	AnnotateIgnoreReadsBegin(__FILE__, __LINE__);			\
	AnnotateIgnoreWritesBegin(__FILE__, __LINE__);			\
	__typeof__(access) raced = (access);				\
	AnnotateIgnoreWritesEnd(__FILE__, __LINE__);			\
	AnnotateIgnoreReadsEnd(__FILE__, __LINE__);			\
	raced; })
#else
#define data_race(access)	(access)
#endif

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	long counter;
} atomic_long_t;

typedef struct {
	s64 counter;
} atomic64_t;

/* The operations the core uses, for one of the types. */
#define STUB_ATOMIC_OPS(name, value)					\
static inline value name##_read(const name##_t *v)			\
{									\
	interleave(#name "_read");					\
	return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);		\
}									\
static inline void name##_set(name##_t *v, value i)			\
{									\
	interleave(#name "_set");					\
	__atomic_store_n(&v->counter, i, __ATOMIC_RELAXED);		\
}									\
static inline void name##_set_release(name##_t *v, value i)		\
{									\
	interleave(#name "_set_release");				\
	__atomic_store_n(&v->counter, i, __ATOMIC_RELEASE);		\
}									\
static inline value name##_fetch_add(value i, name##_t *v)		\
{									\
	interleave(#name "_fetch_add");					\
	return __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline value name##_fetch_or(value i, name##_t *v)		\
{									\
	interleave(#name "_fetch_or");					\
	return __atomic_fetch_or(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline value name##_xchg(name##_t *v, value i)			\
{									\
	interleave(#name "_xchg");					\
	return __atomic_exchange_n(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline bool name##_try_cmpxchg(name##_t *v, value *old, value i)	\
{									\
	interleave(#name "_try_cmpxchg");				\
	return __atomic_compare_exchange_n(&v->counter, old, i, false,	\
					   __ATOMIC_SEQ_CST,		\
					   __ATOMIC_RELAXED);		\
}									\
static inline value name##_add_return(value i, name##_t *v)		\
{									\
	return name##_fetch_add(i, v) + i;				\
}									\
static inline value name##_inc_return(name##_t *v)			\
{									\
	return name##_add_return(1, v);					\
}									\
static inline value name##_fetch_inc(name##_t *v)			\
{									\
	return name##_fetch_add(1, v);					\
}									\
static inline value name##_add_return_relaxed(value i, name##_t *v)	\
{									\
	interleave(#name "_fetch_add");					\
	return __atomic_add_fetch(&v->counter, i, __ATOMIC_RELAXED);	\
}									\
static inline bool name##_try_cmpxchg_relaxed(name##_t *v, value *old,	\
					      value i)			\
{									\
	interleave(#name "_try_cmpxchg");				\
	return __atomic_compare_exchange_n(&v->counter, old, i, false,	\
					   __ATOMIC_RELAXED,		\
					   __ATOMIC_RELAXED);		\
}									\
static inline void name##_add(value i, name##_t *v)			\
{									\
	name##_add_return_relaxed(i, v);				\
}									\
static inline void name##_and(value i, name##_t *v)			\
{									\
	interleave(#name "_and");					\
	__atomic_fetch_and(&v->counter, i, __ATOMIC_RELAXED);		\
}									\
static inline void name##_sub(value i, name##_t *v)			\
{									\
	name##_add(-i, v);						\
}									\
static inline void name##_inc(name##_t *v)				\
{									\
	name##_add(1, v);						\
}									\
static inline void name##_dec(name##_t *v)				\
{									\
	name##_add(-1, v);						\
}

STUB_ATOMIC_OPS(atomic, int)
STUB_ATOMIC_OPS(atomic_long, long)
STUB_ATOMIC_OPS(atomic64, s64)

static inline bool test_bit(long nr, const unsigned long *bits)
{
	const unsigned long *word = bits + nr / BITS_PER_LONG;

	interleave("test_bit");
	return __atomic_load_n(word, __ATOMIC_RELAXED) >> nr % BITS_PER_LONG &
	       1;
}

static inline bool test_and_set_bit(long nr, unsigned long *bits)
{
	unsigned long bit = BIT(nr % BITS_PER_LONG);

	interleave("test_and_set_bit");
	return __atomic_fetch_or(&bits[nr / BITS_PER_LONG], bit,
				 __ATOMIC_SEQ_CST) & bit;
}

static inline void clear_bit(long nr, unsigned long *bits)
{
	interleave("clear_bit");
	__atomic_fetch_and(&bits[nr / BITS_PER_LONG],
			   ~BIT(nr % BITS_PER_LONG), __ATOMIC_RELAXED);
}

static inline void clear_bit_unlock(long nr, unsigned long *bits)
{
	interleave("clear_bit_unlock");
	__atomic_fetch_and(&bits[nr / BITS_PER_LONG],
			   ~BIT(nr % BITS_PER_LONG), __ATOMIC_RELEASE);
}

#endif /* STUB_ATOMIC_H */
