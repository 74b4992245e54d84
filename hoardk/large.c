// SPDX-License-Identifier: GPL-2.0
/*
 * Large allocations.  Contexts and locks: see large.h.
 *
 * A record is claimed by exactly one free: whoever turns its state from live
 * to freed.  Its pages are returned where that is legal: in task context with
 * preemption on, and contiguous ones wherever spinlocks may be taken; else by the
 * sweep.
 * Records come from a slab cache of their own and are freed after a grace
 * period, for the sake of lookups.
 */
#define pr_fmt(fmt) "hoardk: " fmt

#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>

#include "account.h"
#include "checked.h"
#include "heap.h"
#include "large.h"
#include "pages.h"
#include "sanitize.h"
#include "sweep.h"
#include "who.h"

/* One bucket for so many pages of memory: chains stay short. */
#define PAGES_PER_BUCKET	64
#define STRIPES			64

/* The largest order that the page allocator treats as cheap. */
#define CHEAP_SIZE		(PAGE_SIZE << PAGE_ALLOC_COSTLY_ORDER)

/* Of the client's flags, those that are for its record as well. */
#define RECORD_GFP	(GFP_KERNEL | __GFP_HIGH | __GFP_NOWARN | \
			 __GFP_NORETRY | __GFP_RETRY_MAYFAIL | \
			 __GFP_MEMALLOC | __GFP_NOMEMALLOC)

enum large_state { STATE_LIVE, STATE_FREED };

/**
 * struct large - a large allocation; constant while live but for @state
 * @node: in the hash; stripe lock
 * @p: the memory
 * @size: its bytes, whole pages
 * @usable: of these, the client's: all, or with checks what it asked for
 * @who: with checks, the caller; see who.h
 * @when: jiffies when it was handed out
 * @heap: whose it is
 * @state: enum large_state; exchanged by whoever frees it
 * @is_virtual: from vmalloc
 * @deferred: freed, to be returned by the sweep
 * @rcu: for the record's own return
 */
struct large {
	struct hlist_node node;
	void *p;
	size_t size;
	size_t usable;
	unsigned long who;
	u32 when;
	struct hoardk_heap *heap;
	int state;
	bool is_virtual;
	union {
		struct llist_node deferred;
		struct rcu_head rcu;
	};
};

static struct hlist_head *buckets;
static unsigned int bucket_bits;
static raw_spinlock_t stripes[STRIPES];
static struct kmem_cache *records;
static LLIST_HEAD(deferred);

int __init large_init(void)
{
	unsigned int i;

	bucket_bits = clamp(ilog2(totalram_pages() / PAGES_PER_BUCKET + 1),
			    8, 20);
	for (i = 0; i < STRIPES; i++)
		raw_spin_lock_init(&stripes[i]);
	/* Kmemleak must not find the memory in its record. */
	records = kmem_cache_create("hoardk_large", sizeof(struct large), 0,
				    SLAB_NOLEAKTRACE, NULL);
	if (!records)
		return -ENOMEM;
	buckets = kvcalloc(1UL << bucket_bits, sizeof(*buckets), GFP_KERNEL);
	if (!buckets) {
		kmem_cache_destroy(records);
		return -ENOMEM;
	}
	return 0;
}

/* Nothing is live any more, and all callbacks have run. */
void large_exit(void)
{
	kvfree(buckets);
	kmem_cache_destroy(records);
}

size_t large_overhead(void)
{
	return sizeof(*buckets) << bucket_bits;
}

static unsigned int bucket_of(const void *p)
{
	return hash_long((unsigned long)p >> PAGE_SHIFT, bucket_bits);
}

static raw_spinlock_t *stripe_of(unsigned int bucket)
{
	return &stripes[bucket % STRIPES];
}

/* Under RCU; the record of exactly @p. */
static struct large *large_find(const void *p)
{
	struct large *l;

	hlist_for_each_entry_rcu(l, &buckets[bucket_of(p)], node)
		if (l->p == p)
			return l;
	return NULL;
}

