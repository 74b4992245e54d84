// SPDX-License-Identifier: GPL-2.0
/*
 * Requests that are refused or come to nothing, and what the interface says of
 * sizes.
 */
#include "detect.h"
#include "hoardk/pages.h"

static void zero_bytes(void)
{
	void *p;

	insmod(NULL);
	expect_is(hoardk_alloc(0, GFP_KERNEL), ZERO_SIZE_PTR);
	expect_is(hoardk_zalloc(0, GFP_KERNEL), ZERO_SIZE_PTR);
	expect_is(hoardk_calloc(0, 8, GFP_KERNEL), ZERO_SIZE_PTR);
	expect_is(hoardk_memalign(64, 0, GFP_KERNEL), ZERO_SIZE_PTR);
	expect_is(hoardk_alloc_node(0, GFP_KERNEL, 0), ZERO_SIZE_PTR);
	expect_is(hoardk_usable_size(ZERO_SIZE_PTR), 0);
	expect_is(hoardk_usable_size(NULL), 0);
	expect_is(hoardk_size_roundup(0), 0);
	hoardk_free(ZERO_SIZE_PTR);
	hoardk_free(NULL);
	hoardk_free_sensitive(ZERO_SIZE_PTR);
	p = hoardk_realloc(NULL, 64, GFP_KERNEL);
	expect_is(hoardk_usable_size(p), 64);
	expect_is(hoardk_realloc(p, 0, GFP_KERNEL), ZERO_SIZE_PTR);
	p = hoardk_realloc(ZERO_SIZE_PTR, 64, GFP_KERNEL);
	put(0, p);
	expect_silence();
	rmmod();
}

static void dma_zones(void)
{
	void *p[4];

	insmod(NULL);
	expect(!hoardk_alloc(64, GFP_KERNEL | __GFP_DMA), "a DMA zone");
	expect_said("hoardk: user\\[0\\] asked for memory of a DMA zone; hoardk has none: use *");
	expect(!hoardk_alloc(64, GFP_KERNEL | __GFP_DMA32), "a DMA zone");
	expect(!hoardk_alloc(40000, GFP_KERNEL | __GFP_DMA), "a DMA zone");
	expect(!hoardk_alloc_bulk(64, GFP_KERNEL | __GFP_DMA, 4, p),
	       "a DMA zone");
	expect_is(atomic_long_read(&account.alloc_failures), 4);
	console_clear();
	/* Hints are taken for what they are. */
	p[0] = hoardk_alloc(64, GFP_KERNEL | __GFP_MOVABLE);
	p[1] = hoardk_alloc(64, GFP_KERNEL | __GFP_HIGHMEM);
	expect(p[0] && p[1], "a hint was refused");
	expect_silence();
	put_all(0, 2, p);
	rmmod();
}

/* gcc warns of what it can see. */
static size_t no_constant = 1;

static void overflow(void)
{
	size_t n = READ_ONCE(no_constant) << 33;

	insmod(NULL);
	expect(!hoardk_calloc(n, n, GFP_KERNEL), "2^66 bytes");
	expect_is(atomic_long_read(&account.alloc_failures), 1);
	expect(!hoardk_memalign(24, 64, GFP_KERNEL), "aligned to 24");
	expect_said("hoardk: memalign by 0x*: the alignment must be a power of two, not 24");
	expect(!hoardk_memalign(0, 64, GFP_KERNEL), "aligned to 0");
	expect_said("hoardk: memalign by *");
	expect_is(atomic_long_read(&account.alloc_failures), 3);
	rmmod();
}

static void sizes(void)
{
	insmod(NULL);
	expect_is(hoardk_size_roundup(1), 8);
	expect_is(hoardk_size_roundup(SMALL_MAX), SMALL_MAX);
	expect_is(hoardk_size_roundup(SMALL_MAX + 1), 4 * PAGE_SIZE);
	expect_is(hoardk_size_roundup(-1UL), -1UL);
	rmmod();
}

/* A block that cannot be made smaller stays as it is. */
static void shrink_without_memory(void)
{
	void *p, *q;

	insmod(NULL);
	p = get(0, 10000);
	fail_request(1, 100);
	q = hoardk_realloc(p, 64, GFP_KERNEL);
	expect(request_failed(), "nothing was asked for");
	expect_is(q, p);
	fail_request(1, 100);
	q = hoardk_realloc(p, 20000, GFP_KERNEL);
	expect(request_failed(), "nothing was asked for");
	expect(!q, "it has grown");
	expect_is(hoardk_usable_size(p), hoardk_size_roundup(10000));
	put(0, p);
	rmmod();
}

