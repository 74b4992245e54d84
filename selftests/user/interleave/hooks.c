// SPDX-License-Identifier: GPL-2.0
/*
 * What the compiler makes the core call (-fsanitize=thread), before each access
 * to memory and for atomic operations: here in ThreadSanitizer's place.  There
 * is one thread, so these need not be atomic.
 */
#include "explorer.h"

void stub_interleave(const char *function, int line, const char *what)
{
	access_label = what;
}

#define HOOK(name, size, write)						\
void __tsan_##name(void *p)						\
{									\
	access_at(p, size, write, CALLER);				\
}

#define HOOKS(size)							\
	HOOK(read##size, size, false)					\
	HOOK(write##size, size, true)					\
	HOOK(unaligned_read##size, size, false)				\
	HOOK(unaligned_write##size, size, true)

HOOKS(1)
HOOKS(2)
HOOKS(4)
HOOKS(8)
HOOKS(16)

void __tsan_read_range(void *p, size_t size)
{
	access_at(p, size, false, CALLER);
}

void __tsan_write_range(void *p, size_t size)
{
	access_at(p, size, true, CALLER);
}

void __tsan_init(void)
{
}

#define LOAD(bits, type)						\
type __tsan_atomic##bits##_load(const type *p, int order)		\
{									\
	access_at(p, sizeof(*p), false, CALLER);			\
	return *p;							\
}

#define STORE(bits, type)						\
void __tsan_atomic##bits##_store(type *p, type v, int order)		\
{									\
	access_at(p, sizeof(*p), true, CALLER);				\
	*p = v;								\
}

#define FETCH(bits, type, name, expression)				\
type __tsan_atomic##bits##_##name(type *p, type v, int order)		\
{									\
	type old = (access_at(p, sizeof(*p), true, CALLER), *p);	\
									\
	*p = expression;						\
	return old;							\
}

#define EXCHANGE(bits, type, kind)					\
int __tsan_atomic##bits##_compare_exchange_##kind(type *p, type *old,	\
						  type v, int order,	\
						  int failed)		\
{									\
	access_at(p, sizeof(*p), true, CALLER);				\
	if (*p != *old) {						\
		*old = *p;						\
		return 0;						\
	}								\
	*p = v;								\
	return 1;							\
}

#define ATOMICS(bits, type)						\
	LOAD(bits, type)						\
	STORE(bits, type)						\
	FETCH(bits, type, exchange, v)					\
	FETCH(bits, type, fetch_add, old + v)				\
	FETCH(bits, type, fetch_sub, old - v)				\
	FETCH(bits, type, fetch_or, old | v)				\
	FETCH(bits, type, fetch_and, old & v)				\
	EXCHANGE(bits, type, strong)					\
	EXCHANGE(bits, type, weak)

ATOMICS(8, u8)
ATOMICS(16, u16)
ATOMICS(32, u32)
ATOMICS(64, unsigned long)

/* The linker puts this in the place of memset(). */
void *__real_memset(void *p, int value, size_t size);

void *__wrap_memset(void *p, int value, size_t size)
{
	if (size && task_now)
		access_at(p, size, true, CALLER);
	return __real_memset(p, value, size);
}

/* Memory that is not there reads as -EFAULT. */
long copy_from_kernel_nofault(void *to, const void *from, size_t size)
{
	if (!access_nofault(from, CALLER))
		return -EFAULT;
	memcpy(to, from, size);
	return 0;
}
