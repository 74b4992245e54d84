/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A block that knows its size and what was written to it.
 *
 * Both ends carry a tag, checked and wiped before the block is freed: if it
 * was handed out twice, or a neighbour reaches into it, one of the holders
 * finds a tag that is not its own.  One byte of every page is written, so
 * the memory of a block is resident.
 */
#ifndef BLOCK_H
#define BLOCK_H

#include <string.h>

#include "bench.h"

#define BLOCK_PAGE 4096u

struct block {
	unsigned char *p;
	u32 size;
	u32 tag;
};

static inline void block_stamp(const struct block *b, u32 tag)
{
	if (b->size < 2 * sizeof(tag)) {
		memset(b->p, (unsigned char)tag, b->size);
		return;
	}
	memcpy(b->p, &tag, sizeof(tag));
	memcpy(b->p + b->size - sizeof(tag), &tag, sizeof(tag));
}

static inline int block_intact(const struct block *b)
{
	u32 head, tail;

	if (b->size < 2 * sizeof(head)) {
		for (u32 i = 0; i < b->size; i++)
			if (b->p[i] != (unsigned char)b->tag)
				return 0;
		return 1;
	}
	memcpy(&head, b->p, sizeof(head));
	memcpy(&tail, b->p + b->size - sizeof(tail), sizeof(tail));
	return head == b->tag && tail == b->tag;
}

static inline void block_new(struct block *b, u32 size, struct rng *rng)
{
	b->p = bench_malloc(size);
	b->size = size;
	b->tag = rng_next(rng) | 1;
	for (u32 at = BLOCK_PAGE; at < size; at += BLOCK_PAGE)
		b->p[at] = 1;
	block_stamp(b, b->tag);
}

/* An empty place is left alone. */
static inline void block_drop(struct block *b)
{
	if (!b->p)
		return;
	if (!block_intact(b))
		bench_fail("a block of %u bytes at %p is not as it was left",
			   b->size, (void *)b->p);
	/* Neither the old tag nor what another holder would write. */
	block_stamp(b, 0);
	bench_keep(b->p);
	bench_free(b->p, b->size);
	b->p = NULL;
}

#endif
