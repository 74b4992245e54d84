/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Remote frees: the token protocol between freers on any CPU and the owner.
 * See remote.c for the protocol and why it is right.
 */
#ifndef HOARDK_REMOTE_H
#define HOARDK_REMOTE_H

#include <linux/hoardk_bits.h>

#include "local.h"
#include "sanitize.h"

/*
 * What one operation drains at most: superblocks, and words of their bitmaps,
 * which the last may exceed.
 */
#define DRAIN_BATCH	8
#define DRAIN_WORDS	32

void remote_free(struct superblock *sb, u32 index, unsigned long caller);
bool outbox_free(struct local_heap *h, struct superblock *sb, u32 index);
void outbox_flush(struct local_heap *h);
bool drain(struct owner *o);

/* A block waits in the outbox from now on.  True when no other may. */
static __always_inline bool outbox_took(struct local_heap *h, const void *block)
{
	struct outbox *box = &h->outbox;

	sanitize_close(block, box->size);
	counted(h->own.remote_out += box->size);
	counted(h->own.remote_frees++);
	return unlikely(!--box->left);
}

/*
 * The block at @p joins those of its word that wait; false when it is not for this
 * outbox, or no block, or waits already.  Busy section; @p is in the linear map.
 */
static __always_inline bool outbox_joins(struct local_heap *h,
					 struct superblock *sb, const void *p)
{
	struct outbox *box = &h->outbox;
	u32 index;

	/* Should they all have been freed twice, the superblock may be gone. */
	if (box->sb != sb || unlikely(!superblock_is_there(sb)) ||
	    unlikely(box->generation != READ_ONCE(sb->generation)))
		return false;
	index = superblock_index(sb, p);
	return index / BITS_PER_LONG == box->word &&
	       !unlikely(hoardk_set_bit(&box->mask, index));
}

static inline bool drain_wanted(struct owner *o)
{
	return READ_ONCE(o->drain) || !llist_empty(&o->pending);
}

/* Is there something for the local heap's CPU to do? */
static inline bool remote_waits(struct local_heap *h)
{
	return drain_wanted(&h->own) || READ_ONCE(h->outbox.sb) ||
	       READ_ONCE(h->owes);
}

#endif /* HOARDK_REMOTE_H */
