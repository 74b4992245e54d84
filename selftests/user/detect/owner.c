// SPDX-License-Identifier: GPL-2.0
/*
 * Parts of an owner that histories seldom come by.
 */
#include "detect.h"

/* Of a class with several words, on a node: the first word is used up. */
static void second_word(void)
{
	unsigned int i;
	void *p[70];

	insmod(NULL);
	for (i = 0; i < 70; i++) {
		p[i] = hoardk_alloc_node(8, GFP_KERNEL, 0);
		expect(superblock_of(p[i]) == superblock_of(p[0]),
		       "another superblock for block %u", i);
	}
	expect_sound(70 * 8);
	put_all(0, 70, p);
	rmmod();
}

/*
 * Figures that ask for more than there is to give away: the local heap gives
 * what it can, and goes on.
 */
static void nothing_sparse(void)
{
	struct local_heap *h;
	unsigned int n;
	void *p[16];

	insmod(NULL);
	n = capacity_of(2000);
	fill(0, 2000, p);
	h = local_heap(0);
	preempt_disable();
	expect(local_enter(h), "busy");
	h->own.invariant = __LONG_MAX__;
	local_settle(h, 0);
	expect_is(h->own.held_bytes, SUPERBLOCK_SIZE);
	owner_set_floor(&h->own);
	local_exit(h);
	preempt_enable();
	expect_sound(n * 2048);
	put_all(0, n, p);
	rmmod();
}

/* It is CPU 1 that frees, and CPU 0 that gets them. */
static void stream(void)
{
	unsigned int i;
	void *p[1000];

	insmod(NULL);
	for (i = 0; i < 1000; i++)
		p[i] = get(0, 64);
	for (i = 0; i < 1000; i++)
		put(1, p[i]);
	steps_settle();
	expect_is(double_frees(), 0);
	expect_sound(0);
	rmmod();
}

/* More empty superblocks than a CPU gives up at once. */
static void many_empty(void)
{
	unsigned int i;
	void *p[40];

	insmod("slack=64");
	for (i = 0; i < 40; i++)
		p[i] = get(0, SMALL_MAX);
	put_all(0, 40, p);
	give_up_empty(&general_heap, 0);
	expect_is(local_heap(0)->own.held_bytes, 0);
	rmmod();
}

const struct test owner_tests[] = {
	{ "a node's superblock whose first word is used up", second_word },
	{ "an invariant that cannot be restored", nothing_sparse },
	{ "a stream of blocks to another CPU comes back", stream },
	{ "a CPU gives up many empty superblocks", many_empty },
	{ 0 }
};
