// SPDX-License-Identifier: GPL-2.0
/*
 * A local heap: refill, the invariant, frees, kicks.  Contexts: every function
 * that takes a local heap runs in its busy section unless it says otherwise.
 */
#define pr_fmt(fmt) "hoardk: " fmt

#include <linux/build_bug.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/topology.h>

#include "account.h"
#include "badfree.h"
#include "heap.h"
#include "pool.h"
#include "quarantine.h"
#include "remote.h"
#include "sanitize.h"
#include "sweep.h"

struct local_heap busy_heap = { .own.busy = LOCAL_BUSY, .own.cpu = -1 };

/* How many superblocks a trim gives away before it lets others run. */
#define TRIM_BATCH	8

/*
 * What one operation gives away at most to restore the invariant, in words of
 * bitmaps, a superblock counting for RESTORE_FIXED more.  So many that a kick
 * which lets blocks out of a quarantine before keeps to the limit: bounded.rst.
 */
#define RESTORE_WORDS	320
#define RESTORE_FIXED	16

static void kick_work(struct work_struct *work);

/* A local heap that no CPU has yet; NULL when there is no memory. */
struct local_heap *local_create(struct hoardk_heap *heap, gfp_t gfp)
{
	struct local_heap *h;

	BUILD_BUG_ON(!IS_ENABLED(CONFIG_LOCKDEP) &&
		     !IS_ENABLED(CONFIG_DEBUG_OBJECTS) &&
		     sizeof(struct local_heap) > PAGE_SIZE);
	h = (void *)__get_free_pages(gfp | __GFP_ZERO | __GFP_NOWARN,
				     LOCAL_HEAP_ORDER);
	if (!h)
		return NULL;
	owner_init(&h->own, heap, -1);
	if (heap->checks)
		h->own.busy = LOCAL_CHECKED;
	INIT_WORK(&h->kick, kick_work);
	if (heap->checks & HOARDK_CHECK_QUARANTINE &&
	    !quarantine_create(h, gfp))
		goto free_heap;
	if (heap->policy == HOARDK_POLICY_LOCAL) {
		h->loose = (void *)__get_free_page(gfp | __GFP_ZERO |
						   __GFP_NOWARN);
		if (!h->loose)
			goto free_heap;
	}
	return h;

free_heap:
	local_release(h);
	return NULL;
}

/* It holds nothing, nobody can reach it, and no kick is under way. */
void local_release(struct local_heap *h)
{
	quarantine_release(h);
	free_page((unsigned long)h->loose);
	free_pages((unsigned long)h, LOCAL_HEAP_ORDER);
}

/*
 * Restore the invariant: while u_i is below what a_i allows, the emptiest
 * superblock goes to the global heap.  Each move lowers a_i by S and u_i by at
 * most (1 - f) S, which mostly is less: then few moves do.  But when many
 * superblocks are just f empty a single free may cause as many moves; so after
 * RESTORE_WORDS the rest is owed, and a kick gives it away.
 */
static void local_restore(struct local_heap *h, unsigned int class)
{
	struct owner *o = &h->own;
	unsigned int words = 0;
	struct superblock *sb;

	while (owner_used(o) < o->invariant) {
		if (words >= RESTORE_WORDS) {
			WRITE_ONCE(h->owes, true);
			if (!in_nmi())
				local_kick(h);
			return;
		}
		sb = owner_sparse(o, class);
		if (!sb)
			break;
		words += sb->words + RESTORE_FIXED;
		if (!global_give(o, sb)) {
			WRITE_ONCE(h->owes, true);
			return;
		}
	}
	WRITE_ONCE(h->owes, false);
}

/* After anything that took blocks away: the invariant, then the account. */
void local_settle(struct local_heap *h, unsigned int class)
{
	local_restore(h, class);
	owner_publish_due(&h->own);
}

/*
 * Policy local: keep a foreign block.  It stays marked in its superblock's
 * remote bits without being counted, so a second free of it is seen.  False
 * if it was free already.
 */
static bool loose_put(struct local_heap *h, struct superblock *sb, u32 index)
{
	void **block = superblock_block(sb, index);

	if (test_and_set_bit(index, superblock_bits(sb)))
		return false;
	sanitize_close_linked(block, sb->size);
	*block = h->loose[sb->class];
	h->loose[sb->class] = block;
	counted(h->own.margin -= sb->size);
	counted(h->own.local_frees++);
	return true;
}

/*
 * A loose block that its owner has freed as well: a second free, whose mark goes
 * and what it counted for is undone.  False only from NMI.
 */
static bool loose_drop(struct local_heap *h, struct superblock *sb, u32 index)
{
	/* The mark is what keeps the superblock: look at it before. */
	void *block = superblock_block(sb, index);
	bool mine = READ_ONCE(sb->owner) == &h->own;
	long size = sb->size;

	if (!global_unmark(&h->own.heap->global, sb, index))
		return false;
	if (mine)
		owner_regroup(&h->own, sb);
	counted(h->own.margin += size);
	counted(h->own.local_frees--);
	owner_note_double(&h->own, block);
	return true;
}

/* A loose block of a class, no longer marked; or NULL. */
static void *loose_take(struct local_heap *h, unsigned int class)
{
	struct superblock *sb;
	void **block, *next;
	u32 index;

	while ((block = h->loose[class])) {
		sanitize_open(block, sizeof(*block));
		next = *block;
		sb = superblock_of(block);
		index = superblock_index(sb, block);
		if (likely(!superblock_is_free(sb, index))) {
			h->loose[class] = next;
			/* Pairs with loose_put(): the link has been read. */
			clear_bit_unlock(index, superblock_bits(sb));
			counted(h->own.margin += sb->size);
			counted(h->own.allocs++);
			return block;
		}
		if (!loose_drop(h, sb, index))
			break;
		h->loose[class] = next;
	}
	return NULL;
}