/* A small request is served from single pages when no superblock is to be had. */
static bool superblocks_fail(int order, gfp_t gfp)
{
	return order == SUPERBLOCK_SHIFT - PAGE_SHIFT;
}

static void single_pages(void)
{
	void *p, *q[4];

	insmod(NULL);
	stub_memory_fails = superblocks_fail;
	p = get(0, 100);
	expect_is(hoardk_usable_size(p), PAGE_SIZE);
	expect_is(hoardk_alloc_bulk(100, GFP_KERNEL, 4, q), 4);
	expect_is(hoardk_usable_size(q[3]), PAGE_SIZE);
	stub_memory_fails = NULL;
	put(0, p);
	put_all(1, 4, q);
	/* The same by injection. */
	pages_fail_nth = 1;
	p = get(0, 100);
	expect_is(hoardk_usable_size(p), PAGE_SIZE);
	put(0, p);
	rmmod();
}

/* A local heap can be done without: no reserve is for it, nobody is killed. */
static bool heap_asked, heap_forced;

static bool notice_heap(int order, gfp_t gfp)
{
	if (order == LOCAL_HEAP_ORDER) {
		heap_asked = true;
		heap_forced |= !(gfp & __GFP_NORETRY) ||
			       !(gfp & __GFP_NOMEMALLOC);
	}
	return false;
}

static void heap_not_tried_hard(void)
{
	void *p;

	insmod(NULL);
	heap_asked = false;
	heap_forced = false;
	stub_memory_fails = notice_heap;
	p = get(0, 100);
	stub_memory_fails = NULL;
	expect(heap_asked && !heap_forced, "it was");
	put(0, p);
	rmmod();
}

/* Superblocks of another node, before an allocation fails. */
static void other_node(void)
{
	void *p, *q;

	insmod(NULL);
	p = hoardk_alloc_node(100, GFP_KERNEL, 1);
	put(0, p);
	expect(!superblock_of(p)->owner, "it is not in the pool");
	stub_memory_fails = superblocks_fail;
	q = get(0, 3000);
	expect(superblock_of(p) == superblock_of(q), "not from the other node");
	/* A binding node is not given another's. */
	p = hoardk_alloc_node(100, GFP_KERNEL | __GFP_THISNODE, 0);
	expect_is(hoardk_usable_size(p), PAGE_SIZE);
	put(0, p);
	/* One that does not bind is, from what is at hand. */
	p = hoardk_alloc_node(3000, GFP_KERNEL, 0);
	expect(superblock_of(p) == superblock_of(q), "another superblock");
	stub_memory_fails = NULL;
	put(0, p);
	put(0, q);
	rmmod();
}

/* More superblocks of another node than are looked at. */
static void many_of_other_node(void)
{
	unsigned int i;
	void *p[21];

	insmod("policy=global");
	for (i = 0; i < 20; i++)
		p[i] = hoardk_alloc_node(SMALL_MAX, GFP_KERNEL, 1);
	for (i = 0; i < 20; i += 2)
		put(0, p[i]);
	p[20] = hoardk_alloc_node(SMALL_MAX, GFP_KERNEL, 0);
	expect_is(superblock_of(p[20])->node, 0);
	expect_is(superblock_of(p[1])->node, 1);
	for (i = 1; i < 20; i += 2)
		put(0, p[i]);
	put(0, p[20]);
	rmmod();
}

const struct test alloc_tests[] = {
	{ "nothing: 0 bytes, NULL and ZERO_SIZE_PTR", zero_bytes },
	{ "DMA zones are refused, hints are not", dma_zones },
	{ "calloc that overflows, alignments that are none", overflow },
	{ "size_roundup", sizes },
	{ "realloc without memory leaves the block", shrink_without_memory },
	{ "single pages where no superblock is to be had", single_pages },
	{ "a local heap is not tried hard for", heap_not_tried_hard },
	{ "another node's superblock before a failure", other_node },
	{ "a node's block, when many superblocks are another's",
	  many_of_other_node },
	{ 0 }
};
