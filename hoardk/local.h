/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A CPU's local heap, reached with preemption off and the busy byte set: no
 * lock, no atomic instruction, interrupts on.
 *
 * Why a plain byte is enough: everything that can interrupt a busy section on
 * its CPU (irq, softirq, NMI) runs to its end before the section goes on.  So
 * whoever finds the byte clear has the heap to itself until it clears the byte
 * again, and whoever finds it set takes a path that needs no local heap.  That
 * is a race on the byte which data_race() tells KCSAN of; no other field has one.
 *
 * Where a CPU has no local heap its pointer is &busy_heap, which is always
 * busy.  A heap with checks has local heaps that rest at LOCAL_CHECKED instead
 * of 0: so the fast paths take them for busy too and leave everything to the
 * paths that know of checks, at the price of no instruction.
 */
#ifndef HOARDK_LOCAL_H
#define HOARDK_LOCAL_H

#include <linux/mm.h>
#include <linux/workqueue.h>

#include "owner.h"

/**
 * struct outbox - remote frees into one word, not yet passed on
 * @sb: whose word; NULL: nothing waits
 * @mask: the blocks that wait, and the bits that stand for no block
 * @missed: another word into which a block was freed that was not for here
 * @generation: of @sb, when the first came
 * @size: bytes a block
 * @word: index of the word
 * @left: blocks that still may wait here
 * @blocks: of the word, by its lowest bits
 * @class: of @sb, for reports
 */
struct outbox {
	struct superblock *sb;
	unsigned long mask;
	unsigned long *missed;
	u32 generation;
	u32 size;
	u16 word;
	u16 left;
	u8 blocks;
	u8 class;
};

/* What own.busy is made of. */
#define LOCAL_BUSY	1
#define LOCAL_CHECKED	2

struct quarantine;

/* What a kick does besides draining. */
enum want {
	WANT_NOTHING,
	WANT_FLUSH,	/* the quarantine is emptied */
	WANT_TRIM,	/* that, and all that is empty goes */
};

/**
 * struct local_heap - its CPU writes all, in a busy section
 * @own: the superblocks; own.busy comes first
 * @outbox: blocks of other owners on their way
 * @quarantine: blocks that were freed and are held back, or NULL
 * @loose: policy local: foreign blocks kept here, per class; else NULL
 * @operations_seen: the sweep's: operations when it last came by
 * @want: of the next kick; raised under heaps_mutex by who kicks then, cleared by
 *	the kick
 * @owes: an NMI found the lock of the global heap or of the pool taken, so the
 *	invariant waits for the next who comes by, the sweep's kick at the latest
 * @verified: hoardk_verify()'s: operations when last checked, plus one
 * @kicked: a kick is under way; set by anyone, cleared by the kick
 * @kick: drains in task context on this CPU
 */
struct local_heap {
	struct owner own;
	struct outbox outbox;
	struct quarantine *quarantine;
	void **loose;
	unsigned long operations_seen;
	enum want want;
	bool owes;
	unsigned long verified;
	unsigned long kicked;
	struct work_struct kick;
};

/* A page; more in kernels whose work items carry debugging data. */
#define LOCAL_HEAP_ORDER	get_order(sizeof(struct local_heap))
#define LOCAL_HEAP_BYTES	(PAGE_SIZE << LOCAL_HEAP_ORDER)

extern struct local_heap busy_heap;

static inline struct local_heap *local_of(struct owner *o)
{
	return container_of(o, struct local_heap, own);
}

/*
 * The fast paths: enter a busy section, preemption being off; false when an
 * outer one is on, or when the heap has checks.  The barriers keep the
 * section's accesses between the byte's; nobody on another CPU looks at it.
 */
static __always_inline bool local_enter(struct local_heap *h)
{
	/* Interrupts of this CPU: see above. */
	if (unlikely(data_race(h->own.busy)))
		return false;
	/* The same. */
	data_race(h->own.busy = 1);
	barrier();
	return true;
}

static __always_inline void local_exit(struct local_heap *h)
{
	barrier();
	/* As in local_enter(). */
	data_race(h->own.busy = 0);
}

/* All others: the same, checks or not; the byte's other bit stays. */
static inline bool local_enter_any(struct local_heap *h)
{
	/* As in local_enter(). */
	if (unlikely(data_race(h->own.busy) & LOCAL_BUSY))
		return false;
	/* The same. */
	data_race(h->own.busy |= LOCAL_BUSY);
	barrier();
	return true;
}

static inline void local_exit_any(struct local_heap *h)
{
	barrier();
	/* As in local_enter(). */
	data_race(h->own.busy &= ~LOCAL_BUSY);
}

struct local_heap *local_create(struct hoardk_heap *heap, gfp_t gfp);
void local_release(struct local_heap *h);
void *local_refill(struct local_heap *h, unsigned int class, size_t size);
void local_settle(struct local_heap *h, unsigned int class);
void local_freed(struct local_heap *h, struct superblock *sb);
void local_settle_due(struct local_heap *h, unsigned int class);
bool local_take_in(struct local_heap *h, struct superblock *sb, u32 index);
bool local_free(struct local_heap *h, struct superblock *sb, u32 index);
void local_adopt(struct local_heap *h, struct superblock *sb);
bool local_disperse(struct local_heap *h);
void local_kick(struct local_heap *h);

/* Before local_kick(): let it do so as well.  heaps_mutex. */
static inline void local_want(struct local_heap *h, enum want want)
{
	/*
	 * Before local_kick() looks at @kicked.  Pairs with kick_work().  Where
	 * that clears it between the two it is wanted once more, for nothing.
	 */
	smp_store_mb(h->want, max(READ_ONCE(h->want), want));
}

/* Operations of a CPU so far, to see whether it is idle. */
static inline unsigned long local_operations(const struct local_heap *h)
{
	return READ_ONCE(h->own.allocs) + READ_ONCE(h->own.local_frees) +
	       READ_ONCE(h->own.remote_frees);
}

#endif /* HOARDK_LOCAL_H */
