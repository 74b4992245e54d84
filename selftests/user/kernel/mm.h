/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stub kernel's memory: gfp, mm, mmzone, slab, vmalloc, kasan, kmemleak,
 * kmsan-checks.
 *
 * The linear map is a part of the address space that is reserved once; its
 * pages come and go as they are allocated and freed (see pages.c).  Allocations
 * that may sleep check that they are made where one may sleep.
 */
#ifndef STUB_MM_H
#define STUB_MM_H

#include <linux/types.h>

#include "cpu.h"
#include "list.h"

typedef unsigned int gfp_t;

#define __GFP_DMA		0x1u
#define __GFP_HIGHMEM		0x2u
#define __GFP_DMA32		0x4u
#define __GFP_MOVABLE		0x8u
#define __GFP_RECLAIMABLE	0x10u
#define __GFP_HIGH		0x20u
#define __GFP_IO		0x40u
#define __GFP_FS		0x80u
#define __GFP_ZERO		0x100u
#define __GFP_DIRECT_RECLAIM	0x200u
#define __GFP_KSWAPD_RECLAIM	0x400u
#define __GFP_WRITE		0x800u
#define __GFP_NOWARN		0x1000u
#define __GFP_RETRY_MAYFAIL	0x2000u
#define __GFP_NOFAIL		0x4000u
#define __GFP_NORETRY		0x8000u
#define __GFP_COMP		0x10000u
#define __GFP_NOMEMALLOC	0x20000u
#define __GFP_THISNODE		0x40000u
#define __GFP_ACCOUNT		0x80000u
#define __GFP_MEMALLOC		0x100000u
#define GFP_ZONEMASK		(__GFP_DMA | __GFP_HIGHMEM | __GFP_DMA32 | \
				 __GFP_MOVABLE)
#define GFP_NOWAIT		__GFP_KSWAPD_RECLAIM
#define GFP_ATOMIC		(__GFP_HIGH | __GFP_KSWAPD_RECLAIM)
#define GFP_KERNEL		(__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM | \
				 __GFP_IO | __GFP_FS)

static inline bool gfpflags_allow_blocking(gfp_t gfp)
{
	return gfp & __GFP_DIRECT_RECLAIM;
}

#define might_alloc(gfp) do {						\
	if (gfpflags_allow_blocking(gfp))				\
		might_sleep();						\
} while (0)

#define PAGE_SHIFT		12
#undef PAGE_SIZE
#define PAGE_SIZE		(1UL << PAGE_SHIFT)
#define PAGE_ALIGN(x)		ALIGN((unsigned long)(x), PAGE_SIZE)
#define offset_in_page(p)	((unsigned long)(p) & (PAGE_SIZE - 1))
#define MAX_PAGE_ORDER		10
#define PAGE_ALLOC_COSTLY_ORDER	3

/**
 * struct page - a page of the linear map; lock of pages.c but for @count
 * @link: on a list of free blocks, if it is the first of one
 * @count: references
 * @order: of the free block or allocation that begins here
 * @free: a free block begins here
 * @dirty: of that block or allocation: it may hold anything
 * @compound: allocated with __GFP_COMP
 * @stamp: of that block: when it became free, as stub_pages_age() counts
 */
struct page {
	struct list_head link;
	atomic_t count;
	u8 order;
	bool free;
	bool dirty;
	bool compound;
	u8 stamp;
};

extern struct page *mem_map;
extern unsigned long stub_linear_start;
extern unsigned long stub_linear_end;

#define PAGE_OFFSET		stub_linear_start
#define VMALLOC_START		stub_linear_end
#define high_memory		((void *)stub_linear_end)

static inline struct page *virt_to_page(const void *p)
{
	return &mem_map[((unsigned long)p - stub_linear_start) >> PAGE_SHIFT];
}

static inline void *page_address(const struct page *page)
{
	return (void *)(stub_linear_start +
			((unsigned long)(page - mem_map) << PAGE_SHIFT));
}

