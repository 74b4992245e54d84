// SPDX-License-Identifier: GPL-2.0
/*
 * The allocating functions one by one: sizes, zeroing, nothing, too much.
 */
#include <linux/kmsan-checks.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/nodemask.h>

#include "test.h"

#define WINDOW		8

/* A few blocks that live at the same time, each filled to its very end. */
struct window {
	void *block[WINDOW];
	size_t usable[WINDOW];
	u32 key[WINDOW];
};

static void window_drop(struct window *w, unsigned int slot)
{
	if (!real_block(w->block[slot]))
		return;
	expect(intact(w->block[slot], w->usable[slot], w->key[slot]));
	hoardk_free(w->block[slot]);
	w->block[slot] = NULL;
}

static void window_put(struct window *w, void *p, size_t usable, u32 key)
{
	unsigned int slot = key % WINDOW;

	window_drop(w, slot);
	w->block[slot] = p;
	w->usable[slot] = usable;
	w->key[slot] = key;
	fill(p, usable, key);
}

static void window_close(struct window *w)
{
	unsigned int i;

	for (i = 0; i < WINDOW; i++)
		window_drop(w, i);
}

/* What holds for one block of any size. */
static void check_size(struct window *w, size_t size, u32 key)
{
	void *p = hoardk_alloc(size, GFP_KERNEL);
	size_t usable;

	test_at(size);
	if (!expect(real_block(p)))
		return;
	usable = hoardk_usable_size(p);
	expect_ge(usable, size);
	expect_eq(hoardk_size_roundup(size), usable);
	expect_eq((unsigned long)p % sizeof(long), 0ul);
	if (is_power_of_2(size))
		expect_eq((unsigned long)p % min_t(size_t, size, 64), 0ul);
	window_put(w, p, usable, key);
}

static void every_size(void)
{
	struct window w = {};
	size_t size;

	for (size = 1; size <= SZ_16K; size++) {
		check_size(&w, size, size);
		if (size % 64 == 0)
			cond_resched();
	}
	window_close(&w);
}

static void around_powers(void)
{
	struct window w = {};
	unsigned int shift;
	int delta;

	for (shift = 1; shift <= 22; shift++) {
		for (delta = -1; delta <= 1; delta++)
			check_size(&w, (1ul << shift) + delta,
				   shift * 3 + delta + 1);
		cond_resched();
	}
	window_close(&w);
}

/* Rounding up never goes down, and what it gives is its own round-up. */
static void rounding(void)
{
	size_t size, last = 0;

	for (size = 1; size <= SZ_256K; size += size < SZ_32K ? 1 : 127) {
		size_t rounded = hoardk_size_roundup(size);

		test_at(size);
		expect_ge(rounded, size);
		expect_ge(rounded, last);
		expect_eq(hoardk_size_roundup(rounded), rounded);
		last = rounded;
	}
	expect_eq(hoardk_size_roundup(0), (size_t)0);
}

/*
 * What rounding up wastes: at most 20.1 % up to 8,128 bytes, 34 % above, where
 * a superblock holds three or two, and whole pages would waste as much.
 */
static void waste(void)
{
	size_t size;

	for (size = 64; size <= SZ_16K; size++) {
		size_t block = hoardk_size_roundup(size);

		test_at(size);
		expect_le((block - size) * 1000,
			  block * (size <= 8128 ? 201 : 340));
	}
}

static void of_nothing(void)
{
	expect_eq(hoardk_alloc(0, GFP_KERNEL), ZERO_SIZE_PTR);
	expect_eq(hoardk_zalloc(0, GFP_KERNEL), ZERO_SIZE_PTR);
	expect_eq(hoardk_calloc(0, 8, GFP_KERNEL), ZERO_SIZE_PTR);
	expect_eq(hoardk_calloc(8, 0, GFP_KERNEL), ZERO_SIZE_PTR);
	expect_eq(hoardk_memalign(64, 0, GFP_KERNEL), ZERO_SIZE_PTR);
	expect_eq(hoardk_alloc_node(0, GFP_KERNEL, NUMA_NO_NODE),
		  ZERO_SIZE_PTR);
}

