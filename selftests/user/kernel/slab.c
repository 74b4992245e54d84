// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel's slab and vmalloc, from the C library's malloc(): so the
 * sanitizers watch what the core takes there.  Any thread, and interrupts, which
 * must not break in on malloc().
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "mm.h"

struct kmem_cache {
	size_t size;
	atomic_long_t live;
};

static bool fails(gfp_t gfp)
{
	might_alloc(gfp);
	return !(gfp & __GFP_NOFAIL) && stub_memory_fails &&
	       stub_memory_fails(-1);
}

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

	if (fails(gfp))
		return NULL;
	p = get(max(bytes & -bytes, 8UL), bytes);
	return p ? memset(p, 0, bytes) : NULL;
}

void kfree(const void *p)
{
	put(p);
}

void *kvcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kcalloc(n, size, gfp);
}

void kvfree(const void *p)
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
	if (fails(gfp))
		return NULL;
	atomic_long_inc(&cache->live);
	return get(8, cache->size);
}

void kmem_cache_free(struct kmem_cache *cache, void *p)
{
	atomic_long_dec(&cache->live);
	put(p);
}

static atomic_long_t vmalloc_bytes;

unsigned long stub_vmalloc_bytes(void)
{
	return atomic_long_read(&vmalloc_bytes);
}

/* vmalloc areas begin with a page that holds their size. */
void *__vmalloc(size_t size, gfp_t gfp)
{
	size_t bytes = PAGE_ALIGN(size) + PAGE_SIZE;
	char *p;

	if (fails(gfp) || bytes < size)
		return NULL;
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	*(size_t *)p = bytes;
	atomic_long_add(bytes - PAGE_SIZE, &vmalloc_bytes);
	if (stub_pages_strict && !(gfp & __GFP_ZERO))
		memset(p + PAGE_SIZE, 0xaa, bytes - PAGE_SIZE);
	return p + PAGE_SIZE;
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
	char *area = (char *)p - PAGE_SIZE;

	if (!p)
		return;
	might_sleep();
	atomic_long_sub(*(size_t *)area - PAGE_SIZE, &vmalloc_bytes);
	/* Whoever gets these addresses next may use them. */
	if (CONFIG_KASAN_GENERIC)
		kasan_poison(area, *(size_t *)area, 0, false);
	munmap(area, *(size_t *)area);
}

/* What is neither linear nor below may be. */
bool is_vmalloc_addr(const void *p)
{
	return (unsigned long)p >= stub_linear_end;
}