static inline int page_ref_count(const struct page *page)
{
	return atomic_read(&page->count);
}

static inline bool PageCompound(const struct page *page)
{
	return page->compound;
}

static inline void get_page(struct page *page)
{
	atomic_inc(&page->count);
}

static inline int get_order(unsigned long size)
{
	return size <= PAGE_SIZE ? 0 : ilog2((size - 1) >> PAGE_SHIFT) + 1;
}

int page_to_nid(const struct page *page);
struct page *alloc_pages_node(int node, gfp_t gfp, unsigned int order);
void put_page(struct page *page);
void __free_pages(struct page *page, unsigned int order);
void split_page(struct page *page, unsigned int order);
void free_pages_exact(void *p, size_t size);
unsigned long __get_free_pages(gfp_t gfp, unsigned int order);
void free_pages(unsigned long p, unsigned int order);
unsigned long totalram_pages(void);

#define __free_page(page)	__free_pages(page, 0)
#define __get_free_page(gfp)	__get_free_pages(gfp, 0)
#define free_page(p)		free_pages(p, 0)

void kasan_poison(const void *p, size_t size, u8 value, bool init);

/* kmemleak.h */
#define kmemleak_alloc(p, size, references, gfp)	((void)0)
#define kmemleak_free(p)	((void)0)

/* kmsan-checks.h */
#define kmsan_poison_memory(p, size, gfp)	((void)0)
#define kmsan_unpoison_memory(p, size)	((void)0)

/* slab.h */
struct kmem_cache;

#define SLAB_NOLEAKTRACE	0

#define ZERO_SIZE_PTR		((void *)16)
#define ZERO_OR_NULL_PTR(p)	((unsigned long)(p) <= 16)

void *kcalloc(size_t n, size_t size, gfp_t gfp);
void kfree(const void *p);
#define kvcalloc(n, size, gfp)	kcalloc(n, size, gfp)
#define kvfree(p)		kfree(p)
struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
				     unsigned int align, unsigned long flags,
				     void (*ctor)(void *p));
void kmem_cache_destroy(struct kmem_cache *cache);
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp);
void kmem_cache_free(struct kmem_cache *cache, void *p);

/* vmalloc.h */
void *__vmalloc(size_t size, gfp_t gfp);
void *vzalloc(size_t size);
void *vmalloc_node(size_t size, int node);
void *vzalloc_node(size_t size, int node);
void vfree(const void *p);
bool is_vmalloc_addr(const void *p);
void *stub_area_get(size_t size, size_t header, gfp_t gfp);
size_t stub_area_put(const void *p, size_t header);
bool stub_slab_fails(gfp_t gfp);

/* What init_on_alloc= and init_on_free= would set. */
extern bool stub_init_on_alloc;
extern bool stub_init_on_free;

/* The kernel patches its code where it is not wanted; so the fast stub. */
#ifdef STUB_FAST
#define STUB_MAY_INIT		0
#else
#define STUB_MAY_INIT		1
#endif

static inline bool want_init_on_alloc(gfp_t gfp)
{
	return (STUB_MAY_INIT && unlikely(stub_init_on_alloc)) ||
	       gfp & __GFP_ZERO;
}

static inline bool want_init_on_free(void)
{
	return STUB_MAY_INIT && unlikely(stub_init_on_free);
}

/*
 * For tests: whether a request for memory fails (NULL: none does).  @order is
 * that of pages, or -1 for slab and vmalloc; @gfp is how it is asked for.
 */
extern bool (*stub_memory_fails)(int order, gfp_t gfp);
/* Freed pages leave the address space at once, and fresh ones hold rubbish. */
extern bool stub_pages_strict;
/* What the machine is said to have; 0: all that can be reserved. */
extern unsigned long stub_ram_pages;
void stub_memory_init(unsigned int nodes);
unsigned long stub_pages_taken(void);
unsigned long stub_pages_dirty(void);
void stub_pages_age(bool all);
unsigned long stub_vmalloc_bytes(void);

#endif /* STUB_MM_H */
