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
 * Limits: alignments up to 4 MiB, blocks below 32 GiB, 8192 threads.  A call amid
 * a call, from a signal handler, ends the process.  A wild pointer that free()
 * gets is refused, unless it points to where nothing was ever mapped.  Programs
 * that use liburcu-bp themselves must leave its part of fork() to the library.
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
/* The core's own fast path lies in the function, and so do the rest's calls. */
#define FAST		__attribute__((__flatten__))
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
 * Any size, and from any thread: the first call, no bytes at all, which get an
 * address of their own, and what does not come from superblocks.
 */
static noinline void *malloc_any(size_t size)
{
	ensure_started();
	size = round_up(max(size, 1UL));
	return or_enomem(size ? hoardk_alloc(size, GFP_KERNEL) : NULL);
}

static noinline void *zalloc_any(size_t size)
{
	ensure_started();
	size = round_up(max(size, 1UL));
	return or_enomem(size ? hoardk_zalloc(size, GFP_KERNEL) : NULL);
}

static __always_inline bool is_usual(size_t size)
{
	return likely(size - 1 < SMALL_MAX && this_cpu);
}

/* Small blocks fail for want of pages: then the stub has set errno. */
EXPORT FAST void *malloc(size_t size)
{
	if (!is_usual(size))
		return malloc_any(size);
	return hoardk_alloc(round_up(size), GFP_KERNEL);
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
static bool free_last(void *p)
{
	struct superblock *sb = superblock_of(p);

	if (!thread_is_over() ||
	    (superblock_holds(sb, p) && sb->size < sizeof(struct rcu_head)))
		return false;
	call_rcu((struct rcu_head *)p, free_rcu);
	return true;
}

/* A thread's first call, or its last. */
static noinline void free_any(void *p)
{
	if (free_last(p))
		return;
	ensure_started();
	hoardk_free(p);
}

EXPORT FAST void free(void *p)
{
	if (unlikely(!p))
		return;
	if (unlikely(!this_cpu))
		return free_any(p);
	hoardk_free(p);
}

EXPORT FAST void *calloc(size_t n, size_t size)
{
	size_t bytes;

	if (unlikely(check_mul_overflow(n, size, &bytes)))
		return or_enomem(NULL);
	if (!is_usual(bytes))
		return zalloc_any(bytes);
	return hoardk_zalloc(round_up(bytes), GFP_KERNEL);
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
	bool valid = is_power_of_2(align) && align % sizeof(void *) == 0;
	void *p = valid ? alloc_aligned(align, size) : NULL;

	if (!p)
		return valid ? ENOMEM : EINVAL;
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
	stub_pages_age(true);
	return stub_pages_taken() < before;
}
