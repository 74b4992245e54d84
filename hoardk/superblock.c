// SPDX-License-Identifier: GPL-2.0
/*
 * The cold part of a superblock: format and release.  Called by whoever holds
 * the superblock alone: fresh from the page allocator, or empty.
 */
#include <linux/build_bug.h>
#include <linux/string.h>

#include "account.h"
#include "sanitize.h"
#include "superblock.h"

unsigned long superblock_linear_start __ro_after_init;
unsigned long superblock_linear_size __ro_after_init;

/* Make fresh memory a superblock that no one holds yet. */
void superblock_stamp(struct superblock *sb, int node)
{
	BUILD_BUG_ON(offsetof(struct superblock, magic) != 2 * SUPERBLOCK_LINE);
	BUILD_BUG_ON(offsetof(struct superblock, until) != 3 * SUPERBLOCK_LINE);
	BUILD_BUG_ON(ALIGN(sizeof(*sb), SUPERBLOCK_LINE) !=
		     SUPERBLOCK_HEADER_MIN);
	BUILD_BUG_ON(NR_CLASSES << REMOTE_CLASS_SHIFT > REMOTE_CLOSED);

	sb->key = 0;
	sb->owner = NULL;
	sb->heap = NULL;
	sb->node = node;
	sb->class = NR_CLASSES;
	sb->group = GROUP_NONE;
	sb->debt = 0;
	sb->noded = false;
	INIT_HLIST_NODE(&sb->link);
	/*
	 * The capacity of 0 lets no free pass before the format.  Pairs with
	 * nothing: a freer that may look here has got a block, and so ordered
	 * itself after superblock_format(), through the client.
	 */
	sb->capacity = 0;
	WRITE_ONCE(sb->magic, superblock_magic(sb));
}

#if HOARDK_LEAKS
bool sanitize_late;
#endif

/*
 * Kmemleak may know blocks that were freed in NMI, or were live when their heap
 * was destroyed; nobody else uses them.
 */
static void superblock_unregister(struct superblock *sb)
{
	u32 i;

	if (!HOARDK_LEAKS || sb->class == NR_CLASSES)
		return;
	if (!READ_ONCE(sanitize_late) && !superblock_used(sb))
		return;
	for (i = 0; i < sb->capacity; i++)
		sanitize_unregister(superblock_block(sb, i));
}

/*
 * Lay out an empty superblock for a class; all its blocks are free then.  It is
 * closed, and stays so until it has an owner.
 */
void superblock_format(struct superblock *sb, unsigned int class)
{
	static atomic_t generations;
	const struct size_class *k = &size_classes[class];

	/* While the header is open as far as the old class has it. */
	if (sb->class != class)
		superblock_unregister(sb);
	sanitize_open(sb, k->first);
	sanitize_bar((void *)sb + k->first, SUPERBLOCK_SIZE - k->first);
	WRITE_ONCE(sb->generation, atomic_inc_return(&generations));
	if (sb->class != class) {
		sb->class = class;
		sb->base = (u32)(unsigned long)sb + k->first;
		sb->inverse = k->inverse;
		sb->shift = k->shift;
		sb->size = k->size;
		sb->capacity = k->capacity;
		sb->words = k->words;
		sb->bits_at = k->bits_at;
		sanitize_fill(sb->free, 0xff, k->words * sizeof(long));
		sb->free[k->words - 1] = superblock_last_word(sb);
	}
	atomic_set(&sb->remote.count, REMOTE_CLOSED);
}

/* Is a block on its way back? */
bool superblock_is_marked(const struct superblock *sb)
{
	const unsigned long *bits = superblock_bits(sb);
	unsigned int w;

	for (w = 0; w < sb->words; w++)
		if (READ_ONCE(bits[w]))
			return true;
	return false;
}

/*
 * The owner, no block in use: may the superblock be given away?  Not while a
 * freer has yet to count a bit (debt) or has counted and will queue it: both
 * still touch the header.  Nor while a bit is set for a block that is free:
 * then somebody is freeing it a second time.
 */
bool superblock_is_quiet(const struct superblock *sb)
{
	return !sb->debt &&
	       atomic_read(&sb->remote.count) == remote_none(sb->class) &&
	       !superblock_is_marked(sb);
}

/*
 * The owner is about to give an empty superblock up: if it is quiet it is closed
 * to freers.  Only second frees can still come by, and their freers see that and
 * queue nothing: queued for this owner, it could be queued for the next as well.
 */
bool superblock_close(struct superblock *sb)
{
	int none = remote_none(sb->class);

	/* Fully ordered: pairs with the freer's count. */
	return superblock_is_quiet(sb) &&
	       atomic_try_cmpxchg(&sb->remote.count, &none, REMOTE_CLOSED);
}

/*
 * The owner, no block in use: mark all blocks, so that who frees one, which can
 * only be for the second time, is refused.  False, and no mark more than before,
 * if there are any.
 */
bool superblock_mark_all(struct superblock *sb)
{
	unsigned long *bits = superblock_bits(sb);
	atomic_long_t *word;
	unsigned int w;
	long seen;

	for (w = 0; w < sb->words; w++) {
		word = (atomic_long_t *)&bits[w];
		/* Fully ordered: pairs with the mark of who frees. */
		seen = atomic_long_fetch_or(~0UL, word);
		if (!seen)
			continue;
		/* Some of these may be gone by now. */
		atomic_long_and(seen, word);
		while (w--)
			WRITE_ONCE(bits[w], 0);
		return false;
	}
	return true;
}

/* It has an owner again. */
void superblock_open(struct superblock *sb)
{
	unsigned long *bits = superblock_bits(sb);
	unsigned int w;

	/*
	 * Fully ordered.  Pairs with the freer's count: with the token it sees
	 * the owner.  And before the bits: a freer whose bit is cleared counts
	 * after this, which a drain finds out; the other way round its bit could
	 * stay and refuse the block's next, rightful free.
	 */
	atomic_xchg(&sb->remote.count, remote_none(sb->class));
	/* What second frees have left, whose freers know of it. */
	for (w = 0; w < sb->words; w++)
		WRITE_ONCE(bits[w], 0);
}

/*
 * A superblock is taken for blocks on its node alone, though the heap may have
 * free ones of that class elsewhere; or is empty now, and serves anybody.  The
 * bound takes as measured what such superblocks hold.
 */
void superblock_set_noded(struct superblock *sb, bool noded)
{
	if (sb->noded == noded)
		return;
	sb->noded = noded;
	figure_add(&account.noded, noded ? (long)SUPERBLOCK_SIZE :
					   -(long)SUPERBLOCK_SIZE);
}

/* Somebody holds it from now on. */
void superblock_enter(struct superblock *sb, struct owner *o)
{
	/* Only the CPU whose section this is takes its own key for a yes. */
	WRITE_ONCE(sb->key, superblock_key(sb, o));
	/* Pairs with superblock_owner(): @o is set up. */
	smp_store_release(&sb->owner, o);
}

/* Nobody does any more. */
void superblock_leave(struct superblock *sb)
{
	WRITE_ONCE(sb->key, 0);
	WRITE_ONCE(sb->owner, NULL);
	WRITE_ONCE(sb->heap, NULL);
}

void superblock_unstamp(struct superblock *sb)
{
	superblock_unregister(sb);
	WRITE_ONCE(sb->magic, 0);
	WRITE_ONCE(sb->key, 0);
	WRITE_ONCE(sb->capacity, 0);
}
