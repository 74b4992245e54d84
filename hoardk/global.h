/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The global heap: the part of a heap that all CPUs share.  Superblocks that
 * local heaps gave back wait here for a taker; whoever cannot use a local heap
 * (an interrupt that finds it busy, policy global) is served from here.
 *
 * Lock: raw, interrupts off, bounded work under it, nothing printed under it.
 * It nests inside a busy section and outside the pool's lock.  From NMI it is
 * only tried.
 */
#ifndef HOARDK_GLOBAL_H
#define HOARDK_GLOBAL_H

#include "nmilock.h"
#include "owner.h"

struct local_heap;

/**
 * struct global_heap - all covered by @lock but own.pending
 * @own: the superblocks
 * @lock: see above
 */
struct global_heap {
	struct owner own;
	raw_spinlock_t lock ____cacheline_aligned_in_smp;
};

static inline struct global_heap *global_of(struct owner *o)
{
	return container_of(o, struct global_heap, own);
}

/* False only from NMI, when the lock is taken. */
static inline bool global_lock(struct global_heap *g, unsigned long *flags)
{
	return nmi_lock(&g->lock, flags);
}

static inline void global_unlock(struct global_heap *g, unsigned long flags)
{
	nmi_unlock(&g->lock, flags);
}

void global_init(struct global_heap *g, struct hoardk_heap *heap);
void *global_alloc(struct hoardk_heap *heap, unsigned int class, size_t size,
		   int node);
bool global_fetch(struct owner *o, unsigned int class, int node);
bool global_give(struct owner *o, struct superblock *sb);
int global_free(struct superblock *sb, u32 index);
bool global_unmark(struct global_heap *g, struct superblock *sb, u32 index);
void global_drain(struct global_heap *g);
bool global_trim(struct global_heap *g, bool all);

#endif /* HOARDK_GLOBAL_H */
