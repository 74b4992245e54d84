/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An owner holds superblocks, sorted by class and fullness: every local heap
 * is one, and so is the global heap.
 *
 * Nothing here takes a lock.  A local heap's owner is touched by its CPU alone,
 * inside a busy section; the global heap's under the global heap's lock.  The
 * exception is @pending, to which anyone may add.  Any context, NMI included.
 *
 * A class allocates from its active superblock, which is on no list, so that
 * an allocation touches no counter of the superblock: the number in use is
 * counted from the bits when it is needed.  All others only lose blocks while
 * they are listed, and struct superblock.until counts down to the next change
 * of group: a free is two instructions here until something is to be done.
 */
#ifndef HOARDK_OWNER_H
#define HOARDK_OWNER_H

#include <linux/bits.h>
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/llist.h>

#include "class.h"
#include "superblock.h"

struct hoardk_heap;
struct walk;

/**
 * struct bin - where a class allocates
 * @word: free bits of the active superblock, or a word that is always 0
 * @base: the block that bit 0 of @word stands for
 * @size: bytes a block
 */
struct bin {
	unsigned long *word;
	void *base;
	unsigned long size;
};

/* The bin of the class that serves @size, 1 to SMALL_MAX. */
static __always_inline struct bin *bin_of(struct bin *bins, size_t size)
{
	BUILD_BUG_ON(sizeof(struct bin) != BIN_WORDS * sizeof(long));
	/* No array index: gcc's UBSAN would check it, and fast paths have frames then. */
	return (void *)((unsigned long *)bins + *(bin_table + ((size - 1) >> 3)));
}

#define FIRST_LISTED	GROUP_SPARSE
#define NR_LISTED	(GROUP_DENSE - GROUP_SPARSE + 1)

/**
 * struct owner - its CPU or the holder of its lock writes all but @pending
 *
 * Anyone may read figures and what decides on kicks, with READ_ONCE(); where
 * they are written that is marked, by counted() or WRITE_ONCE().
 *
 * @busy: a local heap is being worked on, on its CPU; see local.h
 * @shuffled: blocks are handed out in random order
 * @cursor: class at which the next search for a sparse active one starts
 * @cpu: whose local heap, or -1
 * @margin: u_i less @floor: a free that takes it below 0 has to look at the
 *	invariant or publish
 * @floor: the lowest u_i without that; u_i is the bytes of blocks in use, late
 *	remote frees included: owner_used()
 * @allocs: blocks handed out
 * @local_frees: blocks freed by the owner
 * @heap: the heap it belongs to
 * @bins: where each class allocates
 * @held_bytes: a_i: bytes of its superblocks
 * @overhead: of these, headers and what is left over at the end
 * @drained: bytes that came back from remote frees
 * @remote_out: bytes of other owners' blocks freed here
 * @remote_frees: blocks of other owners freed here
 * @published_use: what account.in_use knows of this owner
 * @published_owned: what account.owned knows
 * @invariant: the lowest u_i that the invariant allows
 * @doubles: second frees met while no report could be printed
 * @double_block: one of them, if it is known
 * @nr_empty: superblocks on @empty
 * @random: what the next random number is made of, not 0
 * @nonempty: per listed group, the classes that have such a superblock
 * @lists: superblocks by group and class
 * @full: full superblocks
 * @empty: empty and quiet superblocks by kind
 * @moves: changes of @floor; odd while it changes
 * @superblocks: how many of each class
 * @waste: per class, 8 times the average of block size less requested size
 * @walk: under way here, or NULL
 * @drain: taken off @pending, not drained yet
 * @pending: superblocks with remote frees; anyone may push
 */
struct owner {
	u8 busy;
	bool shuffled;
	u8 cursor;
	int cpu;
	long margin;
	long floor;
	unsigned long allocs;
	unsigned long local_frees;
	struct hoardk_heap *heap;
	struct bin bins[NR_CLASSES];

	long held_bytes;
	long overhead;
	long drained;
	long remote_out;
	unsigned long remote_frees;
	long published_use;
	long published_owned;
	long invariant;
	unsigned long doubles;
	void *double_block;
	unsigned int nr_empty;
	u32 random;
	u64 nonempty[NR_LISTED];
	struct hlist_head lists[NR_LISTED][NR_CLASSES];
	struct hlist_head full;
	struct hlist_head empty[NR_KINDS];
	u32 moves;
	u32 superblocks[NR_CLASSES];
	u16 waste[NR_CLASSES];
	struct walk *walk;
	struct llist_node *drain;

