/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A superblock: SUPERBLOCK_SIZE bytes, naturally aligned, that hold blocks of
 * one size class behind a header.  Free blocks are bits in the header, so a
 * client's stray write into a block does not reach the allocator's state (but
 * by policy local) and a second free is seen while the block is free.
 *
 * Three parts on cache lines of their own: what freers on other CPUs write,
 * what everybody reads, and what the owner writes.  The local path never reads
 * the first.
 *
 * Any context.  Who may call what is said at each function: "the owner" is the
 * CPU whose local heap holds the superblock, inside its busy section, or for
 * the global heap whoever holds its lock.
 */
#ifndef HOARDK_SUPERBLOCK_H
#define HOARDK_SUPERBLOCK_H

#include <linux/align.h>
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/cache.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/rcupdate.h>

#include "class.h"
#include "compat.h"

struct hoardk_heap;
struct owner;

/* A cache line, whatever the kernel was built for. */
#define SUPERBLOCK_LINE		64

/* An empty list_head also points to itself: so not the plain address. */
#define SUPERBLOCK_MAGIC	0x48b10c5aUL	/* positive in 32 bits: one lea */

/* How full a superblock is; t is the emptiness threshold in blocks. */
enum group {
	GROUP_EMPTY,		/* no block in use, none on its way back */
	GROUP_SPARSE,		/* up to t / 2, or t: see HALVES */
	GROUP_LOW,		/* up to t: may go to the global heap */
	GROUP_HIGH,		/* up to (t + capacity) / 2, or less than capacity */
	GROUP_DENSE,		/* less than capacity */
	GROUP_FULL,
	GROUP_ACTIVE,		/* a bin allocates from it; on no list */
	GROUP_NONE,		/* held by no owner */
};

/* Larger bitmaps follow the header's fixed part. */
#define REMOTE_WORDS	14

/**
 * struct remote - what freers on other CPUs write
 * @count: blocks freed since the last drain; 0 -> 1 is the token to queue it.
 *	Above REMOTE_COUNT the class for which they count, and REMOTE_CLOSED
 *	while no owner holds it: then there is no token
 * @pending: on the owner's pending list, by the holder of the token
 * @bits: a bit per block freed and not yet drained; see superblock_bits()
 *
 * In the same place in superblocks of all classes of kind 0: who frees a block
 * for the second time may still be on its way when the superblock is one of
 * another class, and must neither miss the count nor mark what is no bit.  A
 * superblock of another kind keeps its class until it has been returned to the
 * page allocator, which takes a grace period.
 */
struct remote {
	atomic_t count;
	struct llist_node pending;
	unsigned long bits[REMOTE_WORDS];
};

#define REMOTE_CLASS_SHIFT	20
#define REMOTE_COUNT		((int)BIT(REMOTE_CLASS_SHIFT) - 1)
#define REMOTE_CLOSED		((int)BIT(30))

/**
 * struct superblock - the header
 * @remote: see there
 * @magic: superblock_magic() while this is a superblock
 * @key: superblock_key() of the owner, or 0; changes with @owner
 * @owner: who holds it; NULL in the pool.  Changed by the owner, and from or
 *	to the global heap under that heap's lock
 * @heap: the heap that @owner belongs to; NULL in the pool
 * @base: low half of the address of block 0
 * @inverse: see struct size_class
 * @size: see struct size_class
 * @capacity: see struct size_class
 * @shift: see struct size_class
 * @class: index into size_classes
 * @words: see struct size_class
 * @bits_at: offset of the remote bits
 * @node: NUMA node of the memory
 * @noded: taken because it lies on @node, and in use ever since: see
 *	superblock_set_noded(); its holder
 * @generation: different after each format, for those who remember blocks
 * @until: how many more blocks must come back before the group changes; owner
 * @debt: remote bits collected whose freers have not counted yet; owner
 * @group: enum group; owner
 * @link: on one of the owner's or the pool's lists; owner or pool lock
 * @rcu: for the return to the page allocator, when on no list any more
 * @free: a bit per free block; owner, who marks what others may read at the same
 *	time: see superblock_is_free()
 */
struct superblock {
	struct remote remote;

	/* Written when the superblock is formatted or moved. */
	unsigned long magic __aligned(SUPERBLOCK_LINE);
	unsigned long key;
	struct owner *owner;
	struct hoardk_heap *heap;
	u32 base;
	u32 inverse;
	u32 size;
	u32 capacity;
	u8 shift;
	u8 class;
	u16 words;
	u16 bits_at;
	bool noded;
	int node;
	u32 generation;

	/* Written by the owner. */
	s32 until __aligned(SUPERBLOCK_LINE);
	s16 debt;
	u8 group;
	union {
		struct hlist_node link;
		struct rcu_head rcu;
	};
	unsigned long free[];
};

#define SUPERBLOCK_HEADER_MIN	256

/* Up to the end of the bitmap of free blocks. */
static inline unsigned int superblock_lines(unsigned int words)
{
	return ALIGN(offsetof(struct superblock, free) + words * sizeof(long),
		     SUPERBLOCK_LINE);
}

static inline unsigned int superblock_bits_at(unsigned int words)
{
	if (words <= REMOTE_WORDS)
		return offsetof(struct superblock, remote.bits);
	return superblock_lines(words);
}

static inline unsigned int superblock_header(unsigned int words)
{
	if (words <= REMOTE_WORDS)
		return superblock_lines(words);
	return ALIGN(superblock_lines(words) + words * sizeof(long),
		     SUPERBLOCK_LINE);
}

