// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel's page allocator: a buddy system over address space that is
 * reserved once, a part for each node.  Any context; pages_lock covers all.
 *
 * Strict, freed pages go back to the system and their addresses are no longer
 * mapped, so that a touch after the return is a fault and no luck, and the
 * address that was freed last is used last.
 *
 * Not strict, the page that was freed last is used first, and some stay dirty
 * for that instead of going back, until stub_pages_age() finds that they are not
 * needed.  A dirty block is not joined with a clean one.
 *
 * What was never used cannot be accessed, lest mlockall() fill all of it.
 */
#include <stdio.h>
#include <sys/mman.h>

#include "lock.h"
#include "mm.h"

/* Address space of a node: less if the system does not give so much. */
#define NODE_BYTES_MAX		(32UL << 30)
#define NODE_BYTES_MIN		(64UL << 20)
#define MAX_BLOCK		(PAGE_SIZE << MAX_PAGE_ORDER)

/* Pages that may stay dirty, beside half of those that are taken. */
#define DIRTY_PAGES		((32UL << 20) >> PAGE_SHIFT)
/* How many calls of stub_pages_age() they may, at most. */
#define DIRTY_AGE		2
/* What is zeroed rather than taken from the system, at most. */
#define ZERO_ORDER		5

/**
 * struct zone - a node's pages; pages_lock
 * @free: free blocks, clean and dirty ones, by order
 * @fresh: number of the first page that was never used
 * @end: of the first beyond the node
 */
struct zone {
	struct list_head free[2][MAX_PAGE_ORDER + 1];
	unsigned long fresh;
	unsigned long end;
};

struct page *mem_map;
unsigned long stub_linear_start;
unsigned long stub_linear_end;
unsigned long stub_ram_pages;
bool stub_pages_strict;
bool stub_init_on_alloc;
bool stub_init_on_free;
bool (*stub_memory_fails)(int order, gfp_t gfp);

static raw_spinlock_t pages_lock;
static struct zone zones[MAX_NUMNODES];
static unsigned long node_pages;
static unsigned long pages_taken;
static unsigned long pages_dirty;
/* Calls of stub_pages_age(). */
static u8 pages_clock;

