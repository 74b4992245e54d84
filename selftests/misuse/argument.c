// SPDX-License-Identifier: GPL-2.0
/*
 * Rows: arguments that no call can serve, and writes beyond a block.  Context:
 * see misuse.h.
 */
#include <linux/err.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "misuse.h"

/* What an allocation returned, in words; a block is given back. */
static void answer(struct scene *s, void *p)
{
	if (!p) {
		s->facts.answer = "NULL";
	} else if (p == ZERO_SIZE_PTR) {
		s->facts.answer = "ZERO_SIZE_PTR";
	} else {
		s->facts.answer = "a block";
		s->side->free(p);
	}
}

static void size_max(struct scene *s)
{
	answer(s, s->side->alloc(SIZE_MAX));
}

/* The multiplication went below zero once: nearly all there is. */
static void size_negative(struct scene *s)
{
	answer(s, s->side->alloc((size_t)-4096));
}

static void size_huge(struct scene *s)
{
	answer(s, s->side->alloc(1UL << 40));
}

static void size_zero(struct scene *s)
{
	void *p = s->side->alloc(0);

	answer(s, p);
	s->side->free(p);
}

static void calloc_overflow(struct scene *s)
{
	answer(s, s->side->calloc(SIZE_MAX / 8 + 2, 8));
}

/* A third of all pages start at a multiple of 48, and so may the first block. */
static void align_odd(struct scene *s)
{
	unsigned int i;
	void *p;

	s->facts.answer = "blocks";
	for (i = 0; i < BLOCKS; i++) {
		p = s->side->aligned(48, 100);
		if (!p)
			s->facts.answer = "NULL";
		else if ((unsigned long)p % 48)
			s->facts.answer = "a block that is not aligned";
		else
			continue;
		break;
	}
}

static void realloc_interior(struct scene *s)
{
	size_t size = 4 * BLOCK_BYTES;
	void *p = s->side->realloc(scene_block(MIDDLE) + 8, size);

	s->facts.answer = p ? "another block" : "NULL";
	if (p)
		scene_watch(s, p, size, true);
}

static void usable_of(struct scene *s, const void *p)
{
	s->facts.answer = s->side->usable(p) ? "a size" : "0";
}

static void usable_interior(struct scene *s)
{
	usable_of(s, scene_block(MIDDLE) + 8);
}

static void usable_user(struct scene *s)
{
	usable_of(s, (void *)0x400000);
}

static void overflow_one(struct scene *s)
{
	u8 *p = scene_block(scene_followed());

	p[BLOCK_BYTES] ^= 0xff;
}

/* The block behind is free: only the allocator can have anything there. */
static void overflow_free(struct scene *s)
{
	u8 *p = scene_block(scene_followed());
	unsigned int i;

	for (i = 0; i < BLOCKS; i++)
		if (scene_block(i) == p + BLOCK_BYTES)
			s->side->free(scene_take(i));
	fill(p + BLOCK_BYTES, BLOCK_BYTES, 1);
}

static const struct row argument_row[] = {
	{ "realloc_interior", "realloc of a pointer into a block",
	  realloc_interior, .invalid = 1, .answer = "NULL",
	  .words = "lies inside a block" },
	{ "usable_interior", "usable size of a pointer into a block",
	  usable_interior, .invalid = 1, .answer = "0",
	  .words = "lies inside a block" },
	{ "usable_user", "usable size of a user address", usable_user,
	  .invalid = 1, .answer = "0", .words = "is a user address" },
	{ "size_max", "size SIZE_MAX, or -1", size_max, .answer = "NULL" },
	{ "size_negative", "size -4096", size_negative, .answer = "NULL" },
	{ "size_huge", "size 1 TiB", size_huge, .answer = "NULL" },
	{ "size_zero", "size 0, and a free of what that gives", size_zero,
	  .answer = "ZERO_SIZE_PTR" },
	{ "calloc_overflow", "calloc whose product overflows",
	  calloc_overflow, .answer = "NULL" },
	{ "align_odd", "an alignment of 48", align_odd, .answer = "NULL",
	  .words = "must be a power of two, not 48" },
	{ "overflow_one", "a byte written behind a block", overflow_one,
	  .changed = 1 },
	{ "overflow_free", "192 bytes written behind a block, into a free one",
	  overflow_free },
};

ROWS(argument);
