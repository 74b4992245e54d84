// SPDX-License-Identifier: GPL-2.0
/*
 * Private heaps that come and go while everybody uses them.
 *
 * A player that uses a heap holds one of its users for as long: task to NMI,
 * no waiting.  The thread in charge drops its own, waits until there is none,
 * and then frees the blocks that are left itself, or lets them go with the
 * heap, which must know exactly how many there were.  The frees of the last
 * user, the kicks and grace periods they caused, are still under way then.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/printk.h>

#include <linux/hoardk.h>

#include "torture.h"

#define PASSING		4
#define PASSING_CELLS	96

struct passing {
	atomic_t users;		/* 0: closed */
	struct hoardk_heap *heap;
	struct cell cells[PASSING_CELLS];
};

static struct passing passing[PASSING];

/* False if the heap of this turn is closed. */
bool torture_heaps_turn(struct player *p, u64 h)
{
	struct passing *q = &passing[(h >> 8) % PASSING];
	struct cell *c = &q->cells[(u32)h % PASSING_CELLS];

	/* Full barrier: the heap is there. */
	if (!atomic_inc_not_zero(&q->users))
		return false;
	if (torture_cell_enter(c, CELL_EMPTY)) {
		bool got = stress_block_make_in(&p->actor, &c->block, q->heap);

		torture_cell_leave(c, got ? CELL_FULL : CELL_EMPTY);
	} else if (torture_cell_take(p, c)) {
		torture_stale(c->block.p, h >> 16);
		stress_block_drop(&p->actor, &c->block);
		torture_cell_leave(c, CELL_EMPTY);
	}
	/* Pairs with heap_close(): after all that was done to the heap. */
	atomic_dec_return_release(&q->users);
	return true;
}

/* Any policy and any attributes there are. */
static struct hoardk_heap *heap_random(const char *name)
{
	u64 h = torture_random();
	struct hoardk_heap_attr attr = {
		.policy = h % (HOARDK_POLICY_HOARD + 1),
		.slack = (h >> 8) % 40,
		.empty_percent = (h >> 16) & 1 ? 20 + (h >> 24) % 71 : 0,
	};

	return hoardk_heap_create(name, &attr);
}

static void heap_open(struct passing *q)
{
	struct hoardk_heap *heap = heap_random("passing");

	/* There may be no memory. */
	if (IS_ERR(heap))
		return;
	q->heap = heap;
	torture.heaps_created++;
	/* Pairs with torture_heaps_turn(). */
	atomic_set_release(&q->users, 1);
}

static void heap_close(struct passing *q, bool leave)
{
	struct actor *a = &torture.keeper.actor;
	size_t left = 0, live;
	unsigned int i;

	/* Pairs with torture_heaps_turn(). */
	if (atomic_dec_return(&q->users))
		while (atomic_read_acquire(&q->users))
			usleep_range(10, 50);
	for (i = 0; i < PASSING_CELLS; i++) {
		if (!torture_cell_enter(&q->cells[i], CELL_FULL))
			continue;
		if (leave) {
			stress_block_forget(a, &q->cells[i].block);
			left++;
		} else {
			stress_block_drop(a, &q->cells[i].block);
		}
		torture_cell_leave(&q->cells[i], CELL_EMPTY);
	}
	live = hoardk_heap_destroy(q->heap);
	q->heap = NULL;
	if (left)
		torture.heaps_left++;
	if (live == left)
		return;
	job.accounting_errors++;
	pr_err("a heap that was destroyed had %zu live blocks, and said %zu\n",
	       left, live);
}

int torture_heaps_thread(void *unused)
{
	torture_may_fail();
	while (!kthread_should_stop()) {
		u64 h = torture_random();
		struct passing *q = &passing[h % PASSING];

		if (!q->heap)
			heap_open(q);
		else if (h & 0x300)
			heap_close(q, h & 0x100);
		usleep_range(500, 20000);
	}
	return 0;
}

/* Nobody plays. */
void torture_heaps_close(void)
{
	unsigned int i;

	for (i = 0; i < PASSING; i++)
		if (passing[i].heap)
			heap_close(&passing[i], i & 1);
}

/* While the board is empty: another job.heap. */
int torture_private_renew(void)
{
	struct hoardk_heap *heap = heap_random("private");
	size_t live = job.heap ? hoardk_heap_destroy(job.heap) : 0;

	job.heap = NULL;
	if (live) {
		job.accounting_errors++;
		pr_err("the private heap still had %zu live blocks\n", live);
	}
	if (IS_ERR(heap))
		return PTR_ERR(heap);
	job.heap = heap;
	return 0;
}
