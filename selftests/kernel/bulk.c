// SPDX-License-Identifier: GPL-2.0
/*
 * hoardk_alloc_bulk() and hoardk_free_bulk().
 */
#include <linux/limits.h>
#include <linux/mm.h>

#include "test.h"

#define MOST	1000

static void **new_array(void)
{
	void **p = kvcalloc(MOST, sizeof(*p), GFP_KERNEL);

	expect_not_null(p);
	return p;
}

/* Each block whole, its own, and of the size asked for. */
static void check_blocks(void **p, unsigned int nr, size_t size)
{
	struct extent *extent = kvcalloc(MOST, sizeof(*extent), GFP_KERNEL);
	unsigned int i;

	if (!expect_not_null(extent))
		return;
	for (i = 0; i < nr; i++) {
		if (!expect(real_block(p[i])))
			goto out;
		expect_ge(hoardk_usable_size(p[i]), size);
		extent[i].start = (unsigned long)p[i];
		extent[i].end = extent[i].start + hoardk_usable_size(p[i]);
		fill(p[i], hoardk_usable_size(p[i]), i);
	}
	for (i = 0; i < nr; i++)
		expect(intact(p[i], hoardk_usable_size(p[i]), i));
	expect(disjoint(extent, nr));
out:
	kvfree(extent);
}

static void check_bulk(void **p, size_t size, unsigned int nr)
{
	unsigned int got;

	test_at(size * 10000 + nr);
	got = hoardk_alloc_bulk(size, GFP_KERNEL, nr, p);
	expect_eq(got, nr);
	check_blocks(p, got, size);
	hoardk_free_bulk(got, p);
}

static void numbers(void)
{
	static const unsigned int numbers[] = { 0, 1, 2, 63, 64, 65, 250, MOST };
	static const size_t sizes[] = { 1, 16, 64, 100, 1000, SZ_4K, SZ_16K };
	void **p = new_array();
	unsigned int i, j;

	if (!p)
		return;
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		for (j = 0; j < ARRAY_SIZE(numbers); j++)
			check_bulk(p, sizes[i], numbers[j]);
	kvfree(p);
}

static void of_large(void)
{
	void **p = new_array();

	if (!p)
		return;
	check_bulk(p, SZ_32K, 9);
	check_bulk(p, SZ_128K + 1, 9);
	kvfree(p);
}

static void too_much(void)
{
	void *p[8] = {};

	expect_eq(hoardk_alloc_bulk(1ul << 46, GFP_KERNEL | __GFP_NOWARN,
				    ARRAY_SIZE(p), p), 0u);
	expect_eq(hoardk_alloc_bulk(SIZE_MAX, GFP_KERNEL | __GFP_NOWARN,
				    ARRAY_SIZE(p), p), 0u);
}

/* NULL and no size at all may stand between blocks. */
static void nothing_between(void)
{
	void **p = new_array();
	unsigned int i;

	if (!p)
		return;
	expect_eq(hoardk_alloc_bulk(48, GFP_KERNEL, 100, p), 100u);
	for (i = 0; i < 100; i += 3) {
		hoardk_free(p[i]);
		p[i] = i % 2 ? NULL : ZERO_SIZE_PTR;
	}
	hoardk_free_bulk(100, p);
	kvfree(p);
}

/* Blocks of all classes, of other CPUs and large ones, freed in one go. */
static void mixed_free(void)
{
	void **p = new_array();
	struct rnd_state rnd;
	unsigned int i;

	if (!p)
		return;
	prandom_seed_state(&rnd, test_seed);
	for (i = 0; i < MOST; i++)
		p[i] = hoardk_alloc(some_size(&rnd), GFP_KERNEL);
	hoardk_free_bulk(MOST, p);
	kvfree(p);
}

struct batch {
	void **p;
	unsigned int nr;
};

static void get_batch(void *arg)
{
	struct batch *batch = arg;

	expect_eq(hoardk_alloc_bulk(80, GFP_KERNEL, batch->nr, batch->p),
		  batch->nr);
}

static void free_batch(void *arg)
{
	struct batch *batch = arg;

	hoardk_free_bulk(batch->nr, batch->p);
}

static void across_cpus(void)
{
	struct batch batch = { .p = new_array(), .nr = MOST };
	unsigned int i;

	if (!batch.p)
		return;
	for (i = 0; i < num_online_cpus(); i++) {
		on_cpu(cpu_at(i), get_batch, &batch);
		check_blocks(batch.p, MOST, 80);
		on_cpu(cpu_at(i + 1), free_batch, &batch);
	}
	kvfree(batch.p);
}

static const struct test_case bulk_cases[] = {
	{ "numbers", numbers },
	{ "of_large", of_large },
	{ "too_much", too_much },
	{ "nothing_between", nothing_between },
	{ "mixed_free", mixed_free },
	{ "across_cpus", across_cpus },
};

TEST_SUITE(bulk);
