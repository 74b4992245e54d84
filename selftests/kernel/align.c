// SPDX-License-Identifier: GPL-2.0
/*
 * hoardk_memalign(), and that no two blocks ever overlap.
 */
#include <linux/mm.h>

#include "test.h"

static void check_align(size_t align, size_t size)
{
	void *p = hoardk_memalign(align, size, GFP_KERNEL);
	size_t usable;

	test_at(align + size);
	if (!expect(real_block(p)))
		return;
	expect_eq((unsigned long)p & (align - 1), 0ul);
	usable = hoardk_usable_size(p);
	expect_ge(usable, size);
	fill(p, usable, align);
	expect(intact(p, usable, align));
	hoardk_free(p);
}

static void every_power(void)
{
	static const size_t sizes[] = {
		1, 8, 24, 64, 100, 128, 500, 1000, 2000, SZ_4K, 5000, SZ_8K,
		12000, SZ_16K, 20000, SZ_32K, SZ_64K, 100000
	};
	size_t align;
	unsigned int i;

	for (align = 1; align <= SZ_64K; align *= 2) {
		for (i = 0; i < ARRAY_SIZE(sizes); i++)
			check_align(align, sizes[i]);
		cond_resched();
	}
}

/* Beyond a superblock and a huge page's half. */
static void beyond(void)
{
	static const size_t aligns[] = { SZ_128K, SZ_256K, SZ_1M };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(aligns); i++) {
		check_align(aligns[i], 1);
		check_align(aligns[i], SZ_4K);
		check_align(aligns[i], SZ_128K + 1);
	}
}

static void bad_align(void)
{
	static const size_t aligns[] = {
		0, 3, 5, 6, 7, 12, 24, 63, 65, 4095, 4097, SZ_64K + 8,
		SIZE_MAX, SIZE_MAX / 2, (1ul << 63) + 1
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(aligns); i++) {
		test_at(aligns[i]);
		expect_null(hoardk_memalign(aligns[i], 100, GFP_KERNEL));
	}
}

/* A power of two, but there is no such memory. */
static void absurd_align(void)
{
	gfp_t gfp = GFP_KERNEL | __GFP_NOWARN;

	expect_null(hoardk_memalign(1ul << 63, 1, gfp));
	expect_null(hoardk_memalign(1ul << 62, 100, gfp));
	expect_null(hoardk_memalign(1ul << 46, SZ_4K, gfp));
}

/* Aligned neighbours and plain ones in the same superblocks. */
static void mixed(void)
{
	void *p[64];
	size_t usable[64];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(p); i++) {
		p[i] = i % 2 ? hoardk_alloc(192, GFP_KERNEL) :
			       hoardk_memalign(1ul << (i % 13), 150,
					       GFP_KERNEL);
		expect(real_block(p[i]));
		usable[i] = hoardk_usable_size(p[i]);
		if (real_block(p[i]))
			fill(p[i], usable[i], i);
	}
	for (i = 0; i < ARRAY_SIZE(p); i++) {
		test_at(i);
		if (real_block(p[i]))
			expect(intact(p[i], usable[i], i));
		hoardk_free(p[i]);
	}
}

#define MANY	4096

static void *any_block(struct rnd_state *rnd)
{
	size_t size = some_size(rnd);

	if (below(rnd, 4))
		return hoardk_alloc(size, GFP_KERNEL);
	return hoardk_memalign(1ul << below(rnd, 14), size, GFP_KERNEL);
}

static void no_overlap(void)
{
	struct extent *extent = kvcalloc(MANY, sizeof(*extent), GFP_KERNEL);
	struct rnd_state rnd;
	unsigned int i;

	if (!expect_not_null(extent))
		return;
	prandom_seed_state(&rnd, test_seed);
	for (i = 0; i < MANY; i++) {
		void *p = any_block(&rnd);

		if (!expect(real_block(p)))
			break;
		extent[i].start = (unsigned long)p;
		extent[i].end = extent[i].start + hoardk_usable_size(p);
	}
	expect_eq(i, (unsigned int)MANY);
	expect(disjoint(extent, i));
	while (i--)
		hoardk_free((void *)extent[i].start);
	kvfree(extent);
}

/*
 * What can never be had is refused at once, even to who cannot be
 * refused: trying again would be for ever.
 */
static void never_to_be_had(void)
{
	static const size_t aligns[] = { SZ_8M, SZ_64M, 1ul << 40 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(aligns); i++) {
		test_at(aligns[i]);
		expect_null(hoardk_memalign(aligns[i], 64,
					    GFP_KERNEL | __GFP_NOFAIL));
	}
}

static const struct test_case align_cases[] = {
	{ "every_power", every_power },
	{ "beyond", beyond },
	{ "bad_align", bad_align },
	{ "absurd_align", absurd_align },
	{ "mixed", mixed },
	{ "no_overlap", no_overlap },
	{ "never_to_be_had", never_to_be_had },
};

TEST_SUITE(align);
