// SPDX-License-Identifier: GPL-2.0
/*
 * Bad frees at a known rate: hoardk must refuse and count each of them, and do
 * nothing else.  The script that loads this compares its counters with ours.
 *
 * torture_wrong(): any context, by whoever has the cell.  Where a block was that
 * has been freed since, no other can start at an odd address, whatever is there
 * by now: its superblock may be on its way to another heap, class or user.
 * Second frees come from a thread with a heap of its own and a live neighbour in
 * the superblock, so that the block cannot have got another owner or other memory
 * before.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <linux/hoardk.h>
#include <linux/hoardk_test.h>

#include "torture.h"

static void *foreign;
static void *mapped;
static u64 of_module;
static struct hoardk_heap *twice;

#define STALE	256

static void *stale[STALE];

int torture_wrong_init(void)
{
	foreign = kmalloc(256, GFP_KERNEL);
	mapped = vzalloc(PAGE_SIZE);
	twice = hoardk_heap_create("twice", NULL);
	if (!foreign || !mapped)
		return -ENOMEM;
	return PTR_ERR_OR_ZERO(twice);
}

void torture_wrong_exit(void)
{
	if (!IS_ERR_OR_NULL(twice) && hoardk_heap_destroy(twice))
		job.accounting_errors++;
	kfree(foreign);
	vfree(mapped);
}

/* The block is about to be freed. */
void torture_stale(void *p, u64 h)
{
	WRITE_ONCE(stale[h % STALE], p);
}

static void *stale_odd(u64 h)
{
	return (void *)((unsigned long)READ_ONCE(stale[h % STALE]) | 1);
}

void torture_wrong(struct player *p, const struct block *b, u64 h)
{
	u64 on_stack = h;
	void *pointers[] = {
		b->p + 1 + (u32)h % (b->usable - 1),
		b->p + b->usable / 2,
		stale_odd(h), stale_odd(h + 1), stale_odd(h >> 24),
		stale_odd(h >> 40),
		foreign, foreign + 64, mapped, &of_module, &on_stack,
		(void *)(PAGE_SIZE + (u32)h), ERR_PTR(-ENOMEM), (void *)~h,
	};

	p->wrong++;
	hoardk_free(pointers[(h >> 32) % ARRAY_SIZE(pointers)]);
}

/* Both are in one superblock, not in single pages. */
static bool neighbours(const void *p, const void *q)
{
	return p && q && hoardk_block_bytes(p) < SZ_2K && share_superblock(p, q);
}

/*
 * Of two frees one may wait for the owner while that makes the other, and hands the
 * block out again: then it is not seen.  So the first one is made where the block
 * was, and only the second on another CPU.
 */
static void free_twice(u32 size, bool elsewhere)
{
	void *p, *q;
	bool near;

	migrate_disable();
	p = hoardk_heap_alloc(twice, size, GFP_KERNEL | job.gfp);
	q = hoardk_heap_alloc(twice, size, GFP_KERNEL | job.gfp);
	near = neighbours(p, q);
	hoardk_free(p);
	migrate_enable();
	if (near) {
		if (elsewhere)
			usleep_range(100, 3000);
		hoardk_free(p);
		torture.doubles++;
	}
	hoardk_free(q);
}

int torture_wrong_thread(void *unused)
{
	while (!kthread_should_stop()) {
		u64 h = torture_random();

		free_twice(8U << h % 7, h & 0x100);
		usleep_range(1000, 30000);
	}
	return 0;
}
