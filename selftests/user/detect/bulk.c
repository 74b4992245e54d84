// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks freed in bulk: where runs end, and what is no block in the middle of one.
 */
#include "detect.h"

#define NR	40

/* Blocks of 64 bytes that lie one behind the other. */
static void bulk_get(unsigned int nr, void **p)
{
	unsigned int i;

	expect_is(hoardk_alloc_bulk(64, GFP_KERNEL, nr, p), nr);
	for (i = 1; i < nr; i++)
		expect(p[i] == p[i - 1] + 64, "block %u lies elsewhere", i);
}

/* @at was free already: that is told, and no other block is concerned. */
static void second_free(unsigned int at)
{
	void *p[NR];

	insmod(NULL);
	bulk_get(NR, p);
	hoardk_free(p[at]);
	hoardk_free_bulk(NR, p);
	expect_is(double_frees(), 1);
	expect_said("hoardk: bad free: 0x* (64 bytes, heap general) was freed twice, *");
	expect_sound(0);
	rmmod();
}

static void second_free_first(void)
{
	second_free(0);
}

static void second_free_inside(void)
{
	second_free(NR / 2);
}

static void twice_in_one(void)
{
	void *p[NR + 1];

	insmod(NULL);
	bulk_get(NR, p);
	p[NR] = p[3];
	hoardk_free_bulk(NR + 1, p);
	expect_is(double_frees(), 1);
	expect_said("hoardk: bad free: 0x* (64 bytes, heap general) was freed twice, *");
	expect_sound(0);
	rmmod();
}

/* Inside a block, on the stack, nothing at all, another CPU's and a large one. */
static void no_block_inside(void)
{
	void *p[NR], *between;
	unsigned int i;

	insmod(NULL);
	bulk_get(NR - 5, p);
	p[NR - 5] = p[NR - 6] + 8;
	p[NR - 4] = &p[1];
	p[NR - 3] = NULL;
	p[NR - 2] = get(1, 64);
	p[NR - 1] = hoardk_alloc(100000, GFP_KERNEL);
	for (i = 0; i < 5; i++) {
		between = p[3 + 6 * i];
		p[3 + 6 * i] = p[NR - 5 + i];
		p[NR - 5 + i] = between;
	}
	hoardk_free_bulk(NR, p);
	expect_is(invalid_frees(), 2);
	expect_is(console_lines(), 2);
	expect_last_said("hoardk: bad free: 0x* is on the stack; left alone");
	console_clear();
	hoardk_give_back();
	expect_sound(0);
	rmmod();
}

/* All of two superblocks, from the last to the first, and in order. */
static void whole_superblocks(void)
{
	void *p[4 * SUPERBLOCK_SIZE / 200];
	unsigned int i, nr;

	insmod("slack=1");
	nr = 2 * capacity_of(200);
	expect_is(hoardk_alloc_bulk(200, GFP_KERNEL, nr, p), nr);
	for (i = 0; i < nr; i++)
		p[2 * nr - 1 - i] = p[i];
	hoardk_free_bulk(nr, p + nr);
	expect_sound(0);
	expect_is(hoardk_alloc_bulk(200, GFP_KERNEL, nr, p), nr);
	hoardk_free_bulk(nr, p);
	expect_sound(0);
	expect_silence();
	rmmod();
}

/* What lies between blocks in use is handed out once. */
static void gaps(void)
{
	void *p[2 * NR];
	unsigned int i;

	insmod(NULL);
	bulk_get(NR, p);
	for (i = 0; i < NR; i++)
		if (i * i % 7 < 2) {
			hoardk_free(p[i]);
			p[i] = NULL;
		}
	expect_is(hoardk_alloc_bulk(64, GFP_KERNEL, NR, p + NR), NR);
	for (i = 0; i < 2 * NR; i++)
		if (p[i])
			memset(p[i], i, 64);
	for (i = 0; i < 2 * NR; i++)
		if (p[i])
			expect_is(((u8 *)p[i])[63], i);
	hoardk_free_bulk(2 * NR, p);
	expect_sound(0);
	expect_silence();
	rmmod();
}

const struct test bulk_tests[] = {
	{ "bulk: the first block was free", second_free_first },
	{ "bulk: a block in the middle was free", second_free_inside },
	{ "bulk: the same block twice", twice_in_one },
	{ "bulk: what is no block in the middle", no_block_inside },
	{ "bulk: whole superblocks, backwards and forwards", whole_superblocks },
	{ "bulk: a word with gaps", gaps },
	{ 0 }
};