static void free_nothing(void)
{
	struct stats before, after;
	void *none[3] = { NULL, ZERO_SIZE_PTR, NULL };

	stats_read(&before);
	hoardk_free(NULL);
	hoardk_free(ZERO_SIZE_PTR);
	hoardk_free_sensitive(NULL);
	hoardk_free_sensitive(ZERO_SIZE_PTR);
	hoardk_free_bulk(0, NULL);
	hoardk_free_bulk(ARRAY_SIZE(none), none);
	expect_eq(hoardk_usable_size(NULL), (size_t)0);
	expect_eq(hoardk_usable_size(ZERO_SIZE_PTR), (size_t)0);
	stats_read(&after);
	expect_eq(after.value[STAT_INVALID_FREES],
		  before.value[STAT_INVALID_FREES]);
	expect_eq(after.value[STAT_DOUBLE_FREES],
		  before.value[STAT_DOUBLE_FREES]);
}

static void *zero_by_zalloc(size_t size)
{
	return hoardk_zalloc(size, GFP_KERNEL);
}

static void *zero_by_calloc(size_t size)
{
	return hoardk_calloc(size, 1, GFP_KERNEL);
}

static void *zero_by_flag(size_t size)
{
	return hoardk_alloc(size, GFP_KERNEL | __GFP_ZERO);
}

static void *zero_by_memalign(size_t size)
{
	return hoardk_memalign(128, size, GFP_KERNEL | __GFP_ZERO);
}

static void *zero_by_node(size_t size)
{
	return hoardk_alloc_node(size, GFP_KERNEL | __GFP_ZERO, NUMA_NO_NODE);
}

static void *zero_by_bulk(size_t size)
{
	void *p = NULL;

	hoardk_alloc_bulk(size, GFP_KERNEL | __GFP_ZERO, 1, &p);
	return p;
}

static void *zero_by_realloc(size_t size)
{
	return hoardk_realloc(NULL, size, GFP_KERNEL | __GFP_ZERO);
}

/* Leave dirt where the next block of this size will come from. */
static void dirty(size_t size)
{
	void *p = hoardk_alloc(size, GFP_KERNEL);

	if (!expect(real_block(p)))
		return;
	fill(p, hoardk_usable_size(p), 0xa5);
	hoardk_free(p);
}

static void zeroed(void *(*get)(size_t size))
{
	static const size_t sizes[] = {
		1, 7, 8, 24, 100, 512, 1000, SZ_4K, 5000, SZ_16K, SZ_32K,
		100000, SZ_1M
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t size = sizes[i];
		void *p;

		OPTIMIZER_HIDE_VAR(size);
		test_at(size);
		dirty(size);
		p = get(size);
		if (expect(real_block(p)))
			expect(all_zero(p, size));
		hoardk_free(p);
	}
}

static void zalloc_zeroes(void)
{
	zeroed(zero_by_zalloc);
}

static void calloc_zeroes(void)
{
	zeroed(zero_by_calloc);
}

static void flag_zeroes(void)
{
	zeroed(zero_by_flag);
	zeroed(zero_by_memalign);
	zeroed(zero_by_node);
	zeroed(zero_by_bulk);
	zeroed(zero_by_realloc);
}

static void calloc_overflow(void)
{
	size_t n = SIZE_MAX;

	OPTIMIZER_HIDE_VAR(n);
	expect_null(hoardk_calloc(n, 2, GFP_KERNEL));
	expect_null(hoardk_calloc(2, n, GFP_KERNEL));
	expect_null(hoardk_calloc(n, n, GFP_KERNEL));
	expect_null(hoardk_calloc(n / 2 + 2, 2, GFP_KERNEL));
	expect_null(hoardk_calloc(1ul << 32, 1ul << 32, GFP_KERNEL));
}

/* More than there is: NULL, counted, and nothing in the log. */
static void too_much(void)
{
	static const size_t sizes[] = {
		SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - PAGE_SIZE,
		SIZE_MAX / 2 + 1, LONG_MAX, 1ul << 50, 1ul << 46
	};
	gfp_t gfp = GFP_KERNEL | __GFP_NOWARN;
	u64 before = stat_now(STAT_ALLOC_FAILURES);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t size = sizes[i];

		OPTIMIZER_HIDE_VAR(size);
		test_at(i);
		expect_null(hoardk_alloc(size, gfp));
		expect_null(hoardk_zalloc(size, gfp));
		expect_null(hoardk_memalign(64, size, gfp));
		expect_null(hoardk_alloc_node(size, gfp, NUMA_NO_NODE));
		expect_null(hoardk_realloc(NULL, size, gfp));
	}
	expect_eq(stat_now(STAT_ALLOC_FAILURES) - before,
		  5 * (u64)ARRAY_SIZE(sizes));
	expect_ge(hoardk_size_roundup(SIZE_MAX - 1), SIZE_MAX - 1);
}

