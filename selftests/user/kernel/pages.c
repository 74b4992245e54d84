// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel's page allocator: a buddy system over address space that is
 * reserved once, a part for each node.  Any context; pages_lock covers all.
 *
 * Freed pages go back to the system.  Strict, their addresses are no longer
 * mapped either, so that a touch after the return is a fault and no luck, and
 * the address that was freed last is used last.
 */
#include <stdio.h>
#include <sys/mman.h>

#include "lock.h"
#include "mm.h"

#define NODE_BYTES		(32UL << 30)
#define MAX_BLOCK		(PAGE_SIZE << MAX_PAGE_ORDER)
#define NODE_PAGES		(NODE_BYTES >> PAGE_SHIFT)

/**
 * struct zone - a node's pages; pages_lock
 * @free: free blocks by order
 * @fresh: number of the first page that was never used
 * @end: of the first beyond the node
 */
struct zone {
	struct list_head free[MAX_PAGE_ORDER + 1];
	unsigned long fresh;
	unsigned long end;
};

struct page *mem_map;
unsigned long stub_linear_start;
unsigned long stub_linear_end;
bool stub_pages_strict;
bool stub_init_on_alloc;
bool stub_init_on_free;
bool (*stub_memory_fails)(int order);

static raw_spinlock_t pages_lock;
static struct zone zones[MAX_NUMNODES];
static unsigned long pages_taken;

