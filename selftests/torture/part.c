// SPDX-License-Identifier: GPL-2.0
/*
 * The last that this module does: all CPUs free what others have made, large
 * blocks go, and a heap stays with live blocks in it.  Who unloads hoardk next meets
 * kicks and grace periods that these have caused, and has superblocks to free: more
 * than RCU does at a time.
 *
 * Task context of rmmod; CPUs neither go nor come any more.  hoardk must have been
 * told to free what is left.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include <linux/hoardk.h>

#include "torture.h"

#define PART_BLOCKS	48
#define PART_SIZE	512U
#define LEFT_SIZE	16256U		/* two blocks a superblock */

struct share {
	struct work_struct work;
	struct hoardk_heap *heap;
	void *p[PART_BLOCKS];
	void *left[PART_BLOCKS];
	void *large;
};

static void share_make(struct work_struct *work)
{
	struct share *s = container_of(work, struct share, work);
	gfp_t gfp = GFP_KERNEL | job.gfp;
	unsigned int i;

	for (i = 0; i < PART_BLOCKS; i++) {
		s->p[i] = hoardk_alloc(PART_SIZE, gfp);
		s->left[i] = hoardk_heap_alloc(s->heap, LEFT_SIZE, gfp);
	}
	s->large = hoardk_alloc(SZ_64K, gfp);
}

/* Seven in eight of the heap stay. */
static void share_free(struct work_struct *work)
{
	struct share *s = container_of(work, struct share, work);
	unsigned int i;

	for (i = 0; i < PART_BLOCKS; i++) {
		hoardk_free(s->p[i]);
		if (!(i % 8))
			hoardk_free(s->left[i]);
	}
	hoardk_free(s->large);
}

/* Of each CPU by itself or, @elsewhere, by the next one; all at once. */
static void shares_do(struct share *shares, work_func_t what, bool elsewhere)
{
	unsigned int cpu, on;

	for_each_online_cpu(cpu) {
		on = cpu;
		if (elsewhere)
			on = cpumask_next(cpu, cpu_online_mask);
		if (on >= nr_cpu_ids)
			on = cpumask_first(cpu_online_mask);
		INIT_WORK(&shares[cpu].work, what);
		schedule_work_on(on, &shares[cpu].work);
	}
	for_each_online_cpu(cpu)
		flush_work(&shares[cpu].work);
}

void torture_part(void)
{
	struct hoardk_heap *heap = hoardk_heap_create("left", NULL);
	struct share *shares = kvcalloc(nr_cpu_ids, sizeof(*shares),
					GFP_KERNEL);
	unsigned int cpu;

	if (IS_ERR(heap) || !shares) {
		pr_warn("no memory for what is to be left\n");
		goto out;
	}
	for_each_online_cpu(cpu)
		shares[cpu].heap = heap;
	shares_do(shares, share_make, false);
	shares_do(shares, share_free, true);
out:
	kvfree(shares);
}