/* Sizes beyond every class, in pages or vmalloc space. */
static void large(void)
{
	static const size_t sizes[] = {
		SZ_16K + 1, SZ_32K - 1, SZ_32K, SZ_32K + 1, SZ_64K,
		SZ_128K + 1, SZ_1M, 3 * SZ_1M + 5, SZ_8M, SZ_16M + 1
	};
	u64 before = stat_now(STAT_LARGE_BYTES);
	struct window w = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		check_size(&w, sizes[i], i);
	expect_ge(stat_now(STAT_LARGE_BYTES) - before, (u64)SZ_16M);
	window_close(&w);
	hoardk_give_back();
	expect_eq(stat_now(STAT_LARGE_BYTES), before);
}

static void check_node(int node)
{
	static const size_t sizes[] = { 1, 64, 1000, SZ_16K, SZ_128K };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		void *p = hoardk_alloc_node(sizes[i], GFP_KERNEL, node);

		test_at(sizes[i]);
		if (!expect(real_block(p)))
			continue;
		/* Memory, not a wish: with __GFP_THISNODE it must be there. */
		fill(p, hoardk_usable_size(p), i);
		expect(intact(p, hoardk_usable_size(p), i));
		hoardk_free(p);
	}
}

static void nodes(void)
{
	int node;

	check_node(NUMA_NO_NODE);
	/* A node that is not there stands for any. */
	check_node(-2);
	check_node(MAX_NUMNODES);
	check_node(INT_MAX);
	check_node(MAX_NUMNODES - 1);
	for_each_online_node(node)
		check_node(node);
}

/* Blocks asked for on a node lie there, when that node has the memory. */
static void node_is_kept(void)
{
	int node;

	if (num_online_nodes() < 2) {
		test_skip("one memory node; boot with --nodes 2");
		return;
	}
	for_each_node_state(node, N_MEMORY) {
		gfp_t gfp = GFP_KERNEL | __GFP_THISNODE;
		void *small = hoardk_alloc_node(200, gfp, node);
		void *large = hoardk_alloc_node(SZ_64K, gfp, node);

		test_at(node);
		if (expect(real_block(small)))
			expect_eq(page_to_nid(virt_to_page(small)), node);
		if (expect(real_block(large)) && !is_vmalloc_addr(large))
			expect_eq(page_to_nid(virt_to_page(large)), node);
		hoardk_free(small);
		hoardk_free(large);
	}
}

#define LOOKS	1024

/* Take blocks until @wanted comes again; true if it did. */
static bool get_again(void *wanted, size_t size, void **block)
{
	unsigned int i;
	bool found = false;

	for (i = 0; i < LOOKS && !found; i++) {
		block[i] = hoardk_alloc(size, GFP_ATOMIC);
		found = block[i] == wanted;
	}
	return found;
}

/*
 * A block freed with hoardk_free_sensitive() comes back without its secret.
 * The task stays on its CPU so that it comes back from the same heap; preemption
 * may be on, without which PREEMPT_RT has no fresh memory.
 */
static void sensitive(void)
{
	void **block = kvcalloc(LOOKS, sizeof(*block), GFP_KERNEL);
	const size_t size = 200;
	void *p;

	if (want_init_on_alloc(0)) {
		test_skip("init_on_alloc hides it; boot with init_on_alloc=0");
		goto out;
	}
	if (!expect_not_null(block))
		return;
	migrate_disable();
	p = hoardk_alloc(size, GFP_KERNEL);
	if (expect(real_block(p))) {
		fill(p, hoardk_usable_size(p), 9);
		hoardk_free_sensitive(p);
		if (expect(get_again(p, size, block))) {
			/* Not for a client to look at, KMSAN would say. */
			kmsan_unpoison_memory(p, size);
			expect(all_zero(p, size));
		}
	}
	migrate_enable();
	hoardk_free_bulk(LOOKS, block);
out:
	kvfree(block);
}

static const struct test_case api_cases[] = {
	{ "every_size", every_size },
	{ "around_powers", around_powers },
	{ "rounding", rounding },
	{ "waste", waste },
	{ "of_nothing", of_nothing },
	{ "free_nothing", free_nothing },
	{ "zalloc_zeroes", zalloc_zeroes },
	{ "calloc_zeroes", calloc_zeroes },
	{ "flag_zeroes", flag_zeroes },
	{ "calloc_overflow", calloc_overflow },
	{ "too_much", too_much },
	{ "large", large },
	{ "nodes", nodes },
	{ "node_is_kept", node_is_kept },
	{ "sensitive", sensitive },
};

TEST_SUITE(api);
