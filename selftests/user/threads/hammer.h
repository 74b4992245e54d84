/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hammer: many threads, each a CPU of the stub kernel, that make, hand on,
 * check and drop blocks of hoardk all at once, with interrupts, CPUs that come
 * and go, failures, and a pest that reads and reclaims meanwhile.
 *
 * Contexts: an actor is one context of a worker: its task, its interrupt, its
 * NMI.  Calls with one actor never overlap, so its members need no lock.
 * Between actors blocks travel in parcels (parcel.c) and nothing else does, so
 * that ThreadSanitizer sees the order that the allocator provides, not ours:
 * all other shared words are relaxed.
 */
#ifndef HAMMER_H
#define HAMMER_H

#include <linux/hoardk.h>
#include <linux/types.h>

#include "mm.h"

#define PARCEL_BLOCKS	8
#define OWN_BLOCKS	64
#define MAX_WORKERS	64

enum context { TASK, IRQ, NMI, NR_CONTEXTS };

enum busted {
	BUSTED_NONE,
	BUSTED_CORRUPT,		/* a byte of a live block is changed */
	BUSTED_LOSE,		/* a block is never freed */
	BUSTED_TWICE,		/* a block is freed twice */
	BUSTED_OVERLAP,		/* a block is stamped over half of another */
	BUSTED_RACE,		/* a plain counter that all threads write */
	BUSTED_TOUCH,		/* a block is written to after it was freed */
};

/**
 * struct options - as asked for; constant once the workers run
 * @policy: load-time parameter
 * @slack: the same
 * @seconds: how long
 * @operations: if not 0, steps of all tasks together, instead of @seconds
 * @threads: workers
 * @fail: if not 0, one request for memory of so many fails
 * @interrupts: each worker is interrupted all the time
 * @hotplug: workers' threads end and begin anew
 * @disturb: a pest reads, verifies and reclaims
 * @bad: double and wild frees, counted, instead of the rest
 * @busted: a control that must fail
 * @seed: of the random numbers
 */
struct options {
	const char *policy;
	unsigned long slack;
	unsigned long seconds;
	unsigned long operations;
	unsigned long threads;
	unsigned long fail;
	unsigned long interrupts;
	unsigned long hotplug;
	unsigned long disturb;
	unsigned long bad;
	unsigned long busted;
	unsigned long seed;
};

extern struct options options;

void options_read(int argc, char **argv);

/* A private heap that many allocate from: see heaps.c. */
struct shared_heap;

/**
 * struct block - what is known of a block outside of it
 * @p: where it is; NULL: none
 * @heap: a private heap, which it keeps alive; NULL: the general heap
 * @owner: the actor that made it
 * @seq: which of that actor's blocks it is
 * @size: as asked for
 * @usable: as hoardk said
 */
struct block {
	void *p;
	struct shared_heap *heap;
	u32 owner;
	u32 seq;
	u32 size;
	u32 usable;
};

/* Blocks that travel together. */
struct parcel {
	unsigned int nr;
	struct block block[PARCEL_BLOCKS];
};

/* Summed up when no worker runs. */
struct tally {
	u64 allocs;
	u64 frees;
	u64 resizes;
	u64 failures;
	u64 parcels;
	u64 heaps;
	u64 interrupts;
};

/**
 * struct actor - one context of a worker; its alone
 * @id: not 0
 * @context: what it may do
 * @random: state of its random numbers
 * @seq: of its next block
 * @hand: the parcel in hand, empty between steps
 * @tally: what it did
 */
struct actor {
	u32 id;
	enum context context;
	u64 random;
	u32 seq;
	struct parcel *hand;
	struct tally tally;
};

static inline u64 actor_random(struct actor *a)
{
	/* Marsaglia, "Xorshift RNGs" (2003), with a multiplication. */
	a->random ^= a->random >> 12;
	a->random ^= a->random << 25;
	a->random ^= a->random >> 27;
	return a->random * 0x2545f4914f6cdd1dULL;
}

/* A number below @n. */
static inline u32 actor_below(struct actor *a, u32 n)
{
	return (actor_random(a) >> 32) * n >> 32;
}

/* block.c */
void actor_init(struct actor *a, u32 id, enum context context);
bool block_make(struct actor *a, struct block *b);
unsigned int block_make_bulk(struct actor *a, struct block *b, unsigned int n);
void block_drop(struct actor *a, struct block *b);
void block_drop_bulk(struct actor *a, struct block *b, unsigned int n);
void block_resize(struct actor *a, struct block *b);
void block_forget(struct actor *a, const struct block *b);
u32 block_size(struct actor *a);
gfp_t block_gfp(struct actor *a);
unsigned long block_verdict(void);

/* stamp.c */
bool stamp_is_live(const void *p, size_t size);
void stamp_fill(const struct block *b);
size_t stamp_check(const struct block *b, size_t from, size_t to);
void stamp_clear(const struct block *b);

/* shadow.c */
void shadow_init(void);
bool shadow_set(const void *p, size_t size);
bool shadow_clear(const void *p, size_t size);

/* parcel.c */
struct parcel *parcel_new(void);
void parcels_init(void);
void parcel_trade(struct actor *a);
void parcels_drain(struct actor *a);

/* heaps.c */
struct shared_heap *shared_heap_get(struct actor *a);
void shared_heap_put(struct actor *a, struct shared_heap *s);
void *shared_heap_alloc(struct shared_heap *s, size_t size, gfp_t gfp);
void shared_heaps_close(struct actor *a);
void heap_session(struct actor *a);

/* busted.c */
bool busted(struct actor *a, struct block *b);
void busted_race(void);

/* hammer.c */
extern bool stop;
void __printf(1, 2) complain(const char *format, ...);
void complain_block(const char *what, const struct block *b, size_t detail);
void tally_add(const struct tally *t);

#endif /* HAMMER_H */
