// SPDX-License-Identifier: GPL-2.0
/*
 * hoardk_realloc(): contents are kept, whatever the two sizes are.
 */
#include <linux/limits.h>
#include <linux/mm.h>

#include "test.h"

static const size_t sizes[] = {
	1, 8, 16, 17, 64, 100, 512, 513, 1000, SZ_4K, SZ_4K + 1, 10000, SZ_16K,
	SZ_16K + 1, SZ_32K, 50000, SZ_128K, SZ_1M
};

/* realloc warns of unused results and of use after it: keep both apart. */
static noinline void *resize(void *p, size_t size, gfp_t gfp)
{
	return hoardk_realloc(p, size, gfp);
}

static void resize_pair(size_t from, size_t to)
{
	size_t kept = min(from, to), usable;
	void *p = hoardk_alloc(from, GFP_KERNEL), *q;

	test_at(from * SZ_4M + to);
	if (!expect(real_block(p)))
		return;
	fill(p, kept, from);
	q = resize(p, to, GFP_KERNEL);
	if (!expect(real_block(q))) {
		hoardk_free(p);
		return;
	}
	usable = hoardk_usable_size(q);
	expect_ge(usable, to);
	expect(intact(q, kept, from));
	fill(q, usable, to);
	expect(intact(q, usable, to));
	hoardk_free(q);
}

static void every_pair(void)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (j = 0; j < ARRAY_SIZE(sizes); j++)
			resize_pair(sizes[i], sizes[j]);
		cond_resched();
	}
}

/* Up to its usable size a block stays where it is. */
static void in_place(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		void *p = hoardk_alloc(sizes[i], GFP_KERNEL), *q;

		test_at(sizes[i]);
		if (!expect(real_block(p)))
			continue;
		q = resize(p, hoardk_usable_size(p), GFP_KERNEL);
		expect_eq(q, p);
		q = resize(q, sizes[i], GFP_KERNEL);
		expect_eq(q, p);
		hoardk_free(q);
	}
}

static void of_null(void)
{
	void *p = resize(NULL, 100, GFP_KERNEL);

	if (expect(real_block(p)))
		expect_ge(hoardk_usable_size(p), (size_t)100);
	hoardk_free(p);
	p = resize(ZERO_SIZE_PTR, 100, GFP_KERNEL);
	expect(real_block(p));
	hoardk_free(p);
	expect(ZERO_OR_NULL_PTR(resize(NULL, 0, GFP_KERNEL)));
}

/* Size 0 frees; main.c sees it if it does not. */
static void to_zero(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		void *p = hoardk_alloc(sizes[i], GFP_KERNEL);

		test_at(sizes[i]);
		expect(real_block(p));
		expect_eq(resize(p, 0, GFP_KERNEL), ZERO_SIZE_PTR);
	}
}

/* What cannot grow stays as it was. */
static void too_much(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		void *p = hoardk_alloc(sizes[i], GFP_KERNEL);

		test_at(sizes[i]);
		if (!expect(real_block(p)))
			continue;
		fill(p, sizes[i], i);
		expect_null(resize(p, SIZE_MAX, GFP_KERNEL | __GFP_NOWARN));
		expect_null(resize(p, 1ul << 46, GFP_KERNEL | __GFP_NOWARN));
		expect(intact(p, sizes[i], i));
		hoardk_free(p);
	}
}

/* One block grows byte by byte over many classes, then shrinks again. */
static void creeping(void)
{
	void *p = hoardk_alloc(1, GFP_KERNEL), *q;
	size_t size;

	if (!expect(real_block(p)))
		return;
	*(u8 *)p = 1;
	for (size = 2; size <= SZ_4K; size++) {
		test_at(size);
		q = resize(p, size, GFP_KERNEL);
		if (!expect(real_block(q)))
			break;
		p = q;
		((u8 *)p)[size - 1] = (u8)size;
		expect_eq(((u8 *)p)[size / 2], (u8)(size / 2 + 1));
	}
	for (size = SZ_4K; size >= 64; size -= 61) {
		test_at(size);
		q = resize(p, size, GFP_KERNEL);
		if (!expect(real_block(q)))
			break;
		p = q;
		expect_eq(((u8 *)p)[size - 1], (u8)size);
	}
	hoardk_free(p);
}

static const struct test_case resize_cases[] = {
	{ "every_pair", every_pair },
	{ "in_place", in_place },
	{ "of_null", of_null },
	{ "to_zero", to_zero },
	{ "too_much", too_much },
	{ "creeping", creeping },
};

TEST_SUITE(resize);