static void *reserve(size_t size)
{
	void *p = mmap(NULL, size, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* The linear map and its pages' structures, as large as can be had. */
static void reserve_nodes(unsigned int nodes)
{
	unsigned long bytes, size;
	char *start;

	for (bytes = NODE_BYTES_MAX; bytes >= NODE_BYTES_MIN; bytes /= 2) {
		size = bytes * nodes;
		start = reserve(size + MAX_BLOCK);
		if (!start)
			continue;
		mem_map = reserve((size >> PAGE_SHIFT) * sizeof(*mem_map));
		if (mem_map)
			break;
		munmap(start, size + MAX_BLOCK);
	}
	if (!mem_map)
		stub_bug("cannot reserve address space");
	node_pages = bytes >> PAGE_SHIFT;
	stub_linear_start = ALIGN((unsigned long)start, MAX_BLOCK);
	stub_linear_end = stub_linear_start + size;
}

static void zone_init(struct zone *z, unsigned long first)
{
	struct list_head *list = z->free[0];
	size_t i;

	for (i = 0; i < sizeof(z->free) / sizeof(*list); i++)
		list[i] = (struct list_head)LIST_HEAD_INIT(list[i]);
	z->fresh = first;
	z->end = first + node_pages;
}

/* Once.  The number of nodes cannot change later. */
void stub_memory_init(unsigned int nodes)
{
	unsigned int i;

	if (mem_map)
		return;
	nr_node_ids = nodes;
	reserve_nodes(nodes);
	for (i = 0; i < nodes; i++)
		zone_init(&zones[i], i * node_pages);
}

int page_to_nid(const struct page *page)
{
	return (page - mem_map) / node_pages;
}

unsigned long totalram_pages(void)
{
	return stub_ram_pages ?: nr_node_ids * node_pages;
}

unsigned long stub_pages_taken(void)
{
	return __atomic_load_n(&pages_taken, __ATOMIC_RELAXED);
}

/* Locked: a free block goes on its list. */
static void block_put(struct zone *z, struct page *page, unsigned int order,
		      bool dirty)
{
	struct list_head *list = &z->free[dirty][order];

	page->free = true;
	page->order = order;
	page->dirty = dirty;
	page->stamp = pages_clock;
	if (dirty)
		__atomic_store_n(&pages_dirty, pages_dirty + (1UL << order),
				 __ATOMIC_RELAXED);
	if (stub_pages_strict)
		list_add_tail(&page->link, list);
	else
		list_add(&page->link, list);
}

/* Locked: it leaves the list. */
static void block_del(struct page *page)
{
	list_del(&page->link);
	page->free = false;
	if (page->dirty)
		__atomic_store_n(&pages_dirty,
				 pages_dirty - (1UL << page->order),
				 __ATOMIC_RELAXED);
}

/* Locked: the smallest free block that has that order, or NULL. */
static struct page *block_find(struct zone *z, unsigned int order, bool dirty)
{
	for (; order <= MAX_PAGE_ORDER; order++)
		if (!list_empty(&z->free[dirty][order]))
			return list_entry(z->free[dirty][order].next,
					  struct page, link);
	return NULL;
}

static bool map(void *p, size_t size)
{
	return !mprotect(p, size, PROT_READ | PROT_WRITE);
}

/* Locked: a block that was never used, of the largest order; or NULL. */
static struct page *block_fresh(struct zone *z)
{
	unsigned long nr = 1UL << MAX_PAGE_ORDER;
	struct page *page = mem_map + z->fresh;

	BUILD_BUG_ON((sizeof(*page) << MAX_PAGE_ORDER) % PAGE_SIZE);
	if (z->fresh == z->end || !map(page, nr * sizeof(*page)) ||
	    (!stub_pages_strict && !map(page_address(page), MAX_BLOCK)))
		return NULL;
	z->fresh += nr;
	page->order = MAX_PAGE_ORDER;
	page->dirty = false;
	return page;
}

/*
 * Locked: a block of an order, split off a larger one or never used; or NULL.
 * @dirty: rather one of those.
 */
static struct page *block_get(struct zone *z, unsigned int order, bool dirty)
{
	struct page *page = block_find(z, order, dirty);
	unsigned int o;

	if (!page)
		page = block_find(z, order, !dirty);
	if (page)
		block_del(page);
	else
		page = block_fresh(z);
	if (!page)
		return NULL;
	for (o = page->order; o-- > order;)
		block_put(z, page + (1UL << o), o, page->dirty);
	page->order = order;
	return page;
}

/* Locked: a block comes back and is joined with its free buddies. */
static void block_join(struct zone *z, struct page *page, unsigned int order,
		       bool dirty)
{
	unsigned long number = page - mem_map;
	struct page *buddy;

	for (; order < MAX_PAGE_ORDER; order++) {
		buddy = mem_map + (number ^ 1UL << order);
		if (!buddy->free || buddy->order != order ||
		    buddy->dirty != dirty)
			break;
		block_del(buddy);
		number &= ~(1UL << order);
	}
	block_put(z, mem_map + number, order, dirty);
}

/* Memory that a program has locked does not go: then it is cleared. */
static void clean(void *p, size_t size)
{
	int error = errno;

	if (madvise(p, size, MADV_DONTNEED))
		memset(p, 0, size);
	errno = error;
}

static void unmap(void *p, size_t size)
{
	if (mmap(p, size, PROT_NONE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS |
		 MAP_NORESERVE, -1, 0) == MAP_FAILED)
		stub_bug("%zu bytes stay accessible", size);
}

static struct page *zone_alloc(int node, gfp_t gfp, unsigned int order)
{
	bool dirty = !(gfp & __GFP_ZERO) || order <= ZERO_ORDER;
	struct page *page;
	unsigned long flags;

	raw_spin_lock_irqsave(&pages_lock, flags);
	page = block_get(&zones[node], order, dirty);
	if (page)
		__atomic_store_n(&pages_taken, pages_taken + (1UL << order),
				 __ATOMIC_RELAXED);
	raw_spin_unlock_irqrestore(&pages_lock, flags);
	return page;
}

unsigned long stub_pages_dirty(void)
{
	return __atomic_load_n(&pages_dirty, __ATOMIC_RELAXED);
}

/* Locked: the largest dirty block, and of these the oldest; or NULL. */
static struct page *block_old(struct zone *z, unsigned int age)
{
	struct list_head *list;
	struct page *page;
	int order;

	for (order = MAX_PAGE_ORDER; order >= 0; order--) {
		list = &z->free[true][order];
		if (list_empty(list))
			continue;
		page = list_entry(list->prev, struct page, link);
		if ((u8)(pages_clock - page->stamp) >= age)
			return page;
	}
	return NULL;
}

/* Clean one dirty block that is so old; false if there is none. */
static bool zone_clean(struct zone *z, unsigned int age)
{
	struct page *page;
	unsigned long flags;

	raw_spin_lock_irqsave(&pages_lock, flags);
	page = block_old(z, age);
	if (page)
		block_del(page);
	raw_spin_unlock_irqrestore(&pages_lock, flags);
	if (!page)
		return false;
	clean(page_address(page), PAGE_SIZE << page->order);
	raw_spin_lock_irqsave(&pages_lock, flags);
	block_join(z, page, page->order, false);
	raw_spin_unlock_irqrestore(&pages_lock, flags);
	return true;
}

/* Pages that may stay dirty. */
static unsigned long dirty_limit(void)
{
	return DIRTY_PAGES + stub_pages_taken() / 2;
}

static void zone_free(struct page *page, unsigned int order)
{
	struct zone *z = &zones[page_to_nid(page)];
	unsigned long flags;

	if (stub_pages_strict)
		unmap(page_address(page), PAGE_SIZE << order);
	raw_spin_lock_irqsave(&pages_lock, flags);
	block_join(z, page, order, !stub_pages_strict);
	__atomic_store_n(&pages_taken, pages_taken - (1UL << order),
			 __ATOMIC_RELAXED);
	raw_spin_unlock_irqrestore(&pages_lock, flags);
	/* Large blocks, so that one goes for many pages that came. */
	while (stub_pages_dirty() > dirty_limit() && zone_clean(z, 0))
		;
}

/*
 * From time to time: return the dirty pages that nobody has needed for a while,
 * or @all.
 */
void stub_pages_age(bool all)
{
	unsigned long flags;
	unsigned int node;

	raw_spin_lock_irqsave(&pages_lock, flags);
	pages_clock++;
	raw_spin_unlock_irqrestore(&pages_lock, flags);
	for (node = 0; node < nr_node_ids; node++)
		while (zone_clean(&zones[node], all ? 0 : DIRTY_AGE))
			;
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
	    stub_memory_fails(order, gfp))
		return NULL;
	if (node == NUMA_NO_NODE)
		node = numa_mem_id();
	page = zone_alloc(node, gfp, order);
	for (node = 0; !page && !(gfp & __GFP_THISNODE) &&
	     node < (int)nr_node_ids; node++)
		page = zone_alloc(node, gfp, order);
	if (!page) {
		/* For who stands in for malloc(). */
		errno = ENOMEM;
		return NULL;
	}
	atomic_set(&page->count, 1);
	page->compound = order && gfp & __GFP_COMP;
	if (CONFIG_KASAN_GENERIC)
		kasan_poison(page_address(page), PAGE_SIZE << order, 0, false);
	if (stub_pages_strict) {
		if (!map(page_address(page), PAGE_SIZE << order))
			stub_bug("pages stay without access");
		if (!(gfp & __GFP_ZERO))
			memset(page_address(page), 0xaa, PAGE_SIZE << order);
	}
	if (page->dirty && gfp & __GFP_ZERO)
		memset(page_address(page), 0, PAGE_SIZE << order);
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
