// SPDX-License-Identifier: GPL-2.0
/*
 * The sweep and the shrinker.  Task context; takes heaps_mutex.
 *
 * A local heap is kicked, which drains and flushes on its CPU, when something
 * waits there.  When its CPU has not called hoardk for a whole period its
 * quarantine is emptied, and it is trimmed if it holds empty superblocks or has
 * nothing in use.  The sweep runs from the first superblock on until hoardk
 * holds nothing.
 */
#define pr_fmt(fmt) "hoardk: " fmt

#include <linux/jiffies.h>
#include <linux/preempt.h>
#include <linux/sched.h>

#include "account.h"
#include "compat.h"
#include "detach.h"
#include "heap.h"
#include "large.h"
#include "pool.h"
#include "quarantine.h"
#include "remote.h"
#include "sweep.h"

/*
 * What is freed last is back within four periods: one until its CPU is seen to
 * be idle, one for the kick, one for the pool, and what was left of the first.
 */
#define SWEEP_PERIOD	(HZ / 5)

struct workqueue_struct *sweep_queue;
static struct hoardk_shrinker shrinker;

static void sweep_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(sweep, sweep_work);

/* Something is held: see to it that the sweep runs.  Any context but NMI. */
void sweep_arm(void)
{
	if (!delayed_work_pending(&sweep))
		queue_delayed_work(sweep_queue, &sweep, SWEEP_PERIOD);
}

/* Nothing of the local heap's operations has happened for a period. */
static bool sweep_idle(struct local_heap *h)
{
	unsigned long operations = local_operations(h);
	bool idle = operations == h->operations_seen;

	h->operations_seen = operations;
	return idle;
}

/* What is to be done on a CPU that is idle. */
static enum want sweep_want(const struct local_heap *h, bool may_trim)
{
	const struct owner *o = &h->own;
	bool quarantined = quarantine_count(h);

	if (may_trim && (quarantined || READ_ONCE(o->nr_empty) ||
			 (READ_ONCE(o->held_bytes) &&
			  owner_used_seen(o) <= 0)))
		return WANT_TRIM;
	return quarantined ? WANT_FLUSH : WANT_NOTHING;
}

/* True when nothing happened here for a period. */
static bool sweep_local(struct local_heap *h, bool may_trim)
{
	bool idle = sweep_idle(h);
	enum want want = idle ? sweep_want(h, may_trim) : WANT_NOTHING;

	if (want)
		local_want(h, want);
	if (want || remote_waits(h))
		local_kick(h);
	return idle;
}

/* True when the heap holds superblocks. */
static bool sweep_heap(struct hoardk_heap *heap)
{
	struct owner *o = &heap->global.own;
	bool idle = true, unused = heap_in_use(heap) <= 0;
	/* By the other policies superblocks never go back, while it is used. */
	bool may_trim = unused || heap->policy == HOARDK_POLICY_HOARD;
	long held = READ_ONCE(o->held_bytes);
	struct local_heap *h;
	int cpu;

	for_each_online_cpu(cpu) {
		h = heap_local(heap, cpu);
		if (h == &busy_heap)
			continue;
		held += READ_ONCE(h->own.held_bytes);
		idle &= sweep_local(h, may_trim);
	}
	while (global_trim(&heap->global, owner_used_seen(o) <= 0))
		cond_resched();
	/* Blocks that local heaps keep for others: only a detach finds them. */
	if (heap->policy == HOARDK_POLICY_LOCAL && unused && idle && held)
		heap_empty(heap);
	return held;
}

static void sweep_work(struct work_struct *work)
{
	struct hoardk_heap *heap;
	bool held = true;

	/* If it is taken, next time will do. */
	if (mutex_trylock(&heaps_mutex)) {
		held = false;
		list_for_each_entry(heap, &heaps, link)
			held |= sweep_heap(heap);
		mutex_unlock(&heaps_mutex);
	}
	large_reap();
	if (held)
		pool_decay();
	else
		pool_release(ULONG_MAX);
	if (atomic_long_read(&account.held.now))
		sweep_arm();
}

/*
 * Superblocks that local heaps could do without; with @trim their CPUs are told
 * to let go of them, which takes effect a little later.  Reclaim may run inside
 * a detach, so the mutex is only tried.
 */
static unsigned long shrink_locals(bool trim)
{
	struct hoardk_heap *heap;
	struct local_heap *h;
	unsigned long n = 0, spare;
	int cpu;

	if (!mutex_trylock(&heaps_mutex))
		return 0;
	list_for_each_entry(heap, &heaps, link)
		for_each_online_cpu(cpu) {
			h = heap_local(heap, cpu);
			spare = READ_ONCE(h->own.nr_empty) +
				DIV_ROUND_UP(quarantine_bytes(h),
					     SUPERBLOCK_SIZE);
			n += spare;
			if (!spare || !trim)
				continue;
			local_want(h, WANT_TRIM);
			local_kick(h);
		}
	mutex_unlock(&heaps_mutex);
	return n;
}

static unsigned long shrink_count(struct shrinker *s,
				  struct shrink_control *control)
{
	unsigned long n = pool_count() + shrink_locals(false);

	return n ? n : SHRINK_EMPTY;
}

static unsigned long shrink_scan(struct shrinker *s,
				 struct shrink_control *control)
{
	unsigned long n = pool_release(control->nr_to_scan);

	/* Under pressure by any policy: empty ones are of no use to U. */
	if (n < control->nr_to_scan)
		shrink_locals(true);
	return n ? n : SHRINK_STOP;
}

int __init sweep_init(void)
{
	int err;

	sweep_queue = alloc_workqueue("hoardk",
				      WQ_MEM_RECLAIM | HOARDK_WQ_PERCPU, 0);
	if (!sweep_queue)
		return -ENOMEM;
	err = hoardk_shrinker_add(&shrinker, shrink_count, shrink_scan);
	if (err)
		destroy_workqueue(sweep_queue);
	return err;
}

void sweep_exit(void)
{
	hoardk_shrinker_remove(&shrinker);
	cancel_delayed_work_sync(&sweep);
	destroy_workqueue(sweep_queue);
}