/* Could that ever be had by a caller that may sleep? */
bool large_is_possible(size_t size, size_t align)
{
	if (size >> PAGE_SHIFT > totalram_pages())
		return false;
	return align <= PAGE_SIZE || get_order(max(size, align)) <=
				     HOARDK_MAX_ORDER;
}

static bool large_may_vmalloc(size_t align, gfp_t gfp)
{
	return gfpflags_allow_blocking(gfp) && align <= PAGE_SIZE &&
	       !in_interrupt();
}

/* The memory of a new record: contiguous if that is cheap, else virtual. */
static bool large_fill(struct large *l, size_t align, gfp_t gfp, int node)
{
	bool may_vmalloc = large_may_vmalloc(align, gfp) &&
			   l->size > PAGE_SIZE;
	gfp_t first = gfp;

	/* A failure is no news while there is another way. */
	if (may_vmalloc)
		first |= __GFP_NOWARN;
	if (may_vmalloc && l->size > CHEAP_SIZE)
		first |= __GFP_NORETRY;
	l->p = pages_get(l->size, align, first, node);
	if (l->p || !may_vmalloc)
		return l->p;
	l->is_virtual = true;
	l->p = pages_get_virtual(l->size, gfp, node);
	return l->p;
}

static void large_count(struct large *l)
{
	atomic_long_inc(&l->heap->large_count);
	atomic_long_inc(&l->heap->large_allocs);
	atomic_long_add(l->size, &l->heap->large_bytes);
	figure_add(&account.in_use, l->size);
	figure_add(&account.owned, l->size);
	pages_pin();
}

static void large_uncount(struct large *l)
{
	atomic_long_dec(&l->heap->large_count);
	atomic_long_inc(&l->heap->large_frees);
	atomic_long_add(-(long)l->size, &l->heap->large_bytes);
	/* It counts in A until its pages are returned. */
	figure_add(&account.released, l->size);
	figure_add(&account.large, -(long)l->size);
	figure_add(&account.in_use, -(long)l->size);
	figure_add(&account.owned, -(long)l->size);
}

/* A heap with checks: what will be looked at. */
static void large_check(struct large *l, size_t size, gfp_t gfp,
			unsigned long caller)
{
	l->usable = size;
	l->when = jiffies;
	l->who = who_now(l->heap->checks, gfp, caller);
	checked_guard(l->heap->checks, l->p, size, l->size);
}

/*
 * Whole pages for @size bytes at a multiple of @align, a power of two.  Zeroed
 * and sleeping as @gfp says, which has no __GFP_NOFAIL; NULL from NMI.  @caller: of
 * hoardk.
 */
void *large_alloc(struct hoardk_heap *heap, size_t size, size_t align,
		  gfp_t gfp, int node, unsigned long caller)
{
	struct large *l;
	unsigned int bucket;
	unsigned long flags;

	if (!large_is_possible(size, align))
		return NULL;
	if (!pages_allowed() || pages_fail())
		return NULL;
	l = kmem_cache_alloc(records, gfp & RECORD_GFP);
	if (!l)
		return NULL;
	l->size = PAGE_ALIGN(size);
	l->usable = l->size;
	l->heap = heap;
	l->state = STATE_LIVE;
	l->is_virtual = false;
	if (!large_fill(l, align, gfp, node)) {
		kmem_cache_free(records, l);
		return NULL;
	}
	if (heap->checks)
		large_check(l, size, gfp, caller);
	large_count(l);
	bucket = bucket_of(l->p);
	raw_spin_lock_irqsave(stripe_of(bucket), flags);
	hlist_add_head_rcu(&l->node, &buckets[bucket]);
	raw_spin_unlock_irqrestore(stripe_of(bucket), flags);
	sweep_arm();
	sanitize_trim(l->p, size, l->size);
	/* Of virtual memory kmemleak knows. */
	if (!l->is_virtual)
		sanitize_register(l->p, size, gfp);
	return l->p;
}

static void large_free_record(struct rcu_head *rcu)
{
	kmem_cache_free(records, container_of(rcu, struct large, rcu));
}

