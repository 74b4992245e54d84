// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios of remote frees: hoardk/remote.c.
 */
#include "module.h"
#include "scenario.h"

static void give_0(void)
{
	give(0);
}

static void give_1(void)
{
	give(1);
}

static void take_half(void)
{
	take(8, HALF);
}

static void take_and_give(void)
{
	take(8, HALF);
	give(8);
}

/* The last two blocks of a superblock are freed by two CPUs without heaps. */
static void last_two_setup(void)
{
	take(0, HALF);
	take(1, HALF);
	task_add("freer-1", 1, give_0);
	task_add("freer-2", 2, give_1);
	task_add("owner", 0, take_and_give);
}

/* The same, by way of outboxes. */
static void last_two_flushed_setup(void)
{
	attach(1);
	attach(2);
	last_two_setup();
}

static void give_and_reuse(void)
{
	give(2);
	take(8, HALF);
}

/* A bit may be collected before it is counted, and all blocks be free then. */
static void debt_setup(void)
{
	attach(1);
	take(0, THIRD);
	take(1, THIRD);
	take(2, THIRD);
	task_add("freer-1", 1, give_0);
	task_add("freer-2", 2, give_1);
	task_add("owner", 0, give_and_reuse);
}

static void shrink(void)
{
	stub_shrink(4);
}

/*
 * The same.  The owner has been kicked to drain one block, and to let go of all
 * that is empty, for it had such a superblock; the pool gives everything back.
 */
static void debt_released_setup(void)
{
	take(0, THIRD);
	take(1, THIRD);
	take(9, HALF);
	take(10, HALF);
	take(11, HALF);
	give(9);
	give(10);
	shrink();
	on_cpu(1);
	give(1);
	on_cpu(0);
	task_add("freer", 1, give_0);
	task_add("shrinker", SPARE_CPU, shrink);
}

/*
 * Superblock X has blocks 0 and 1, Y has 3 and 4, all of CPU 0, which must give
 * Y away when it frees one more.
 */
static void about_to_move(void)
{
	unsigned int n;

	for (n = 0; n < 5; n++)
		take(n, THIRD);
	give(2);
}

static void give_4(void)
{
	give(4);
}

static void give_3(void)
{
	give(3);
}

static void take_third(void)
{
	take(8, THIRD);
}

/* A superblock moves A -> global -> B while one of its blocks is freed. */
static void move_setup(void)
{
	about_to_move();
	attach(1);
	task_add("A", 0, give_4);
	task_add("B", 1, take_third);
	task_add("freer", 2, give_3);
}

/* The freer flushes an outbox. */
static void move_flushed_setup(void)
{
	attach(2);
	move_setup();
}

static void give_3_take(void)
{
	give(3);
	take(8, SEVENTH);
}

static void give_7(void)
{
	give(7);
}

/* Two blocks of the superblock that moves are freed, and one freer fetches. */
static void move_two_setup(void)
{
	unsigned int n;

	/* X has 0, 1, 2, 8, 9 of 7 blocks; Y has 3, 4 and 7. */
	for (n = 10; n < 17; n++)
		take(n, SEVENTH);
	take(3, SEVENTH);
	take(4, SEVENTH);
	take(7, SEVENTH);
	give(10);
	give(11);
	attach(1);
	task_add("A", 0, give_4);
	task_add("B", 1, give_3_take);
	task_add("freer", 2, give_7);
}

static void give_0_then_1(void)
{
	give_unseen(0);
	give(1);
}

static void give_0_again(void)
{
	give_unseen(0);
}

/*
 * Superblock X of CPU 0 has block 0 alone, the last one, which is not handed
 * out at once when X is formatted anew; 1 is in another one.
 */
static void one_left(void)
{
	unsigned int n;

	for (n = 10; n < 17; n++)
		take(n, EIGHTH);
	take(0, EIGHTH);
	take(1, EIGHTH);
	for (n = 10; n < 17; n++)
		give(n);
}

/*
 * Block 0 waits in an outbox.  Somebody else frees it as well, its superblock
 * becomes empty and is formatted anew, maybe before the outbox is flushed.
 */
static void outbox_stale_setup(void)
{
	one_left();
	attach(1);
	task_add("freer", 1, give_0_then_1);
	task_add("wild", 2, give_0_again);
	task_add("owner", 0, take_half);
}

/* The same without an outbox: the freer stops before it sets the bit. */
static void remote_stale_setup(void)
{
	one_left();
	task_add("freer", 1, give_0_again);
	task_add("wild", 2, give_0_again);
	task_add("owner", 0, take_half);
}

static void give_0_again_take(void)
{
	give_unseen(0);
	take(8, EIGHTH);
}

/* CPU 0 is told to let go of all that is empty. */
static void one_left_to_pool(void)
{
	one_left();
	take(20, HALF);
	take(21, HALF);
	take(22, HALF);
	give(20);
	give(21);
	shrink();
	attach(1);
}

/*
 * The same, but the superblock goes to the pool, and comes back from there for
 * the same class and another CPU.
 */
static void outbox_reused_setup(void)
{
	one_left_to_pool();
	task_add("freer", 1, give_0_then_1);
	task_add("wild", 2, give_0_again_take);
}

static bool all_taken;

static void give_0_again_take_all(void)
{
	unsigned int n;

	give_unseen(0);
	for (n = 30; n < 38; n++)
		take(n, EIGHTH);
	all_taken = true;
}

static bool is_taken(void *arg)
{
	return all_taken;
}

static void give_1_last(void)
{
	task_wait("waits until all are taken", is_taken, NULL);
	give(1);
}

/* And then block 0 is somebody else's when the outbox is flushed. */
static void outbox_taken_setup(void)
{
	one_left_to_pool();
	on_cpu(1);
	give(0);
	on_cpu(0);
	task_add("freer", 1, give_1_last);
	task_add("wild", 2, give_0_again_take_all);
}

const struct scenario remote_scenarios[] = {
	{ "last_two", last_two_setup, .kicks = true },
	{ "last_two_flushed", last_two_flushed_setup, .kicks = true },
	{ "debt", debt_setup, .kicks = true },
	{ "debt_released", debt_released_setup, .slack = "8", .kicks = true },
	{ "move", move_setup },
	{ "move_flushed", move_flushed_setup },
	{ "move_two", move_two_setup },
	{ "outbox_stale", outbox_stale_setup, .bad = 1 },
	{ "remote_stale", remote_stale_setup, .bad = 1 },
	{ "outbox_taken", outbox_taken_setup, .slack = "8", .bad = 1 },
	{ "outbox_reused", outbox_reused_setup, .slack = "8", .bad = 1 },
	{ }
};
