// SPDX-License-Identifier: GPL-2.0
/*
 * Allocation flags: what is refused, what is dropped, what is honoured.
 */
#include <linux/err.h>
#include <linux/mm.h>

#include "test.h"

/* Zones that hoardk does not keep memory of: refused by every function. */
static void refused(gfp_t gfp)
{
	struct hoardk_heap *heap = hoardk_heap_create("flags", NULL);
	void *p = hoardk_alloc(100, GFP_KERNEL), *many[4] = {};

	expect_null(hoardk_alloc(100, gfp));
	expect_null(hoardk_alloc(SZ_64K, gfp));
	expect_null(hoardk_zalloc(100, gfp));
	expect_null(hoardk_calloc(10, 10, gfp));
	expect_null(hoardk_memalign(256, 100, gfp));
	expect_null(hoardk_alloc_node(100, gfp, NUMA_NO_NODE));
	expect_eq(hoardk_alloc_bulk(100, gfp, ARRAY_SIZE(many), many), 0u);
	if (expect(real_block(p))) {
		fill(p, 100, 1);
		expect_null(hoardk_realloc(p, SZ_4K, gfp));
		expect(intact(p, 100, 1));
	}
	if (expect(!IS_ERR(heap))) {
		expect_null(hoardk_heap_alloc(heap, 100, gfp));
		expect_eq(hoardk_heap_destroy(heap), (size_t)0);
	}
	hoardk_free(p);
}

static void dma_refused(void)
{
	refused(GFP_KERNEL | __GFP_DMA);
	refused(GFP_ATOMIC | __GFP_DMA);
}

static void dma32_refused(void)
{
	refused(GFP_KERNEL | __GFP_DMA32);
}

static void works(gfp_t gfp)
{
	static const size_t sizes[] = { 1, 64, 1000, SZ_4K, SZ_16K, SZ_64K };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		void *p = hoardk_alloc(sizes[i], gfp);

		test_at(sizes[i]);
		if (!expect(real_block(p)))
			continue;
		fill(p, hoardk_usable_size(p), i);
		expect(intact(p, hoardk_usable_size(p), i));
		hoardk_free(p);
	}
}

static void account_dropped(void)
{
	works(GFP_KERNEL_ACCOUNT);
	works(GFP_ATOMIC | __GFP_ACCOUNT);
}

static void usual_flags(void)
{
	works(GFP_KERNEL);
	works(GFP_ATOMIC);
	works(GFP_NOWAIT);
	works(GFP_NOIO);
	works(GFP_NOFS);
	works(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN);
	works(GFP_KERNEL | __GFP_RETRY_MAYFAIL);
	works(GFP_KERNEL | __GFP_RECLAIMABLE);
	works(GFP_KERNEL | __GFP_COMP);
	works(GFP_USER);
}

static const struct test_case flags_cases[] = {
	{ "dma_refused", dma_refused },
	{ "dma32_refused", dma32_refused },
	{ "account_dropped", account_dropped },
	{ "usual_flags", usual_flags },
};

TEST_SUITE(flags);
