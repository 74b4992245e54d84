// SPDX-License-Identifier: GPL-2.0
/*
 * The two allocators, by the same functions.
 *
 * They are called through pointers, so the compiler, which knows what kmalloc()
 * and kfree() are, neither warns of what the rows do nor makes use of it.
 * Sleep, so task context; no locks.
 */
#include <linux/err.h>
#include <linux/mm.h>

#include "misuse.h"

static void *ours_alloc(size_t size)
{
	return hoardk_alloc(size, GFP_KERNEL);
}

static void *ours_calloc(size_t n, size_t size)
{
	return hoardk_calloc(n, size, GFP_KERNEL);
}

static void *ours_aligned(size_t align, size_t size)
{
	return hoardk_memalign(align, size, GFP_KERNEL);
}

static void *ours_realloc(const void *p, size_t size)
{
	return hoardk_realloc(p, size, GFP_KERNEL);
}

static void *ours_orphan(size_t size)
{
	struct hoardk_heap *heap = hoardk_heap_create("misuse", NULL);
	void *p;

	if (!expect(real_block(heap)))
		return NULL;
	p = hoardk_heap_alloc(heap, size, GFP_KERNEL);
	hoardk_heap_destroy(heap);
	return p;
}

const struct side hoardk_side = {
	.name = "hoardk",
	.alloc = ours_alloc,
	.free = hoardk_free,
	.calloc = ours_calloc,
	.aligned = ours_aligned,
	.realloc = ours_realloc,
	.usable = hoardk_usable_size,
	.orphan = ours_orphan,
	.orphan_free = hoardk_free,
};

static struct kmem_cache *cache;

static void *slub_alloc(size_t size)
{
	return kmalloc(size, GFP_KERNEL);
}

static void *slub_calloc(size_t n, size_t size)
{
	return kcalloc(n, size, GFP_KERNEL);
}

/* Alignment is for caches alone. */
static void *slub_aligned(size_t align, size_t size)
{
	if (!cache)
		cache = kmem_cache_create("hoardk_misuse", size, align, 0,
					  NULL);
	return cache ? kmem_cache_alloc(cache, GFP_KERNEL) : NULL;
}

static void *slub_realloc(const void *p, size_t size)
{
	return krealloc(p, size, GFP_KERNEL);
}

/* A cache that has one is not merged with others, so it can be destroyed. */
static void construct(void *p)
{
}

static void *slub_orphan(size_t size)
{
	void *p;

	cache = kmem_cache_create("hoardk_misuse", size, 0, 0, construct);
	if (!expect_not_null(cache))
		return NULL;
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_destroy(cache);
	return p;
}

static void slub_orphan_free(const void *p)
{
	kmem_cache_free(cache, (void *)p);
}

const struct side slub_side = {
	.name = "slub",
	.alloc = slub_alloc,
	.free = kfree,
	.calloc = slub_calloc,
	.aligned = slub_aligned,
	.realloc = slub_realloc,
	.usable = ksize,
	.orphan = slub_orphan,
	.orphan_free = slub_orphan_free,
};
