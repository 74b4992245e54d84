// SPDX-License-Identifier: GPL-2.0
/*
 * Detach: point the CPU at the busy heap, wait for a grace period (every
 * section that still uses the local heap has preemption off), move its
 * superblocks to the global heap, wait once more (every freer that read the
 * old owner has queued by then), drain what was queued meanwhile, free it.
 *
 * Task context, heaps_mutex held; may be slow, but lets others run in between.
 */
#include <linux/gfp.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "badfree.h"
#include "detach.h"
#include "heap.h"
#include "quarantine.h"
#include "remote.h"
#include "sanitize.h"

/* Superblocks that are moved without letting others run. */
#define DETACH_BATCH	4

/*
 * Take the local heap from a CPU, NULL if it has none; the caller waits for a
 * grace period.  heaps_mutex.
 */
struct local_heap *detach_begin(struct hoardk_heap *heap, int cpu)
{
	struct local_heap *h;
	unsigned long flags;

	global_lock(&heap->global, &flags);
	h = *per_cpu_ptr(heap->local, cpu);
	WRITE_ONCE(per_cpu_ptr(heap->cpus, cpu)->blocked, true);
	WRITE_ONCE(*per_cpu_ptr(heap->local, cpu), &busy_heap);
	global_unlock(&heap->global, flags);
	return h == &busy_heap ? NULL : h;
}

/* The CPU may have a local heap again.  heaps_mutex. */
void detach_unblock(struct hoardk_heap *heap, int cpu)
{
	unsigned long flags;

	global_lock(&heap->global, &flags);
	WRITE_ONCE(per_cpu_ptr(heap->cpus, cpu)->blocked, false);
	global_unlock(&heap->global, flags);
}

/*
 * Instead of the rest of a detach: the CPU, which has been online all the time,
 * gets its local heap back.  heaps_mutex.
 */
void detach_cancel(struct hoardk_heap *heap, int cpu, struct local_heap *h)
{
	unsigned long flags;

	global_lock(&heap->global, &flags);
	/*
	 * A kick may have come meanwhile and found it taken.  Pairs with
	 * kick_work(): either that sees @h, or what it was for is seen here.
	 */
	smp_store_mb(*per_cpu_ptr(heap->local, cpu), h);
	WRITE_ONCE(per_cpu_ptr(heap->cpus, cpu)->blocked, false);
	global_unlock(&heap->global, flags);
	if (remote_waits(h) || READ_ONCE(h->want))
		local_kick(h);
}

/* Nobody allocates from @h any more: its superblocks go to the global heap. */
static void detach_move(struct local_heap *h)
{
	struct superblock *sb;
	bool more;
	int i;

	do {
		preempt_disable();
		more = quarantine_flush(h);
		local_settle_due(h, 0);
		preempt_enable();
		cond_resched();
	} while (more);
	preempt_disable();
	outbox_flush(h);
	preempt_enable();
	do {
		cond_resched();
	} while (local_disperse(h));
	owner_retire_all(&h->own);
	do {
		more = false;
		preempt_disable();
		for (i = 0; i < DETACH_BATCH; i++) {
			sb = owner_any(&h->own);
			if (!sb)
				break;
			global_give(&h->own, sb);
			more = true;
		}
		preempt_enable();
		cond_resched();
	} while (more);
}

/* The counters of a local heap live on in the global heap's. */
static void detach_fold(struct local_heap *h)
{
	struct global_heap *g = &h->own.heap->global;
	struct owner *o = &h->own;
	unsigned long flags;

	global_lock(g, &flags);
	counted(g->own.allocs += o->allocs);
	counted(g->own.local_frees += o->local_frees);
	counted(g->own.remote_frees += o->remote_frees);
	counted(g->own.remote_out += o->remote_out);
	counted(g->own.drained += o->drained);
	/* What is left of u_i are second frees under policy local: none. */
	counted(g->own.margin += owner_used(o));
	g->own.published_use += o->published_use;
	g->own.published_owned += o->published_owned;
	if (o->doubles) {
		g->own.doubles += o->doubles;
		g->own.double_block = o->double_block ? : g->own.double_block;
	}
	global_unlock(g, flags);
}

/* Every freer that knew @h has queued: forward that, and free it. */
static void detach_finish(struct local_heap *h)
{
	struct hoardk_heap *heap = h->own.heap;

	do {
		preempt_disable();
		drain(&h->own);
		preempt_enable();
		cond_resched();
	} while (drain_wanted(&h->own));
	detach_fold(h);
	cancel_work_sync(&h->kick);
	local_release(h);
	global_trim(&heap->global, false);
}

/* Detach one CPU; it stays blocked.  heaps_mutex. */
void heap_detach_cpu(struct hoardk_heap *heap, int cpu)
{
	struct local_heap *h = detach_begin(heap, cpu);

	if (!h)
		return;
	synchronize_rcu();
	detach_move(h);
	synchronize_rcu();
	detach_finish(h);
}

/*
 * Detach all CPUs, in two grace periods for all.  They stay blocked if
 * @block.  heaps_mutex.
 */
void heap_detach(struct hoardk_heap *heap, bool block)
{
	struct local_heap **list;
	int cpu;

	list = kvcalloc(nr_cpu_ids, sizeof(*list), GFP_KERNEL | __GFP_NOFAIL);
	for_each_possible_cpu(cpu)
		list[cpu] = detach_begin(heap, cpu);
	synchronize_rcu();
	for_each_possible_cpu(cpu)
		if (list[cpu])
			detach_move(list[cpu]);
	synchronize_rcu();
	for_each_possible_cpu(cpu) {
		if (list[cpu])
			detach_finish(list[cpu]);
		if (!block)
			detach_unblock(heap, cpu);
	}
	kvfree(list);
}

/*
 * Policy local: blocks that nobody took return to their superblocks, where
 * these are the global heap's.
 */
void heap_collapse(struct hoardk_heap *heap)
{
	struct global_heap *g = &heap->global;
	struct llist_node *block, *next;
	struct superblock *sb;
	unsigned long flags;
	u32 index;

	for (block = llist_del_all(&heap->strays); block; block = next) {
		/* Its owner may have freed it as well, and closed it. */
		sanitize_open(block, sizeof(*block));
		next = block->next;
		sb = superblock_of(block);
		index = superblock_index(sb, block);
		global_lock(g, &flags);
		if (READ_ONCE(sb->owner) == &g->own) {
			/* Pairs with a second free's mark: the link is read. */
			clear_bit_unlock(index, superblock_bits(sb));
			if (!owner_free(&g->own, sb, index)) {
				owner_note_double(&g->own, block);
				owner_regroup(&g->own, sb);
			}
			counted(g->own.local_frees--);
			counted(g->own.drained += sb->size);
		} else {
			llist_add(block, &heap->strays);
		}
		global_unlock(g, flags);
		cond_resched();
	}
	while (global_trim(g, true))
		cond_resched();
}

/* All of a heap that is not in use goes to the pool.  heaps_mutex. */
void heap_empty(struct hoardk_heap *heap)
{
	heap_detach(heap, false);
	heap_collapse(heap);
}
