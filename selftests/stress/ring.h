/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A ring of blocks from one producer to one consumer.
 *
 * Any contexts: no locks, no waiting.  The producer alone writes head, the
 * consumer alone writes tail; each publishes with a release what the other
 * reads with an acquire.
 */
#ifndef HOARDK_STRESS_RING_H
#define HOARDK_STRESS_RING_H

#include <linux/cache.h>
#include <linux/log2.h>
#include <linux/mm.h>

#include "block.h"

struct ring {
	u32 capacity;	/* a power of two */
	u32 head ____cacheline_aligned_in_smp;
	u32 tail ____cacheline_aligned_in_smp;
	struct block slot[] ____cacheline_aligned_in_smp;
};

static inline struct ring *ring_create(u32 capacity)
{
	struct ring *r;

	capacity = roundup_pow_of_two(capacity);
	r = kvzalloc(struct_size(r, slot, capacity), GFP_KERNEL);
	if (r)
		r->capacity = capacity;
	return r;
}

/* For either end; the other end may make it out of date at once. */
static inline u32 ring_used(const struct ring *r)
{
	return READ_ONCE(r->head) - READ_ONCE(r->tail);
}

/* Producer only: what it sees as not full stays so. */
static inline bool ring_full(const struct ring *r)
{
	/* Pairs with ring_pop(): the slot has been read. */
	return r->head - smp_load_acquire(&r->tail) == r->capacity;
}

/* Producer only, after ring_full() said no. */
static inline void ring_push(struct ring *r, const struct block *b)
{
	r->slot[r->head & (r->capacity - 1)] = *b;
	/* Pairs with ring_pop(): the slot, and the block itself, are written. */
	smp_store_release(&r->head, r->head + 1);
}

static inline bool ring_pop(struct ring *r, struct block *b)
{
	/* Pairs with ring_push(). */
	if (smp_load_acquire(&r->head) == r->tail)
		return false;
	*b = r->slot[r->tail & (r->capacity - 1)];
	/* Pairs with ring_full(): the slot may be written again. */
	smp_store_release(&r->tail, r->tail + 1);
	return true;
}

#endif /* HOARDK_STRESS_RING_H */
