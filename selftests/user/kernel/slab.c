// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel's slab, from the C library's malloc(): so the sanitizers watch
 * what the core takes there.  Any thread, and interrupts, which must not break in
 * on malloc().
 */
#include <stdlib.h>

#include "mm.h"

struct kmem_cache {
	size_t size;
	atomic_long_t live;
};

static void *get(size_t align, size_t size)
{
	unsigned long flags = local_irq_save_flags();
	void *p = aligned_alloc(align, ALIGN(size, align));

	local_irq_restore(flags);
	return p;
}

static void put(const void *p)
{
	unsigned long flags = local_irq_save_flags();

	free((void *)p);
	local_irq_restore(flags);
}

/* As kmalloc() aligns: to the power of two in the size. */
void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes = n * size;
	void *p;

	if (stub_slab_fails(gfp))
		return NULL;
	p = get(max(bytes & -bytes, 8UL), bytes);
	return p ? memset(p, 0, bytes) : NULL;
}

void kfree(const void *p)
{
	put(p);
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
	if (atomic_long_read(&cache->live))
		stub_bug("a slab cache is destroyed with live objects");
	put(cache);
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	if (stub_slab_fails(gfp))
		return NULL;
	atomic_long_inc(&cache->live);
	return get(8, cache->size);
}

void kmem_cache_free(struct kmem_cache *cache, void *p)
{
	atomic_long_dec(&cache->live);
	put(p);
}
