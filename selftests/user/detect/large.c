// SPDX-License-Identifier: GPL-2.0
/*
 * Large allocations: where their pages come from, alignments, what cannot be
 * had, and returns that have to wait.
 */
#include "detect.h"
#include "hoardk/large.h"
#include "hoardk/pages.h"

static bool contiguous_fails(int order, gfp_t gfp)
{
	return order >= 0;
}

static bool is_virtual(const void *p)
{
	unsigned long at = (unsigned long)p;

	return at < stub_linear_start || at >= stub_linear_end;
}

static void put_in_interrupt(void *p)
{
	stub_interrupt(false, (void (*)(void *))hoardk_free, p);
}

static void virtual_instead(void)
{
	u8 *p;

	insmod(NULL);
	stub_memory_fails = contiguous_fails;
	p = hoardk_zalloc(100000, GFP_KERNEL);
	expect(p && is_virtual(p), "no vmalloc address: %p", p);
	expect(!p[0] && !p[99999], "it is not zero");
	/* These cannot be virtual: they may not sleep, or are aligned. */
	expect(!hoardk_alloc(100000, GFP_ATOMIC), "virtual and atomic");
	expect(!hoardk_memalign(2 * PAGE_SIZE, 100000, GFP_KERNEL),
	       "virtual and aligned to two pages");
	stub_memory_fails = NULL;
	expect_is(atomic_long_read(&account.alloc_failures), 2);
	expect_is(stub_vmalloc_bytes(), PAGE_ALIGN(100000));
	expect_sound(PAGE_ALIGN(100000));
	hoardk_free(p);
	expect_is(stub_vmalloc_bytes(), 0);
	rmmod();
}

static void on_a_node(void)
{
	void *p[2];

	insmod(NULL);
	stub_memory_fails = contiguous_fails;
	p[0] = hoardk_alloc_node(100000, GFP_KERNEL, 1);
	p[1] = hoardk_alloc_node(100000, GFP_KERNEL | __GFP_ZERO, 1);
	stub_memory_fails = NULL;
	expect(p[0] && p[1], "no memory");
	put_all(0, 2, p);
	/* What vmalloc() would warn of stays with hoardk. */
	stub_memory_fails = contiguous_fails;
	p[0] = hoardk_alloc_node(100000, GFP_KERNEL | __GFP_THISNODE |
				 __GFP_NOMEMALLOC | __GFP_MEMALLOC | __GFP_COMP,
				 1);
	stub_memory_fails = NULL;
	expect(p[0], "no memory");
	put(0, p[0]);
	rmmod();
}

static void alignments(void)
{
	unsigned long align;
	void *p;

	insmod(NULL);
	for (align = 1; align <= PAGE_SIZE << MAX_PAGE_ORDER; align *= 2) {
		p = hoardk_memalign(align, 20000, GFP_KERNEL);
		expect(p, "nothing aligned to %lu", align);
		expect(!((unsigned long)p & (align - 1)),
		       "%p is not aligned to %lu", p, align);
		/* What lies beyond it went back at once. */
		expect_is(hoardk_usable_size(p), PAGE_ALIGN(20000));
		expect_is(atomic_long_read(&account.large.now),
			  PAGE_ALIGN(20000));
		expect_is(account.held.now.counter, PAGE_ALIGN(20000));
		put(0, p);
	}
	rmmod();
}

/* gcc warns of what it can see. */
static size_t no_constant = 1UL << 33;

static void impossible(void)
{
	unsigned long ram = totalram_pages() << PAGE_SHIFT;
	size_t all = ram * READ_ONCE(no_constant);

	insmod(NULL);
	expect(!hoardk_memalign((PAGE_SIZE << MAX_PAGE_ORDER) * 2, 1,
				GFP_KERNEL), "aligned beyond the largest order");
	expect(!hoardk_memalign(2 * PAGE_SIZE, PAGE_SIZE << 12, GFP_KERNEL),
	       "aligned, and larger than the largest order");
	expect(!hoardk_alloc(ram + PAGE_SIZE, GFP_KERNEL), "more than all");
	expect(!hoardk_alloc(all, GFP_KERNEL), "very much more than all");
	/* Nor does it try for ever. */
	expect(!hoardk_alloc(2 * ram, GFP_KERNEL | __GFP_NOFAIL),
	       "more than all, without fail");
	expect_is(atomic_long_read(&account.alloc_failures), 5);
	expect_silence();
	rmmod();
}

static void no_record(void)
{
	insmod(NULL);
	fail_request(1, 1);
	expect(!hoardk_alloc(40000, GFP_ATOMIC), "without a record");
	expect(request_failed(), "nothing was asked for");
	expect_nothing_left();
	/* By injection: the record, or all of the pages. */
	pages_fail_nth = 1;
	expect(!hoardk_alloc(40000, GFP_KERNEL), "without a record");
	pages_fail_nth = 2;
	pages_fail_times = 2;
	expect(!hoardk_alloc(40000, GFP_KERNEL), "without pages");
	expect_is(pages_fail_nth, 0);
	expect_nothing_left();
	rmmod();
}

