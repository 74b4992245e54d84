// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel's slab for who stands in for the C library's malloc(): caches
 * from the stub's pages, the rest, which is little, from areas as vmalloc's.  Any
 * context, as in the kernel; a cache's lock is innermost.
 */
#include "lock.h"
#include "mm.h"

/**
 * struct kmem_cache - a slab cache; its pages are never returned
 * @lock: covers the rest
 * @size: bytes an object
 * @free: free objects, linked through their first word
 * @live: objects that are not free
 */
struct kmem_cache {
	raw_spinlock_t lock;
	size_t size;
	void **free;
	long live;
};

/* As kmalloc() aligns what is large enough. */
#define AREA_HEADER	SMP_CACHE_BYTES

void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	return stub_area_get(n * size, AREA_HEADER, gfp);
}

void kfree(const void *p)
{
	if (p)
		stub_area_put(p, AREA_HEADER);
}

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
				     unsigned int align, unsigned long flags,
				     void (*ctor)(void *p))
{
	struct kmem_cache *cache = kcalloc(1, sizeof(*cache), GFP_KERNEL);

	if (cache)
		cache->size = size;
	return cache;
}

void kmem_cache_destroy(struct kmem_cache *cache)
{
	if (cache->live)
		stub_bug("a slab cache is destroyed with live objects");
	kfree(cache);
}

/* Locked. */
static void *object_take(struct kmem_cache *cache)
{
	void **p = cache->free;

	if (p) {
		cache->free = *p;
		cache->live++;
	}
	return p;
}

/* Locked. */
static void object_put(struct kmem_cache *cache, void **p)
{
	*p = cache->free;
	cache->free = p;
}

/* Another page of objects; false if there is none. */
static bool cache_grow(struct kmem_cache *cache, gfp_t gfp)
{
	char *page = (char *)__get_free_page(gfp);
	unsigned long flags;
	size_t at;

	if (!page)
		return false;
	raw_spin_lock_irqsave(&cache->lock, flags);
	for (at = 0; at + cache->size <= PAGE_SIZE; at += cache->size)
		object_put(cache, (void **)(page + at));
	raw_spin_unlock_irqrestore(&cache->lock, flags);
	return true;
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	unsigned long flags;
	void *p;

	if (stub_slab_fails(gfp))
		return NULL;
	do {
		raw_spin_lock_irqsave(&cache->lock, flags);
		p = object_take(cache);
		raw_spin_unlock_irqrestore(&cache->lock, flags);
	} while (!p && cache_grow(cache, gfp));
	return p;
}

void kmem_cache_free(struct kmem_cache *cache, void *p)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&cache->lock, flags);
	object_put(cache, p);
	cache->live--;
	raw_spin_unlock_irqrestore(&cache->lock, flags);
}
