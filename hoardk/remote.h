/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Remote frees: the token protocol between freers on any CPU and the owner.
 * See remote.c for the protocol and why it is right.
 */
#ifndef HOARDK_REMOTE_H
#define HOARDK_REMOTE_H

#include "local.h"

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