	struct llist_head pending ____cacheline_aligned;
};

/*
 * Change a figure that others read.  There is one writer at a time.  Figures
 * are words, so a reader gets a value that was there, and one out of date does
 * no harm; so this stays one instruction, which WRITE_ONCE() would not.
 */
#define counted(change)		data_race(change)

extern unsigned long bin_nothing;

/* The superblock a bin allocates from, or NULL. */
static inline struct superblock *bin_active(const struct bin *bin)
{
	return bin->word == &bin_nothing ? NULL : superblock_of(bin->word);
}

/* Marsaglia's xorshift: quick, and in any context.  Not hard to predict. */
static inline u32 owner_random(struct owner *o)
{
	o->random ^= o->random << 13;
	o->random ^= o->random >> 17;
	o->random ^= o->random << 5;
	return o->random;
}

/* The block to take next: one bit of @word, which is not 0. */
static inline unsigned int owner_pick(struct owner *o, unsigned long word)
{
	unsigned int n;

	if (unlikely(o->shuffled))
		for (n = owner_random(o) % hweight_long(word); n; n--)
			word &= word - 1;
	return __ffs(word);
}

/* The block of @bit in the bin's current word, which is @word without it. */
static __always_inline void *bin_take(struct owner *o, struct bin *bin,
				      unsigned long word, unsigned long bit)
{
	void *p;

	WRITE_ONCE(*bin->word, word);
	counted(o->margin += bin->size);
	counted(o->allocs++);
	p = bin->base + bit * bin->size;
	/* Or part of this is done after the section, by one instruction more. */
	OPTIMIZER_HIDE_VAR(p);
	return p;
}

/* The same, but by owner_pick(); NULL when the word is used up. */
static inline void *owner_take(struct owner *o, unsigned int class)
{
	struct bin *bin = &o->bins[class];
	unsigned long word = *bin->word;
	unsigned int bit;

	if (!word)
		return NULL;
	bit = owner_pick(o, word);
	return bin_take(o, bin, word & ~BIT(bit), bit);
}

/* u_i, asked where it cannot change. */
static inline long owner_used(const struct owner *o)
{
	return o->floor + o->margin;
}

/*
 * The same for anyone.  Tries again while the floor changes, but not for ever, since a
 * virtual CPU may stop in the middle: then a figure is off by what the floor moved.
 */
static inline long owner_used_seen(const struct owner *o)
{
	unsigned int moves, tries = 3;
	long used;

	do {
		moves = READ_ONCE(o->moves);
		/* Pairs with owner_set_floor(). */
		smp_rmb();
		used = READ_ONCE(o->floor) + READ_ONCE(o->margin);
		/* The same. */
		smp_rmb();
	} while ((moves & 1 || moves != READ_ONCE(o->moves)) && --tries);
	return used;
}

/* U as this owner sees it: what its CPU allocated less what it freed. */
static inline long owner_in_use(const struct owner *o)
{
	return owner_used_seen(o) + READ_ONCE(o->drained) -
	       READ_ONCE(o->remote_out);
}

/* Freed remotely and not drained yet: says something of all owners together. */
static inline long owner_pending(const struct owner *o)
{
	return READ_ONCE(o->remote_out) - READ_ONCE(o->drained);
}

void owner_init(struct owner *o, struct hoardk_heap *heap, int cpu);
bool owner_next(struct owner *o, unsigned int class);
void owner_regroup(struct owner *o, struct superblock *sb);
void owner_add(struct owner *o, struct superblock *sb);
void owner_remove(struct owner *o, struct superblock *sb);
void owner_move(struct owner *from, struct owner *to, struct superblock *sb);
struct superblock *owner_fullest(struct owner *o, unsigned int class);
struct superblock *owner_offer(struct owner *o, unsigned int class);
void *owner_take_from(struct owner *o, struct superblock *sb);
struct superblock *owner_empty(struct owner *o);
struct superblock *owner_sparse(struct owner *o, unsigned int spare);
struct superblock *owner_any(struct owner *o);
void owner_retire_all(struct owner *o);
bool owner_free(struct owner *o, struct superblock *sb, u32 index);
void owner_publish(struct owner *o);
void owner_publish_due(struct owner *o);
void owner_set_floor(struct owner *o);
void owner_sample(struct owner *o, unsigned int class, size_t size);
void owner_note_double(struct owner *o, void *block);

#endif /* HOARDK_OWNER_H */