static void *reserve(size_t size, int prot)
{
	void *p = mmap(NULL, size, prot,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		stub_bug("cannot reserve %zu bytes of address space", size);
	return p;
}

/* Once.  The number of nodes cannot change later. */
void stub_memory_init(unsigned int nodes)
{
	unsigned int i, order;
	size_t size;

	if (mem_map)
		return;
	nr_node_ids = nodes;
	size = nodes * NODE_BYTES;
	stub_linear_start = (unsigned long)reserve(size + MAX_BLOCK,
						   stub_pages_strict ?
						   PROT_NONE :
						   PROT_READ | PROT_WRITE);
	stub_linear_start = ALIGN(stub_linear_start, MAX_BLOCK);
	stub_linear_end = stub_linear_start + size;
	mem_map = reserve((size >> PAGE_SHIFT) * sizeof(*mem_map),
			  PROT_READ | PROT_WRITE);
	for (i = 0; i < nodes; i++) {
		for (order = 0; order <= MAX_PAGE_ORDER; order++)
			zones[i].free[order] = (struct list_head)
				LIST_HEAD_INIT(zones[i].free[order]);
		zones[i].fresh = i * NODE_PAGES;
		zones[i].end = (i + 1) * NODE_PAGES;
	}
}

int page_to_nid(const struct page *page)
{
	return (page - mem_map) / NODE_PAGES;
}

unsigned long totalram_pages(void)
{
	return nr_node_ids * NODE_PAGES;
}

unsigned long stub_pages_taken(void)
{
	return __atomic_load_n(&pages_taken, __ATOMIC_RELAXED);
}

/* Locked: a free block goes on its list. */
static void block_put(struct zone *z, struct page *page, unsigned int order)
{
	page->free = true;
	page->order = order;
	if (stub_pages_strict)
		list_add_tail(&page->link, &z->free[order]);
	else
		list_add(&page->link, &z->free[order]);
}

/* Locked: a block of an order, split off a larger one or never used; or NULL. */
static struct page *block_get(struct zone *z, unsigned int order)
{
	struct page *page;
	unsigned int o;

	for (o = order; o <= MAX_PAGE_ORDER; o++)
		if (!list_empty(&z->free[o]))
			break;
	if (o <= MAX_PAGE_ORDER) {
		page = list_entry(z->free[o].next, struct page, link);
		list_del(&page->link);
		page->free = false;
	} else if (z->fresh < z->end) {
		o = MAX_PAGE_ORDER;
		page = mem_map + z->fresh;
		z->fresh += 1UL << o;
	} else {
		return NULL;
	}
	while (o-- > order)
		block_put(z, page + (1UL << o), o);
	page->order = order;
	return page;
}

/* Locked: a block comes back and is joined with its free buddies. */
static void block_join(struct zone *z, struct page *page, unsigned int order)
{
	unsigned long number = page - mem_map;
	struct page *buddy;

	for (; order < MAX_PAGE_ORDER; order++) {
		buddy = mem_map + (number ^ 1UL << order);
		if (!buddy->free || buddy->order != order)
			break;
		list_del(&buddy->link);
		buddy->free = false;
		number &= ~(1UL << order);
	}
	block_put(z, mem_map + number, order);
}

static void map(void *p, size_t size)
{
	if (mprotect(p, size, PROT_READ | PROT_WRITE))
		stub_bug("cannot map %zu bytes", size);
}

static void unmap(void *p, size_t size)
{
	if (!stub_pages_strict) {
		madvise(p, size, MADV_DONTNEED);
		return;
	}
	if (mmap(p, size, PROT_NONE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS |
		 MAP_NORESERVE, -1, 0) == MAP_FAILED)
		stub_bug("cannot unmap %zu bytes", size);
}

static struct page *zone_alloc(int node, unsigned int order)
{
	struct page *page;
	unsigned long flags;

	raw_spin_lock_irqsave(&pages_lock, flags);
	page = block_get(&zones[node], order);
	if (page)
		__atomic_store_n(&pages_taken, pages_taken + (1UL << order),
				 __ATOMIC_RELAXED);
	raw_spin_unlock_irqrestore(&pages_lock, flags);
	return page;
}

static void zone_free(struct page *page, unsigned int order)
{
	unsigned long flags;

	unmap(page_address(page), PAGE_SIZE << order);
	raw_spin_lock_irqsave(&pages_lock, flags);
	block_join(&zones[page_to_nid(page)], page, order);
	__atomic_store_n(&pages_taken, pages_taken - (1UL << order),
			 __ATOMIC_RELAXED);
	raw_spin_unlock_irqrestore(&pages_lock, flags);
}

#if CONFIG_KASAN_GENERIC
void __asan_poison_memory_region(const volatile void *p, size_t size);
void __asan_unpoison_memory_region(const volatile void *p, size_t size);

/* As KASAN does, for AddressSanitizer: see hoardk/compat.h. */
void kasan_poison(const void *p, size_t size, u8 value, bool init)
{
	if (value)
		__asan_poison_memory_region(p, size);
	if (!value)
		__asan_unpoison_memory_region(p, size);
	else if (value < 8)
		__asan_unpoison_memory_region(p, value);
}
#endif

struct page *alloc_pages_node(int node, gfp_t gfp, unsigned int order)
{
	struct page *page;

	might_alloc(gfp);
	if (in_nmi())
		stub_bug("pages are allocated in an NMI");
	if (!(gfp & __GFP_NOFAIL) && stub_memory_fails &&
	    stub_memory_fails(order))
		return NULL;
	if (node == NUMA_NO_NODE)
		node = numa_mem_id();
	page = zone_alloc(node, order);
	for (node = 0; !page && !(gfp & __GFP_THISNODE) &&
	     node < (int)nr_node_ids; node++)
		page = zone_alloc(node, order);
	if (!page)
		return NULL;
	atomic_set(&page->count, 1);
	if (CONFIG_KASAN_GENERIC)
		kasan_poison(page_address(page), PAGE_SIZE << order, 0, false);
	if (stub_pages_strict) {
		map(page_address(page), PAGE_SIZE << order);
		if (!(gfp & __GFP_ZERO))
			memset(page_address(page), 0xaa, PAGE_SIZE << order);
	}
	return page;
}

void put_page(struct page *page)
{
	if (atomic_add_return(-1, &page->count) < 0)
		stub_bug("a page is released that is free");
}

void __free_pages(struct page *page, unsigned int order)
{
	int left = atomic_add_return(-1, &page->count);

	if (left < 0)
		stub_bug("pages are freed that are free");
	if (!left)
		zone_free(page, order);
}

void split_page(struct page *page, unsigned int order)
{
	unsigned long i;

	for (i = 0; i < 1UL << order; i++)
		atomic_set(&page[i].count, 1);
}

/* Pages that were split: as blocks as large as their numbers allow. */
void free_pages_exact(void *p, size_t size)
{
	unsigned long n = PAGE_ALIGN(size) >> PAGE_SHIFT;
	struct page *page = virt_to_page(p);
	unsigned int order;

	while (n) {
		order = min(ilog2(n), MAX_PAGE_ORDER);
		order = min(order, __ffs(page - mem_map + (1UL << order)));
		__free_pages(page, order);
		page += 1UL << order;
		n -= 1UL << order;
	}
}

unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
{
	struct page *page = alloc_pages_node(NUMA_NO_NODE, gfp, order);

	return page ? (unsigned long)page_address(page) : 0;
}

void free_pages(unsigned long p, unsigned int order)
{
	if (p)
		__free_pages(virt_to_page((void *)p), order);
}
