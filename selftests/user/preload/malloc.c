// SPDX-License-Identifier: GPL-2.0
/*
 * libhoardk.so: hoardk's core in place of malloc() under real programs, by
 * LD_PRELOAD.  A test vehicle for the core and nothing to run a system on: the
 * kernel below it is the stub of selftests/user/kernel.
 *
 *   LD_PRELOAD=out/user/libhoardk.so program
 *
 * The environment says more: see start.c.
 *
 * Here are the functions.  Any thread; as with any malloc(), not from a signal
 * handler.  No locks but those of the core and the stub.
 */
#include <errno.h>
#include <linux/hoardk.h>
#include <linux/hoardk_test.h>

#include "../kernel/mm.h"
#include "hoardk/superblock.h"
#include "preload.h"

#define EXPORT		__attribute__((__visibility__("default")))
/* What any object may want. */
#define ABI_ALIGN	16UL

/* 0 for what is too large to be rounded. */
static __always_inline size_t round_up(size_t size)
{
	return size > 8 ? ((size - 1) | (ABI_ALIGN - 1)) + 1 : size;
}

static void *or_enomem(void *p)
{
	if (!p)
		errno = ENOMEM;
	return p;
}

/*
 * The core gave NULL or, for no bytes, ZERO_SIZE_PTR: malloc() has to give an
 * address of its own for no bytes.
 */
static noinline void *alloc_again(size_t size)
{
	return or_enomem(size ? NULL : hoardk_alloc(ABI_ALIGN, GFP_KERNEL));
}

EXPORT void *malloc(size_t size)
{
	void *p;

	ensure_started();
	p = hoardk_alloc(round_up(size), GFP_KERNEL);
	return likely(!ZERO_OR_NULL_PTR(p)) ? p : alloc_again(size);
}

static void free_rcu(struct rcu_head *head)
{
	hoardk_free(head);
}

/*
 * The C library frees things when a thread is all but gone, and others' things,
 * with locks held.  The thread is not made a CPU again for that: its block goes
 * with RCU's callbacks, if it has room for that, as all that are known to come
 * here have.  False if it is to be freed as usual.
 */
static noinline bool free_last(void *p)
{
	struct superblock *sb = superblock_of(p);

	if (!thread_is_over() ||
	    (superblock_holds(sb, p) && sb->size < sizeof(struct rcu_head))) {
		preload_attach();
		return false;
	}
	call_rcu((struct rcu_head *)p, free_rcu);
	return true;
}

EXPORT void free(void *p)
{
	if (unlikely(!p))
		return;
	if (unlikely(!this_cpu) && free_last(p))
		return;
	hoardk_free(p);
}

EXPORT void *calloc(size_t n, size_t size)
{
	size_t bytes;
	void *p;

	ensure_started();
	if (unlikely(check_mul_overflow(n, size, &bytes)))
		return or_enomem(NULL);
	p = hoardk_zalloc(round_up(bytes), GFP_KERNEL);
	return likely(!ZERO_OR_NULL_PTR(p)) ? p : alloc_again(bytes);
}

EXPORT void *realloc(void *p, size_t size)
{
	if (!p)
		return malloc(size);
	if (!size) {
		free(p);
		return NULL;
	}
	ensure_started();
	size = round_up(size);
	return or_enomem(size ? hoardk_realloc(p, size, GFP_KERNEL) : NULL);
}

EXPORT void *reallocarray(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (check_mul_overflow(n, size, &bytes))
		return or_enomem(NULL);
	return realloc(p, bytes);
}

/* @align: a power of two. */
static void *alloc_aligned(size_t align, size_t size)
{
	if (align <= ABI_ALIGN)
		return malloc(max(size, align));
	ensure_started();
	size = round_up(max(size, ABI_ALIGN));
	return size ? hoardk_memalign(align, size, GFP_KERNEL) : NULL;
}

EXPORT int posix_memalign(void **result, size_t align, size_t size)
{
	void *p;

	if (!is_power_of_2(align) || align % sizeof(void *))
		return EINVAL;
	p = alloc_aligned(align, size);
	if (!p)
		return ENOMEM;
	*result = p;
	return 0;
}

EXPORT void *aligned_alloc(size_t align, size_t size)
{
	if (!is_power_of_2(align)) {
		errno = EINVAL;
		return NULL;
	}
	return or_enomem(alloc_aligned(align, size));
}

/* As the C library: an alignment is made a power of two. */
EXPORT void *memalign(size_t align, size_t size)
{
	if (align > SIZE_MAX / 2 + 1) {
		errno = EINVAL;
		return NULL;
	}
	align = align > 1 ? 2UL << ilog2(align - 1) : 1;
	return or_enomem(alloc_aligned(align, size));
}

EXPORT void *valloc(size_t size)
{
	return memalign(PAGE_SIZE, size);
}

EXPORT void *pvalloc(size_t size)
{
	size_t bytes = PAGE_ALIGN(max(size, 1UL));

	return bytes ? memalign(PAGE_SIZE, bytes) : or_enomem(NULL);
}

EXPORT size_t malloc_usable_size(void *p)
{
	if (!p)
		return 0;
	ensure_started();
	return hoardk_usable_size(p);
}

/* All that is empty goes back to the system. */
EXPORT int malloc_trim(size_t keep)
{
	unsigned long before = stub_pages_taken();

	ensure_started();
	hoardk_give_back();
	return stub_pages_taken() < before;
}
