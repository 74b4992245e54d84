/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The quarantine of a local heap: blocks that were freed on its CPU and are not
 * to be had again before so many others have been freed there.
 *
 * They count as in use, for their owners and for U, until they leave.  An idle
 * CPU's quarantine is emptied by the sweep, and every one by a detach.  Who
 * finds the local heap busy, or has none, frees at once; so does who would have
 * to let more small blocks leave for a large one than may at once.
 *
 * In the busy section of the local heap; no locks.
 */
#ifndef HOARDK_QUARANTINE_H
#define HOARDK_QUARANTINE_H

#include <linux/compiler.h>
#include <linux/gfp.h>

#include "local.h"

/* Bounds of what a CPU holds back for a heap. */
#define QUARANTINE_BLOCKS	256
#define QUARANTINE_BYTES	(4 * SUPERBLOCK_SIZE)

/* So many leave in one section at most. */
#define QUARANTINE_LEAVE	8

/**
 * struct quarantine - a ring
 * @first: the oldest
 * @count: blocks; read by others
 * @bytes: of these; read by others
 * @blocks: their addresses
 * @sizes: of their classes
 */
struct quarantine {
	unsigned int first;
	unsigned int count;
	unsigned long bytes;
	void *blocks[QUARANTINE_BLOCKS];
	u16 sizes[QUARANTINE_BLOCKS];
};

static inline unsigned int quarantine_count(const struct local_heap *h)
{
	return h->quarantine ? READ_ONCE(h->quarantine->count) : 0;
}

static inline unsigned long quarantine_bytes(const struct local_heap *h)
{
	return h->quarantine ? READ_ONCE(h->quarantine->bytes) : 0;
}

bool quarantine_create(struct local_heap *h, gfp_t gfp);
void quarantine_release(struct local_heap *h);
void quarantine_put(struct local_heap *h, struct superblock *sb, u32 index);
bool quarantine_flush(struct local_heap *h);

#endif /* HOARDK_QUARANTINE_H */
