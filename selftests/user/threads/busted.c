// SPDX-License-Identifier: GPL-2.0
/*
 * Controls: one deliberate mistake that the verdict must not survive.  Done
 * once, by the first task that drops a block that suits.
 */
#include "hammer.h"

/* Blocks of an actor before its mistake, so that all run. */
#define AFTER	64

static bool done;
static unsigned long plain_counter;

/* The allocator gone wrong: the second half is given away once more. */
static void overlap(struct actor *a, const struct block *b)
{
	u32 half = ALIGN_DOWN(b->size / 2, 8);
	struct block over = {
		.p = b->p + half, .size = b->size - half,
		.owner = a->id, .seq = a->seq,
	};

	if (!shadow_set(over.p, over.size))
		complain_block("overlaps a live block", &over, over.size);
	stamp_fill(&over);
}

/* Nothing is allocated in between, lest the block has a new owner by then. */
static void free_twice(struct actor *a, struct block *b)
{
	unsigned long flags = local_irq_save_flags();

	stamp_clear(b);
	shadow_clear(b->p, b->usable);
	hoardk_free(b->p);
	hoardk_free(b->p);
	local_irq_restore(flags);
	a->tally.frees++;
}

static void touch_freed(struct actor *a, struct block *b)
{
	unsigned long flags = local_irq_save_flags();

	stamp_clear(b);
	shadow_clear(b->p, b->usable);
	hoardk_free(b->p);
	((u8 *)b->p)[b->size / 2] ^= 0x10;
	local_irq_restore(flags);
	a->tally.frees++;
}

static bool suits(const struct actor *a, const struct block *b)
{
	return a->context == TASK && !b->heap && a->seq > AFTER &&
	       b->size >= 64 && b->size <= 256;
}

/* True if there is nothing left to do about the block. */
bool busted(struct actor *a, struct block *b)
{
	if (!suits(a, b) || options.busted == BUSTED_RACE ||
	    __atomic_exchange_n(&done, true, __ATOMIC_RELAXED))
		return false;
	switch (options.busted) {
	case BUSTED_CORRUPT:
		((u8 *)b->p)[b->size / 2] ^= 0x10;
		return false;
	case BUSTED_LOSE:
		b->p = NULL;
		return true;
	case BUSTED_TWICE:
		free_twice(a, b);
		b->p = NULL;
		return true;
	case BUSTED_TOUCH:
		touch_freed(a, b);
		b->p = NULL;
		return true;
	default:
		overlap(a, b);
		return false;
	}
}

/* ThreadSanitizer must see this. */
noinline void busted_race(void)
{
	plain_counter++;
}