static __always_inline struct superblock *superblock_of(const void *p)
{
	return (struct superblock *)((unsigned long)p & ~(SUPERBLOCK_SIZE - 1));
}

/* A bit per block freed remotely and not yet drained. */
static inline unsigned long *superblock_bits(const struct superblock *sb)
{
	return (unsigned long *)((unsigned long)sb + sb->bits_at);
}

/* What a superblock has in its header, and next to no other memory there. */
static __always_inline unsigned long superblock_magic(const struct superblock *sb)
{
	return (unsigned long)sb + SUPERBLOCK_MAGIC;
}

/* The linear map; set once at load. */
extern unsigned long superblock_linear_start;
extern unsigned long superblock_linear_size;

/* Where a superblock may be. */
static __always_inline bool superblock_is_linear(const void *p)
{
	return likely((unsigned long)p - superblock_linear_start <
		      superblock_linear_size);
}

/* Is there a superblock?  Of any linear address. */
static __always_inline bool superblock_is_there(const struct superblock *sb)
{
	return likely(hoardk_is_nofault(&sb->magic, superblock_magic(sb)));
}

/*
 * Does @p lie in a superblock?  Any pointer whatever may be asked; preemption
 * is off, so that the header is not returned to the page allocator (which
 * waits for a grace period) while the answer is used.
 */
static __always_inline bool superblock_holds(const struct superblock *sb,
					     const void *p)
{
	return superblock_is_linear(p) && superblock_is_there(sb);
}

/*
 * The index of the block that starts at @p, or a number >= capacity when none
 * does.  With size = odd * 2^shift, multiplication by the inverse of odd and
 * rotation are bijections on 32 bits that map i * size to i; so a result below
 * capacity means exactly that p is block i (Granlund and Montgomery, "Division
 * by Invariant Integers using Multiplication", PLDI 1994, section 9).
 */
static __always_inline u32 superblock_index(const struct superblock *sb,
					    const void *p)
{
	u32 offset = (u32)(unsigned long)p - sb->base;

	return ror32(offset * sb->inverse, sb->shift);
}

static inline unsigned int superblock_kind(const struct superblock *sb)
{
	return size_classes[sb->class].kind;
}

/* The owner, as seen by any CPU. */
static inline struct owner *superblock_owner(const struct superblock *sb)
{
	/* Pairs with superblock_enter(): it is set up. */
	return smp_load_acquire(&sb->owner);
}

/* What says in one word that it is a superblock and whose. */
static __always_inline unsigned long superblock_key(const struct superblock *sb,
						    const struct owner *o)
{
	return superblock_magic(sb) + (unsigned long)o;
}

/*
 * Is that a superblock of @o's?  Of any linear address; asked in a section of @o,
 * since only this CPU makes itself the owner, or no longer.
 */
static __always_inline bool superblock_is_of(const struct superblock *sb,
					     const struct owner *o)
{
	return likely(hoardk_is_nofault(&sb->key, superblock_key(sb, o)));
}

/* What the count is when no free is counted. */
static inline int remote_none(unsigned int class)
{
	return class << REMOTE_CLASS_SHIFT;
}

/* A free found the count @old: how large are the blocks for which it counts? */
static inline size_t remote_size(int old)
{
	return size_classes[old >> REMOTE_CLASS_SHIFT].size;
}

/* Nobody held the superblock then. */
static inline bool remote_was_closed(int old)
{
	return old >= REMOTE_CLOSED;
}

/*
 * Is that a block?  Who frees one has it, and reads the header as it was laid
 * out; who frees it once more may do so while the superblock is returned.
 */
static __always_inline bool superblock_has(const struct superblock *sb,
					   u32 index)
{
	/* Only second frees race with a format. */
	return index < data_race(sb->capacity);
}

static inline void *superblock_block(const struct superblock *sb, u32 index)
{
	return (void *)sb + size_classes[sb->class].first +
	       (unsigned long)index * sb->size;
}

/* The owner: blocks that are not free, counting those not drained yet. */
static inline unsigned int superblock_used(const struct superblock *sb)
{
	unsigned int w, n = 0;

	for (w = 0; w < sb->words; w++)
		n += hweight_long(sb->free[w]);
	return sb->capacity - n;
}

/* The bits of the last word that stand for blocks. */
static inline unsigned long superblock_last_word(const struct superblock *sb)
{
	return ~0UL >> (-(unsigned int)sb->capacity % BITS_PER_LONG);
}

/* Who is not the owner may ask about a live block: its bit does not change. */
static inline bool superblock_is_free(const struct superblock *sb, u32 index)
{
	return READ_ONCE(sb->free[index / BITS_PER_LONG]) >>
	       (index % BITS_PER_LONG) & 1;
}

void superblock_stamp(struct superblock *sb, int node);
void superblock_format(struct superblock *sb, unsigned int class);
void superblock_enter(struct superblock *sb, struct owner *o);
void superblock_leave(struct superblock *sb);
bool superblock_is_marked(const struct superblock *sb);
bool superblock_is_quiet(const struct superblock *sb);
bool superblock_close(struct superblock *sb);
bool superblock_mark_all(struct superblock *sb);
void superblock_open(struct superblock *sb);
void superblock_set_noded(struct superblock *sb, bool noded);
void superblock_unstamp(struct superblock *sb);

#endif /* HOARDK_SUPERBLOCK_H */
