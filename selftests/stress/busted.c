// SPDX-License-Identifier: GPL-2.0
/*
 * Controls: one deliberate mistake that the verdict must not survive.
 *
 * busted=1	a byte of a live block is changed: corrupted
 * busted=2	a block is never freed: lost
 * busted=3	a block is freed twice: one free too many (lost is -1), and
 *		double_frees in hoardk's stats, which cannot be read from here
 * busted=4	a block is stamped over the end of another: overlapped, corrupted
 *
 * Done once, by the first thread that drops a block that suits.
 */
#include <linux/hoardk.h>

#include "stress.h"

#define BUSTED_AFTER	64U	/* blocks of a thread, so that all run */

static atomic_t tripped;
static void *lost;

static u32 half_of(const struct block *b)
{
	return round_down(b->size / 2, 8);
}

/* The allocator gone wrong: the second half is given away once more. */
static void busted_overlap(struct actor *a, const struct block *b)
{
	u32 half = half_of(b);
	struct block over = {
		.p = b->p + half, .size = b->size - half,
		.owner = a->id, .seq = a->seq,
	};

	if (!stress_shadow_set(over.p, over.size)) {
		a->tally.overlapped++;
		stress_complain("overlaps a live block", &over, over.size);
	}
	stress_stamp_fill(&over);
}

static bool busted_suits(const struct actor *a, const struct block *b)
{
	return !a->irq && !b->heap && b->size >= 32 && b->seq >= BUSTED_AFTER &&
	       (job.busted != 4 || stress_shadow_covers(b->p + half_of(b)));
}

/* True if there is nothing left to do about the block. */
bool stress_busted(struct actor *a, struct block *b)
{
	unsigned long flags;

	if (!busted_suits(a, b) || atomic_cmpxchg(&tripped, 0, 1))
		return false;

	switch (job.busted) {
	case 1:
		((u8 *)b->p)[b->size / 2] ^= 0x10;
		return false;
	case 2:
		lost = b->p;
		return true;
	case 3:
		stress_stamp_clear(b);
		stress_shadow_clear(b->p, b->usable);
		a->tally.bytes[HEAP_GENERAL] -= b->bytes;
		a->requested -= b->size;
		/* Close together, lest the block has a new owner by then. */
		local_irq_save(flags);
		stress_block_free(a, b->p);
		stress_block_free(a, b->p);
		local_irq_restore(flags);
		return true;
	default:
		busted_overlap(a, b);
		return false;
	}
}

/* After the verdict: leave nothing behind. */
void stress_busted_exit(void)
{
	hoardk_free(lost);
}
