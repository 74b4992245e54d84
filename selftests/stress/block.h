/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Blocks under test, and the actors that make and drop them.
 *
 * An actor is one context: a thread, or one timer of a CPU.  Two calls with
 * the same actor never overlap, so its members need no lock.  All it decides
 * about its n-th block follows from (seed, actor, n) alone: runs with the same
 * seed ask for the same blocks in the same ways.
 */
#ifndef HOARDK_STRESS_BLOCK_H
#define HOARDK_STRESS_BLOCK_H

#include <linux/types.h>

#define BLOCK_BULK	8U	/* blocks of one bulk call */

struct hoardk_heap;

/* How a block is made or dropped. */
enum way {
	WAY_PLAIN,
	WAY_IRQS_OFF,		/* by a thread with interrupts off */
	WAY_BULK,
	WAY_ZALLOC,
	WAY_CALLOC,
	WAY_MEMALIGN,
	WAY_NODE,
	WAY_HEAP,
	WAY_SENSITIVE,
	WAY_REALLOC,
	WAYS
};

/* Where a block belongs. */
enum {
	HEAP_GENERAL,
	HEAP_PRIVATE,		/* job.heap */
	HEAP_PASSING,		/* one of those that come and go */
	HEAPS
};

/* What is known of a block outside of it; what is in it must agree. */
struct block {
	void *p;
	u32 seq;	/* which of its owner's blocks */
	u32 size;	/* as asked for */
	u32 usable;	/* as hoardk said when it was made */
	u32 bytes;	/* what it counts for in U */
	u16 owner;	/* the actor that made it */
	u16 cpu;	/* where it was made */
	u8 heap;	/* HEAP_GENERAL... */
	u8 hops;	/* hand-overs left before it is dropped */
};

/* Summed over the actors while none of them runs. */
struct tally {
	u64 allocs;
	u64 frees;
	u64 remote_frees;	/* freed on another CPU than made on */
	u64 reallocs;
	u64 alloc_failures;
	u64 corrupted;
	u64 overlapped;
	u64 misaligned;
	u64 made[WAYS];
	u64 dropped[WAYS];
	s64 bytes[HEAPS];	/* made minus dropped */
};

struct actor {
	u16 id;
	bool irq;		/* may not sleep and stays small */
	u32 seq;		/* of its next block */
	s32 requested;		/* bytes not yet told to job.requested */
	unsigned int nr_stock;
	unsigned int nr_bin;
	struct block stock[BLOCK_BULK];	/* made in bulk, not yet handed out */
	void *bin[BLOCK_BULK];		/* checked, to be freed in bulk */
	struct tally tally;
};

/* block.c */
bool stress_block_make(struct actor *a, struct block *b);
bool stress_block_make_in(struct actor *a, struct block *b,
			  struct hoardk_heap *heap);
void stress_block_drop(struct actor *a, struct block *b);
void stress_block_forget(struct actor *a, struct block *b);
void stress_block_free(struct actor *a, void *p);
void stress_actor_flush(struct actor *a);
void stress_actor_drain(struct actor *a);
u64 stress_hash(u32 owner, u32 seq, u32 salt);

/* stamp.c */
void stress_stamp_init(void);
bool stress_stamp_live(const void *p, size_t size);
void stress_stamp_fill(const struct block *b);
size_t stress_stamp_check(const struct block *b, size_t from, size_t to);
void stress_stamp_clear(const struct block *b);

/* shadow.c */
int stress_shadow_init(void);
void stress_shadow_exit(void);
bool stress_shadow_covers(const void *p);
bool stress_shadow_set(const void *p, size_t size);
bool stress_shadow_clear(const void *p, size_t size);

/* busted.c */
bool stress_busted(struct actor *a, struct block *b);
void stress_busted_exit(void);

#endif /* HOARDK_STRESS_BLOCK_H */
