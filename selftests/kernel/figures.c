// SPDX-License-Identifier: GPL-2.0
/*
 * The figures in stats agree with each other and with what was done.  This
 * suite runs last: its bounds then cover the whole run.
 */
#include <linux/cpumask.h>
#include <linux/math64.h>
#include <linux/mm.h>

#include "test.h"

static void settings(void)
{
	struct stats s;
	u64 slack = 0;
	char text[24];

	if (!stats_read(&s))
		return;
	expect_ge(s.value[STAT_CPUS], (u64)num_online_cpus());
	expect_le(s.value[STAT_CPUS], (u64)num_possible_cpus());
	expect(is_power_of_2(s.value[STAT_SUPERBLOCK_BYTES]));
	expect_ge(s.value[STAT_SUPERBLOCK_BYTES], (u64)PAGE_SIZE);
	expect_eq(parameter_get("slack", text, sizeof(text)), 0);
	expect_eq(kstrtou64(text, 10, &slack), 0);
	expect_eq(s.value[STAT_SLACK_SUPERBLOCKS], slack);
}

/* Thousandths of @a / @b, as text with three places has them. */
static void expect_ratio(u64 ratio, u64 a, u64 b)
{
	u64 exact = div64_u64(a * 1000, b);

	expect_ge(ratio + 1, exact);
	expect_le(ratio, exact + 1);
}

static void relations(void)
{
	void *p[150], *large = hoardk_alloc(SZ_1M, GFP_KERNEL);
	struct stats s;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(p); i++)
		p[i] = hoardk_alloc(1 + i * 53, GFP_KERNEL);
	stats_read(&s);
	stats_check(&s);
	expect_ratio(s.value[STAT_FRAGMENTATION], s.value[STAT_HELD_BYTES],
		     s.value[STAT_IN_USE_BYTES]);
	expect_ratio(s.value[STAT_BLOWUP], s.value[STAT_PEAK_HELD_BYTES],
		     s.value[STAT_PEAK_IN_USE_BYTES]);
	for (i = 0; i < ARRAY_SIZE(p); i += 2)
		hoardk_free(p[i]);
	stats_read(&s);
	stats_check(&s);
	for (i = 1; i < ARRAY_SIZE(p); i += 2)
		hoardk_free(p[i]);
	hoardk_free(large);
	stats_read(&s);
	stats_check(&s);
}

static void in_use_follows(void)
{
	static const size_t sizes[] = { 1, 100, SZ_4K, SZ_16K, SZ_64K, SZ_4M };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u64 before = stat_now(STAT_IN_USE_BYTES);
		void *p = hoardk_alloc(sizes[i], GFP_KERNEL);

		test_at(sizes[i]);
		if (!expect(real_block(p)))
			continue;
		expect_eq(stat_now(STAT_IN_USE_BYTES) - before,
			  (u64)hoardk_usable_size(p));
		hoardk_free(p);
		hoardk_give_back();
		expect_eq(stat_now(STAT_IN_USE_BYTES), before);
	}
}

#define COUNTED	500

static void counted_work(void *arg)
{
	void **p = arg;
	unsigned int i;

	for (i = 0; i < COUNTED; i++)
		p[i] = hoardk_alloc(50 + i, GFP_KERNEL);
}

static void counted_frees(void *arg)
{
	void **p = arg;
	unsigned int i;

	for (i = 0; i < COUNTED; i++)
		hoardk_free(p[i]);
}

/* Each operation counts once, on its own side. */
static void counts(void)
{
	void **p = kcalloc(COUNTED, sizeof(*p), GFP_KERNEL);
	struct stats a, b, c, d;
	u64 frees;

	if (!expect_not_null(p))
		return;
	stats_read(&a);
	on_cpu(cpu_at(1), counted_work, p);
	stats_read(&b);
	expect_eq(b.value[STAT_ALLOCS] - a.value[STAT_ALLOCS], (u64)COUNTED);
	on_cpu(cpu_at(1), counted_frees, p);
	stats_read(&c);
	expect_eq(c.value[STAT_LOCAL_FREES] + c.value[STAT_REMOTE_FREES] -
		  b.value[STAT_LOCAL_FREES] - b.value[STAT_REMOTE_FREES],
		  (u64)COUNTED);
	on_cpu(cpu_at(1), counted_work, p);
	on_cpu(cpu_at(0), counted_frees, p);
	hoardk_give_back();
	stats_read(&d);
	frees = d.value[STAT_LOCAL_FREES] + d.value[STAT_REMOTE_FREES];
	expect_eq(d.value[STAT_ALLOCS] - a.value[STAT_ALLOCS], 2ull * COUNTED);
	expect_eq(frees - a.value[STAT_LOCAL_FREES] -
		  a.value[STAT_REMOTE_FREES], 2ull * COUNTED);
	kfree(p);
}

#define MANY	20000