/* A request that must not fail is tried again. */
static void no_fail(void)
{
	void *p;

	insmod(NULL);
	fail_request(1, 9);
	p = hoardk_alloc(100000, GFP_KERNEL | __GFP_NOFAIL);
	expect(request_failed(), "nothing was asked for");
	expect(p, "it has failed");
	expect_is(atomic_long_read(&account.alloc_failures), 0);
	put(0, p);
	fail_request(1, 9);
	p = hoardk_alloc(100, GFP_KERNEL | __GFP_NOFAIL);
	expect(request_failed() && p, "it has failed");
	put(0, p);
	rmmod();
}

static void deferred(void)
{
	void *p, *q;

	insmod(NULL);
	stub_memory_fails = contiguous_fails;
	p = hoardk_alloc(100000, GFP_KERNEL);
	stub_memory_fails = NULL;
	q = hoardk_alloc(100000, GFP_KERNEL);
	put_in_interrupt(p);
	put_in_interrupt(q);
	expect(is_virtual(p) && !is_virtual(q), "not one of both");
	/* Contiguous pages can go at once, vmalloc's have to wait. */
	expect_is(atomic_long_read(&account.held.now), PAGE_ALIGN(100000));
	expect_sound(0);
	steps_advance(200);
	steps_settle();
	expect_is(atomic_long_read(&account.held.now), 0);
	rmmod();
}

/* A power of two of pages stays in one piece, which goes back as one. */
static void whole(void)
{
	void *p;

	insmod(NULL);
	p = get(0, 16 * PAGE_SIZE);
	expect(PageCompound(virt_to_page(p)), "it was split");
	expect_is(page_ref_count(virt_to_page(p)), 2);
	put(0, p);
	expect_is(stub_pages_taken(), 0);
	/* With a part of it given back, and where the rest is alignment. */
	p = get(0, 15 * PAGE_SIZE);
	expect(!PageCompound(virt_to_page(p)), "15 pages are one piece");
	expect_is(stub_pages_taken(), 15);
	put(0, p);
	p = hoardk_memalign(16 * PAGE_SIZE, 8 * PAGE_SIZE, GFP_KERNEL);
	expect(!PageCompound(virt_to_page(p)), "8 of 16 pages are one piece");
	expect_is(stub_pages_taken(), 8);
	put(0, p);
	expect_is(stub_pages_taken(), 0);
	rmmod();
}

/* Who says that nothing is to be tried hard gets that for the record as well. */
static bool forced;

static bool notice_force(int order, gfp_t gfp)
{
	forced |= gfp & __GFP_DIRECT_RECLAIM &&
		  !(gfp & (__GFP_NORETRY | __GFP_RETRY_MAYFAIL));
	return false;
}

static void not_tried_hard(void)
{
	void *p;

	insmod("checks=owner");
	stub_client = (unsigned long)not_tried_hard;
	forced = false;
	stub_memory_fails = notice_force;
	p = hoardk_alloc(100000, GFP_KERNEL | __GFP_NORETRY);
	expect(p && !forced, "some of it was tried hard");
	put(0, p);
	p = hoardk_alloc(100000, GFP_KERNEL | __GFP_RETRY_MAYFAIL);
	expect(p && !forced, "somebody would have been killed");
	put(0, p);
	p = hoardk_alloc(100000, GFP_KERNEL);
	expect(forced, "without the flag, it was not");
	stub_memory_fails = NULL;
	stub_client = 0;
	put(0, p);
	rmmod();
}

/* Of a heap that is destroyed, those of others stay. */
static void dropped(void)
{
	struct hoardk_heap *heap;
	void *p, *q, *general;

	insmod(NULL);
	heap = hoardk_heap_create("mine", NULL);
	general = get(0, 40000);
	p = hoardk_heap_alloc(heap, 40000, GFP_KERNEL);
	q = hoardk_heap_alloc(heap, 5 << 20, GFP_KERNEL);
	expect(p && q, "no memory");
	expect_is(hoardk_heap_destroy(heap), 2);
	expect_is(hoardk_usable_size(general), 40960);
	put(0, general);
	rmmod();
}

const struct test large_tests[] = {
	{ "large: vmalloc where no contiguous pages are left",
	  virtual_instead },
	{ "large: vmalloc on a node", on_a_node },
	{ "large: alignments up to the largest order", alignments },
	{ "large: what cannot be had at all", impossible },
	{ "large: no record", no_record },
	{ "large: __GFP_NOFAIL tries again", no_fail },
	{ "large: frees in interrupts are returned by the sweep", deferred },
	{ "large: a power of two of pages is one piece", whole },
	{ "large: with flags against that nobody is killed", not_tried_hard },
	{ "large: those of a destroyed heap are freed", dropped },
	{ 0 }
};