/* Return a claimed allocation; where its pages may be freed. */
static void large_return(struct large *l)
{
	unsigned int bucket = bucket_of(l->p);
	unsigned long flags;

	raw_spin_lock_irqsave(stripe_of(bucket), flags);
	hlist_del_rcu(&l->node);
	raw_spin_unlock_irqrestore(stripe_of(bucket), flags);
	if (l->is_virtual) {
		pages_put_virtual(l->p, l->size);
	} else {
		/* Freed in NMI, kmemleak still knows it. */
		sanitize_unregister(l->p);
		pages_put(l->p, l->size);
	}
	figure_add(&account.released, -(long)l->size);
	call_rcu(&l->rcu, large_free_record);
	pages_unpin();
}

static bool large_may_return(const struct large *l)
{
	return pages_allowed() && (!l->is_virtual || preemptible());
}

/* Any context, any pointer. */
enum large_verdict large_free(const void *p)
{
	struct large *l;
	enum large_verdict verdict;

	if (!p || offset_in_page(p))
		return LARGE_UNKNOWN;
	rcu_read_lock();
	l = large_find(p);
	if (!l)
		verdict = LARGE_UNKNOWN;
	else if (xchg(&l->state, STATE_FREED) == STATE_FREED)
		verdict = LARGE_FREED_BEFORE;
	else
		verdict = LARGE_FREED;
	rcu_read_unlock();
	if (verdict != LARGE_FREED)
		return verdict;
	/* The claim keeps the record. */
	if (l->heap->checks) {
		sanitize_open(p, l->size);
		checked_compare(l->heap, p, l->usable, l->size, l->who);
		checked_erase(l->heap->checks, l->p, l->size);
	}
	sanitize_close(p, l->size);
	large_uncount(l);
	if (large_may_return(l))
		large_return(l);
	else
		llist_add(&l->deferred, &deferred);
	return LARGE_FREED;
}

/* Return what was freed where it could not be returned; task context. */
void large_reap(void)
{
	struct large *l, *next;

	llist_for_each_entry_safe(l, next, llist_del_all(&deferred), deferred) {
		large_return(l);
		cond_resched();
	}
}

/* The bytes of a live allocation and whose it is; 0 if there is none. */
size_t large_size(const void *p, struct hoardk_heap **heap)
{
	struct large *l;
	size_t size = 0;

	if (offset_in_page(p))
		return 0;
	rcu_read_lock();
	l = large_find(p);
	if (l && READ_ONCE(l->state) == STATE_LIVE) {
		size = l->usable;
		*heap = l->heap;
	}
	rcu_read_unlock();
	return size;
}

/* Call @fn for all of a heap that are live, under RCU. */
void large_for_each(const struct hoardk_heap *heap,
		    void (*fn)(void *arg, size_t have, size_t size,
			       unsigned long who, u32 when), void *arg)
{
	unsigned int bucket;
	struct large *l;

	if (!atomic_long_read(&heap->large_count))
		return;
	for (bucket = 0; bucket < 1U << bucket_bits; bucket++) {
		rcu_read_lock();
		hlist_for_each_entry_rcu(l, &buckets[bucket], node)
			if (l->heap == heap &&
			    READ_ONCE(l->state) == STATE_LIVE)
				fn(arg, l->size, l->usable, l->who, l->when);
		rcu_read_unlock();
		cond_resched();
	}
}

/* Free what a heap still has, which nobody uses.  Says how many and bytes. */
size_t large_drop(struct hoardk_heap *heap, size_t *bytes)
{
	unsigned int bucket;
	struct large *l;
	void *victim;
	size_t n = 0;

	large_reap();
	if (!atomic_long_read(&heap->large_count))
		return 0;
	for (bucket = 0; bucket < 1U << bucket_bits; bucket++) {
		do {
			victim = NULL;
			rcu_read_lock();
			hlist_for_each_entry_rcu(l, &buckets[bucket], node)
				if (l->heap == heap && l->state == STATE_LIVE) {
					victim = l->p;
					*bytes += l->size;
					n++;
					break;
				}
			rcu_read_unlock();
			if (victim)
				large_free(victim);
		} while (victim);
		cond_resched();
	}
	return n;
}
