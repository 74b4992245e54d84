// SPDX-License-Identifier: GPL-2.0
/*
 * Memory is eaten up but for a reserve, and let go of page by page, so that what is
 * free is in pieces.  Before the kernel kills anybody for want of memory all that
 * was eaten goes back: who starves is to be the players, not the test.
 *
 * One thread, and whoever allocates when there is nothing left; eaten_lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/oom.h>
#include <linux/sched.h>

#include <linux/hoardk_test.h>

#include "torture.h"

#define EAT_ORDER	0

/* Nothing is allocated under it. */
static DEFINE_MUTEX(eaten_lock);
static LIST_HEAD(eaten);
static unsigned long nr_eaten;

static void swallow(struct page *page)
{
	mutex_lock(&eaten_lock);
	list_add(&page->lru, &eaten);
	nr_eaten++;
	torture.eaten_peak = max_t(u64, torture.eaten_peak, nr_eaten);
	mutex_unlock(&eaten_lock);
}

/* Let go of about one page in @in; how many it were. */
static unsigned long spit_out(unsigned int in)
{
	struct page *page, *next;
	unsigned long n = 0;

	mutex_lock(&eaten_lock);
	list_for_each_entry_safe(page, next, &eaten, lru) {
		if (in > 1 && torture_random() % in)
			continue;
		list_del(&page->lru);
		__free_pages(page, EAT_ORDER);
		n++;
		cond_resched();
	}
	nr_eaten -= n;
	mutex_unlock(&eaten_lock);
	return n;
}

static int last_resort(struct notifier_block *block, unsigned long unused,
		       void *freed)
{
	unsigned long n = spit_out(1);

	if (n)
		torture.spit_outs++;
	else
		pr_err("nothing is left to let go of; hoardk holds %zu KiB\n",
		       hoardk_held_bytes() >> 10);
	*(unsigned long *)freed += n;
	return NOTIFY_OK;
}

static struct notifier_block at_oom = { .notifier_call = last_resort };

int torture_eat_thread(void *unused)
{
	unsigned long reserve = torture.reserve_mb << (20 - PAGE_SHIFT);
	gfp_t gfp = GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN | __GFP_NOMEMALLOC;
	struct page *page;

	register_oom_notifier(&at_oom);
	while (!kthread_should_stop()) {
		page = NULL;
		if (si_mem_available() > (long)reserve)
			page = alloc_pages(gfp, EAT_ORDER);
		if (page) {
			swallow(page);
			cond_resched();
			continue;
		}
		usleep_range(1000, 200000);
		spit_out(1 + torture_random() % 8);
	}
	unregister_oom_notifier(&at_oom);
	spit_out(1);
	return 0;
}