/*
 * The local heap goes away, @h being nobody's any more: the loose blocks
 * become strays of the heap.  At most TRIM_BATCH; true while there are more.
 */
bool local_disperse(struct local_heap *h)
{
	unsigned int class, n = 0;
	struct superblock *sb;
	void *block;

	for (class = 0; h->loose && class < NR_CLASSES; class++)
		while ((block = loose_take(h, class))) {
			sb = superblock_of(block);
			counted(h->own.allocs--);
			counted(h->own.local_frees--);
			remote_free(sb, superblock_index(sb, block), 0);
			if (++n == TRIM_BATCH)
				return true;
		}
	return false;
}

static bool local_replenish(struct local_heap *h, unsigned int class)
{
	struct owner *o = &h->own;

	if (owner_next(o, class))
		return true;
	if (drain_wanted(o) && drain(o) && owner_next(o, class))
		return true;
	if (!global_fetch(o, class, numa_mem_id()) || !owner_next(o, class))
		return false;
	owner_publish(o);
	return true;
}

/*
 * The bin's word is used up: a block from whatever needs no fresh memory, or
 * NULL.  @size: what was asked for.
 */
void *local_refill(struct local_heap *h, unsigned int class, size_t size)
{
	void *p = NULL;

	owner_sample(&h->own, class, size);
	if (h->loose)
		p = loose_take(h, class);
	if (!p && local_replenish(h, class))
		p = owner_take(&h->own, class);
	local_settle(h, class);
	return p;
}

/* After frees in @sb, of this owner, with which something has become due. */
void local_freed(struct local_heap *h, struct superblock *sb)
{
	if (sb->until <= 0)
		owner_regroup(&h->own, sb);
	local_settle(h, sb->class);
}

/* local_settle(), if a free has made it due. */
void local_settle_due(struct local_heap *h, unsigned int class)
{
	if (h->own.margin < 0)
		local_settle(h, class);
}

/*
 * Free a block of any superblock of this heap; false if it was free already.
 * Then local_settle_due().
 */
bool local_take_in(struct local_heap *h, struct superblock *sb, u32 index)
{
	struct owner *o = superblock_owner(sb);
	int freed;

	if (unlikely(!o))
		return false;
	if (o == &h->own)
		return owner_free(o, sb, index);
	if (h->loose)
		return loose_put(h, sb, index);
	freed = global_free(sb, index);
	if (freed >= 0)
		return freed;
	return outbox_free(h, sb, index);
}

/* Free it, and settle. */
bool local_free(struct local_heap *h, struct superblock *sb, u32 index)
{
	unsigned int class = sb->class;
	bool done = local_take_in(h, sb, index);

	local_settle_due(h, class);
	return done;
}

/*
 * A fresh superblock, its first block taken by the caller, becomes the local
 * heap's.
 */
void local_adopt(struct local_heap *h, struct superblock *sb)
{
	unsigned int class = sb->class;

	owner_add(&h->own, sb);
	counted(h->own.allocs++);
	local_settle(h, class);
	owner_publish(&h->own);
}

/*
 * Nobody is here: pass everything on, and let go of what is empty.  A bounded
 * amount of work; true when there may be more.
 */
static bool local_trim(struct local_heap *h)
{
	struct owner *o = &h->own;
	struct superblock *sb;
	int i;

	owner_retire_all(o);
	for (i = 0; i < TRIM_BATCH; i++) {
		sb = owner_empty(o);
		if (!sb || !global_give(o, sb))
			return false;
	}
	return true;
}

/* One round of a kick in a busy section; true when there may be more. */
static bool kick_round(struct local_heap *h, enum want want)
{
	bool trim = want == WANT_TRIM;
	bool more = want && quarantine_flush(h);

	outbox_flush(h);
	if (drain_wanted(&h->own))
		more |= drain(&h->own) && (trim || drain_wanted(&h->own));
	else if (trim)
		more |= local_trim(h);
	local_settle(h, 0);
	owner_publish(&h->own);
	return more || h->owes;
}

/*
 * Task context on the CPU whose local heap it is, unless that CPU has gone
 * offline or has been given another one: then there is nothing to do.
 */
static void kick_work(struct work_struct *work)
{
	struct local_heap *h = container_of(work, struct local_heap, kick);
	struct hoardk_heap *heap = h->own.heap;
	struct doubles d;
	enum want want = WANT_NOTHING;
	bool more;

	clear_bit(0, &h->kicked);
	/*
	 * Pairs with local_kick(): what was queued or wanted before it is seen
	 * here.
	 */
	smp_mb__after_atomic();
	do {
		more = false;
		d.n = 0;
		preempt_disable();
		if (this_cpu_read(*heap->local) == h && local_enter_any(h)) {
			want = max(want, xchg(&h->want, WANT_NOTHING));
			more = kick_round(h, want);
			d = badfree_collect(&h->own);
			local_exit_any(h);
		}
		preempt_enable();
		badfree_doubles(d.n, d.block);
		cond_resched();
	} while (more);
}

/*
 * Have a local heap drained by its CPU: from any context but NMI, with
 * preemption off or the local heap kept otherwise.
 */
void local_kick(struct local_heap *h)
{
	if (READ_ONCE(h->kicked) || test_and_set_bit(0, &h->kicked))
		return;
	queue_work_on(h->own.cpu, sweep_queue, &h->kick);
}
