// SPDX-License-Identifier: GPL-2.0
/*
 * The global heap.  Lock and contexts: see global.h.
 */
#include <linux/gfp.h>
#include <linux/preempt.h>
#include <linux/topology.h>

#include "account.h"
#include "badfree.h"
#include "heap.h"
#include "pool.h"
#include "remote.h"
#include "sanitize.h"

/*
 * How many superblocks of a class and group are looked at for one of a given
 * node.  The latest come first, so what was just taken for a node is found.
 */
#define NODE_SEARCH	8

void global_init(struct global_heap *g, struct hoardk_heap *heap)
{
	owner_init(&g->own, heap, -1);
	raw_spin_lock_init(&g->lock);
}

/* Empty superblocks go to the pool, as many at a time as a drain may leave. */
static void global_settle(struct global_heap *g)
{
	unsigned int words = 0;
	struct superblock *sb;
	int i;

	for (i = 0; i < DRAIN_BATCH && words < DRAIN_WORDS; i++) {
		sb = owner_empty(&g->own);
		if (!sb)
			break;
		words += sb->words;
		owner_remove(&g->own, sb);
		if (!pool_put(sb)) {
			owner_add(&g->own, sb);
			break;
		}
	}
	owner_publish_due(&g->own);
}

/* Let go of the lock and print what was met under it. */
static void global_leave(struct global_heap *g, unsigned long flags)
{
	struct doubles d = badfree_collect(&g->own);

	global_unlock(g, flags);
	badfree_doubles(d.n, d.block);
}

/* Collect the remote frees of the superblocks here; any context. */
void global_drain(struct global_heap *g)
{
	unsigned long flags;

	if (!drain_wanted(&g->own) || !global_lock(g, &flags))
		return;
	drain(&g->own);
	global_settle(g);
	global_leave(g, flags);
}

/* A superblock from the pool, formatted; held by nobody. */
static struct superblock *pool_take(struct hoardk_heap *heap,
				    unsigned int class, int node)
{
	struct superblock *sb;

	if (unlikely(!heap_may_format(heap)))
		return NULL;
	sb = pool_get(class, node);
	if (!sb)
		return NULL;
	heap_format(heap, sb, class);
	return sb;
}

/* Lock held: a superblock of @class on @node, with a free block; or NULL. */
static struct superblock *global_on_node(struct global_heap *g,
					 unsigned int class, int node)
{
	struct superblock *sb;
	int i, group;

	sb = bin_active(&g->own.bins[class]);
	if (sb && sb->node == node && superblock_used(sb) < sb->capacity)
		return sb;
	for (group = NR_LISTED - 1; group >= 0; group--) {
		i = 0;
		hlist_for_each_entry(sb, &g->own.lists[group][class], link) {
			if (sb->node == node)
				return sb;
			if (++i == NODE_SEARCH)
				break;
		}
	}
	return NULL;
}

/*
 * A block from the global heap or the pool; NULL when fresh memory is needed.
 * @size: what was asked for.  @node: where the memory must be, or NUMA_NO_NODE.
 */
void *global_alloc(struct hoardk_heap *heap, unsigned int class, size_t size,
		   int node)
{
	struct global_heap *g = &heap->global;
	struct owner *o = &g->own;
	bool noded = node != NUMA_NO_NODE;
	struct superblock *sb;
	unsigned long flags;
	void *p = NULL;

	if (!global_lock(g, &flags))
		return NULL;
	owner_sample(o, class, size);
	if (!noded) {
		p = owner_take(o, class);
		if (!p && (owner_next(o, class) ||
			   (drain(o) && owner_next(o, class))))
			p = owner_take(o, class);
		node = numa_mem_id();
	} else {
		sb = global_on_node(g, class, node);
		if (sb)
			p = owner_take_from(o, sb);
	}
	if (!p) {
		sb = pool_take(heap, class, node);
		if (sb) {
			superblock_set_noded(sb, noded);
			owner_add(o, sb);
			p = owner_take_from(o, sb);
			owner_publish(o);
		}
	}
	global_settle(g);
	global_leave(g, flags);
	return p;
}

/*
 * A superblock with free blocks of @class for the local heap @o, from the
 * global heap or the pool.  Busy section of @o.
 */
bool global_fetch(struct owner *o, unsigned int class, int node)
{
	struct global_heap *g = &o->heap->global;
	struct superblock *sb;
	unsigned long flags;

	if (READ_ONCE(g->own.held_bytes) && global_lock(g, &flags)) {
		drain(&g->own);
		sb = owner_offer(&g->own, class);
		if (sb)
			owner_move(&g->own, o, sb);
		global_settle(g);
		global_leave(g, flags);
		if (sb) {
			atomic_long_inc(&account.moves_to_local);
			return true;
		}
	}
	sb = pool_take(o->heap, class, node);
	if (!sb)
		return false;
	owner_add(o, sb);
	return true;
}

/*
 * A local heap gives a listed superblock away: to the pool when it is empty.
 * Busy section of @o.  False only from NMI.
 */
bool global_give(struct owner *o, struct superblock *sb)
{
	struct global_heap *g = &o->heap->global;
	unsigned long flags;

	if (sb->group == GROUP_EMPTY) {
		owner_remove(o, sb);
		if (!pool_put(sb)) {
			owner_add(o, sb);
			return false;
		}
	} else {
		if (!global_lock(g, &flags))
			return false;
		owner_move(o, &g->own, sb);
		global_settle(g);
		global_leave(g, flags);
	}
	atomic_long_inc(&account.moves_to_global);
	return true;
}

/*
 * Free a block of a superblock that a global heap holds: 1 when done, 0 when
 * the block was free, -1 when the superblock has another owner, by policy local,
 * and from NMI when the lock is taken: then the caller frees in another way.
 */
int global_free(struct superblock *sb, u32 index)
{
	struct owner *o = superblock_owner(sb);
	struct global_heap *g = global_of(o);
	unsigned long flags;
	int done = -1;

	if (!o || o->cpu >= 0 || o->heap->policy == HOARDK_POLICY_LOCAL ||
	    !global_lock(g, &flags))
		return -1;
	if (READ_ONCE(sb->owner) == o) {
		done = owner_free(o, sb, index);
		global_settle(g);
	}
	global_leave(g, flags);
	return done;
}

/*
 * Policy local: the mark of a block goes that was free already.  If the global
 * heap holds the superblock, that may have made it quiet.  False only from NMI.
 */
bool global_unmark(struct global_heap *g, struct superblock *sb, u32 index)
{
	unsigned long flags;

	if (!global_lock(g, &flags))
		return false;
	/* Pairs with another free's mark: the link has been read. */
	clear_bit_unlock(index, superblock_bits(sb));
	if (READ_ONCE(sb->owner) == &g->own) {
		owner_regroup(&g->own, sb);
		global_settle(g);
	}
	global_leave(g, flags);
	return true;
}

/*
 * Drain, and let go of what is empty, with @all of what classes allocate from
 * as well.  True when there may be more to do.
 */
bool global_trim(struct global_heap *g, bool all)
{
	unsigned long flags;
	bool more;

	if (!global_lock(g, &flags))
		return true;
	if (all)
		owner_retire_all(&g->own);
	more = drain(&g->own);
	global_settle(g);
	more |= g->own.nr_empty;
	owner_publish(&g->own);
	global_leave(g, flags);
	return more;
}
