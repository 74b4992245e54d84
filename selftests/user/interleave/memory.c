// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel's page allocator, slab and vmalloc for runs: a linear map and
 * behind it an area for all else.  Nothing is given twice in a run, so a touch
 * of what was freed is always seen, and in every run the same things have the
 * same addresses.
 */
#include <sys/mman.h>

#include "explorer.h"
#include "mm.h"

#define NR_PAGES	(MEMORY_SIZE >> PAGE_SHIFT)
#define NR_LINEAR	(MEMORY_LINEAR >> PAGE_SHIFT)
#define RUBBISH		0xaaaaaaaaaaaaaaaaUL
/* So much of fresh memory holds rubbish: headers, and records. */
#define RUBBISH_WORDS	128

/**
 * struct area - what is given from a part of memory in this run
 * @first: number of its first page that was not given when the run began
 * @next: of the first that was not given
 * @end: of the first beyond
 */
struct area {
	unsigned int first;
	unsigned int next;
	unsigned int end;
};

struct kmem_cache {
	size_t size;
};

KEPT char *memory_start;
KEPT bool *memory_pages;
static KEPT struct area linear = { 0, 0, NR_LINEAR };
static KEPT struct area virtual = { NR_LINEAR, NR_LINEAR, NR_PAGES };
static unsigned long nr_taken;

KEPT struct page *mem_map;
KEPT unsigned long stub_linear_start;
KEPT unsigned long stub_linear_end;
bool stub_init_on_alloc;
bool stub_init_on_free;
bool (*stub_memory_fails)(int order, gfp_t gfp);

static void *reserve(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		stub_bug("no address space for %zu bytes", size);
	return p;
}

void memory_init(void)
{
	memory_start = reserve(2 * MEMORY_SIZE);
	memory_start = (char *)ALIGN((unsigned long)memory_start, 4UL << 20);
	memory_pages = reserve(NR_PAGES);
	mem_map = reserve(NR_LINEAR * sizeof(*mem_map));
	stub_linear_start = (unsigned long)memory_start;
	stub_linear_end = stub_linear_start + MEMORY_LINEAR;
}

static void area_save(struct area *a)
{
	image_add(memory_start + a->first * PAGE_SIZE,
		  (a->next - a->first) * PAGE_SIZE);
	a->first = a->next;
}

/* What has been given is in the image. */
void memory_save(void)
{
	area_save(&linear);
	area_save(&virtual);
	image_add(memory_pages, NR_PAGES);
	image_add(mem_map, linear.next * sizeof(*mem_map));
}

void memory_reset(void)
{
	linear.next = linear.first;
	virtual.next = virtual.first;
}

/* Pages that have not come back. */
unsigned long memory_taken(void)
{
	return nr_taken;
}

/* Bytes of the linear map that have been given, from its start on. */
unsigned long memory_given(void)
{
	return linear.next * PAGE_SIZE;
}

/* @n pages at a multiple of @align pages. */
static void *area_take(struct area *a, unsigned int n, unsigned int align,
		       bool zero)
{
	unsigned int first = ALIGN(a->next, align), i;
	unsigned long *p = (void *)(memory_start + first * PAGE_SIZE);

	if (first + n > a->end)
		stub_bug("a run takes more memory than there is");
	a->next = first + n;
	memset(memory_pages + first, true, n);
	nr_taken += n;
	for (i = 0; i < n * PAGE_SIZE / 8; i++) {
		if (!zero && i == RUBBISH_WORDS)
			break;
		p[i] = zero ? 0 : RUBBISH;
	}
	return p;
}

static void area_put(const void *p, unsigned int n)
{
	unsigned int first = ((char *)p - memory_start) >> PAGE_SHIFT;

	if (!memory_pages[first])
		fail("memory is freed that is free: %p", p);
	/* Who may look whether it is there meets this. */
	access_at(p, 8, true, CALLER);
	memset(memory_pages + first, false, n);
	nr_taken -= n;
}

/* Pages */
struct page *alloc_pages_node(int node, gfp_t gfp, unsigned int order)
{
	struct page *page;

	might_alloc(gfp);
	if (in_nmi())
		stub_bug("pages are allocated in an NMI");
	page = virt_to_page(area_take(&linear, 1 << order, 1 << order,
				      gfp & __GFP_ZERO));
	page->count.counter = 1;
	page->compound = order && gfp & __GFP_COMP;
	return page;
}

void put_page(struct page *page)
{
	if (--page->count.counter < 0)
		fail("a page is released that is free");
}

void __free_pages(struct page *page, unsigned int order)
{
	if (--page->count.counter < 0)
		fail("pages are freed that are free");
	if (!page->count.counter)
		area_put(page_address(page), 1 << order);
}

void split_page(struct page *page, unsigned int order)
{
	unsigned int i;

	for (i = 0; i < 1U << order; i++)
		page[i].count.counter = 1;
}

void free_pages_exact(void *p, size_t size)
{
	unsigned long i;

	for (i = 0; i < PAGE_ALIGN(size) >> PAGE_SHIFT; i++)
		__free_pages(virt_to_page(p) + i, 0);
}

unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
{
	return (unsigned long)page_address(alloc_pages_node(0, gfp, order));
}

void free_pages(unsigned long p, unsigned int order)
{
	if (p)
		__free_pages(virt_to_page((void *)p), order);
}

int page_to_nid(const struct page *page)
{
	return 0;
}

unsigned long totalram_pages(void)
{
	return NR_LINEAR;
}

/* Slab and vmalloc: whole pages each; @order 0 is enough for the module. */
bool stub_slab_fails(gfp_t gfp)
{
	return false;
}

void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	might_alloc(gfp);
	if (n * size > PAGE_SIZE)
		stub_bug("slab: %zu bytes", n * size);
	return area_take(&virtual, 1, 1, true);
}

void kfree(const void *p)
{
	if (p)
		area_put(p, 1);
}

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
				     unsigned int align, unsigned long flags,
				     void (*ctor)(void *p))
{
	return kcalloc(1, sizeof(struct kmem_cache), GFP_KERNEL);
}

void kmem_cache_destroy(struct kmem_cache *cache)
{
	kfree(cache);
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	might_alloc(gfp);
	return area_take(&virtual, 1, 1, false);
}

void kmem_cache_free(struct kmem_cache *cache, void *p)
{
	kfree(p);
}

/* Its size is in the page before it, as for kernel/slab.c. */
void *__vmalloc(size_t size, gfp_t gfp)
{
	unsigned int n = PAGE_ALIGN(size) >> PAGE_SHIFT;
	unsigned long *p;

	might_alloc(gfp);
	p = area_take(&virtual, n + 1, 1, gfp & __GFP_ZERO);
	*p = n + 1;
	return (char *)p + PAGE_SIZE;
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
	unsigned long *area = (void *)((char *)p - PAGE_SIZE);

	if (!p)
		return;
	might_sleep();
	area_put(area, *area);
}

bool is_vmalloc_addr(const void *p)
{
	return (unsigned long)p >= stub_linear_end;
}

bool stub_on_stack(const void *p)
{
	return false;
}

unsigned long stub_user_end(void)
{
	return 1UL << 20;
}