static void get_25(void *arg)
{
	void **p = arg;
	unsigned int i;

	for (i = 0; i < MANY; i++)
		p[i] = hoardk_alloc(25, GFP_KERNEL);
}

/* What blocks are larger than requested is told within a factor of two. */
static void internal_fragmentation(void)
{
	void **p = kvcalloc(MANY, sizeof(*p), GFP_KERNEL);
	struct stats before, after;
	u64 truth, told;

	if (!expect_not_null(p))
		return;
	stats_read(&before);
	on_cpu(cpu_at(0), get_25, p);
	stats_read(&after);
	truth = MANY * (hoardk_usable_size(p[0]) - 25ull);
	told = after.value[STAT_INTERNAL_FRAGMENTATION_BYTES] -
	       before.value[STAT_INTERNAL_FRAGMENTATION_BYTES];
	results_note("%llu bytes of internal fragmentation, told %llu", truth,
		     told);
	expect_ge(truth, 1ull);
	expect_ge(told, truth / 2);
	expect_le(told, truth * 2);
	hoardk_free_bulk(MANY, p);
	kvfree(p);
}

/* One block of many stays: nearly all that is held is unused. */
static void external_fragmentation(void)
{
	void *p[150];
	struct stats s;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(p); i++)
		p[i] = hoardk_alloc(500, GFP_KERNEL);
	hoardk_free_bulk(ARRAY_SIZE(p) - 1, p);
	stats_read(&s);
	expect_le(s.value[STAT_EXTERNAL_FRAGMENTATION_BYTES],
		  s.value[STAT_HELD_BYTES]);
	stats_check(&s);
	hoardk_free(p[ARRAY_SIZE(p) - 1]);
}

static u64 never_freed(void)
{
	struct stats s;

	hoardk_give_back();
	stats_read(&s);
	return s.value[STAT_ALLOCS] - s.value[STAT_LOCAL_FREES] -
	       s.value[STAT_REMOTE_FREES];
}

/* Blocks that go with their heap count as freed, large ones too. */
static void heap_goes_with_blocks(void)
{
	static const size_t sizes[] = { 100, 100, SZ_4K, 100000, SZ_1M };
	struct hoardk_heap *heap = hoardk_heap_create("goes", NULL);
	u64 before = never_freed();
	unsigned int i;

	if (!expect(real_block(heap)))
		return;
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		expect(real_block(hoardk_heap_alloc(heap, sizes[i],
						    GFP_KERNEL)));
	expect_eq(never_freed(), before + ARRAY_SIZE(sizes));
	expect_eq(hoardk_heap_destroy(heap), ARRAY_SIZE(sizes));
	expect_eq(never_freed(), before);
	if (!hoardk_heap_in_use(NULL))
		expect_eq(before, 0ull);
}

static void peaks_only_rise(void)
{
	struct stats low, high, after;
	void *p;

	stats_read(&low);
	p = hoardk_alloc(SZ_32M, GFP_KERNEL);
	expect(real_block(p));
	stats_read(&high);
	hoardk_free(p);
	hoardk_give_back();
	stats_read(&after);
	expect_ge(high.value[STAT_PEAK_IN_USE_BYTES], (u64)SZ_32M);
	expect_ge(high.value[STAT_PEAK_HELD_BYTES], (u64)SZ_32M);
	expect_ge(high.value[STAT_PEAK_HELD_BYTES],
		  low.value[STAT_PEAK_HELD_BYTES]);
	expect_ge(after.value[STAT_PEAK_IN_USE_BYTES],
		  high.value[STAT_PEAK_IN_USE_BYTES]);
	expect_ge(after.value[STAT_PEAK_HELD_BYTES],
		  high.value[STAT_PEAK_HELD_BYTES]);
	expect_lt(after.value[STAT_HELD_BYTES], (u64)SZ_32M);
}

/* A private heap without a bound makes the whole run one without. */
static void blowup_bound(void)
{
	struct stats s;

	stats_read(&s);
	expect_ge(s.value[STAT_BLOWUP], 1000ull);
	expect_le(s.value[STAT_BLOWUP], s.value[STAT_BLOWUP_BOUND]);
	if (s.value[STAT_BLOWUP_BOUND] == U64_MAX)
		test_skip("some heap of this run had policy local: no bound");
	else
		results_note("blowup %llu, bound %llu thousandths",
			     s.value[STAT_BLOWUP], s.value[STAT_BLOWUP_BOUND]);
}

static const struct test_case figures_cases[] = {
	{ "settings", settings },
	{ "relations", relations },
	{ "in_use_follows", in_use_follows },
	{ "counts", counts },
	{ "internal_fragmentation", internal_fragmentation },
	{ "external_fragmentation", external_fragmentation },
	{ "heap_goes_with_blocks", heap_goes_with_blocks },
	{ "peaks_only_rise", peaks_only_rise },
	{ "blowup_bound", blowup_bound },
};

TEST_SUITE(figures);
