// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel's slab and vmalloc, for who stands in for the C library's
 * malloc(): from the stub's pages and from mmap().  Any context, as in the
 * kernel; a cache's lock is innermost but for that of the pages.
 */
#include <sys/mman.h>

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

/* What an area from areas_get() begins with. */
#define AREA_HEADER	16

static atomic_long_t vmalloc_bytes;

static bool fails(gfp_t gfp)
{
	might_alloc(gfp);
	return !(gfp & __GFP_NOFAIL) && stub_memory_fails &&
	       stub_memory_fails(-1);
}

/* Zeroed memory behind @header bytes, the first of which hold the size. */
static void *area_get(size_t size, size_t header, gfp_t gfp)
{
	size_t bytes = PAGE_ALIGN(size + header);
	char *p;

	if (fails(gfp) || bytes < size)
		return NULL;
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	*(size_t *)p = bytes;
	return p + header;
}

/* The bytes it had. */
static size_t area_put(const void *p, size_t header)
{
	char *area = (char *)p - header;
	size_t bytes = *(size_t *)area;

	munmap(area, bytes);
	return bytes;
}

void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	return area_get(n * size, AREA_HEADER, gfp);
}

void kfree(const void *p)
{
	if (p)
		area_put(p, AREA_HEADER);
}

void *kvcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kcalloc(n, size, gfp);
}

void kvfree(const void *p)
{
	kfree(p);
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

	if (fails(gfp))
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

unsigned long stub_vmalloc_bytes(void)
{
	return atomic_long_read(&vmalloc_bytes);
}

void *__vmalloc(size_t size, gfp_t gfp)
{
	void *p = area_get(size, PAGE_SIZE, gfp);

	if (p)
		atomic_long_add(PAGE_ALIGN(size), &vmalloc_bytes);
	return p;
}

void *vzalloc(size_t size)
{
	return __vmalloc(size, GFP_KERNEL | __GFP_ZERO);
}

void *vmalloc_node(size_t size, int node)
{
	return __vmalloc(size, GFP_KERNEL);
}

void *vzalloc_node(size_t size, int node)
{
	return vzalloc(size);
}

void vfree(const void *p)
{
	if (!p)
		return;
	might_sleep();
	atomic_long_sub(area_put(p, PAGE_SIZE) - PAGE_SIZE, &vmalloc_bytes);
}

/* What is neither linear nor below may be. */
bool is_vmalloc_addr(const void *p)
{
	return (unsigned long)p >= stub_linear_end;
}
