// SPDX-License-Identifier: GPL-2.0
/*
 * Vyukov's chain: each stage frees all blocks of the stage before, on another
 * CPU, and makes as many of its own.
 *
 * An allocator that keeps freed blocks where they were freed, or where they
 * came from, needs a multiple of what is ever live.  Stage i runs on worker
 * i mod P; array 0, job.freeing, job.cursor and job.left go with the turn.
 */
#include "stress.h"

static unsigned int chain_free(struct worker *w)
{
	struct block *array = job.arrays[0];
	unsigned int n = 0;

	for (; n < job.batch && job.cursor < job.live; job.cursor++, n++) {
		if (array[job.cursor].p)
			stress_block_drop(&w->actor, &array[job.cursor]);
		array[job.cursor].p = NULL;
	}
	if (job.cursor == job.live) {
		job.cursor = 0;
		job.freeing = false;
	}
	return n;
}

static unsigned int chain_make(struct worker *w)
{
	struct block *array = job.arrays[0];
	unsigned int n = 0;

	/* A failure leaves the place empty. */
	for (; n < job.batch && job.cursor < job.live && *w->left; n++)
		stress_produce(w, &array[job.cursor++]);
	if (job.cursor == job.live) {
		job.cursor = 0;
		job.freeing = true;
		/* Pairs with stress_chain_step(): the stage is complete. */
		smp_store_release(&job.turn, job.turn + 1);
	}
	return n;
}

unsigned int stress_chain_step(struct worker *w)
{
	/* Pairs with chain_make(). */
	if (smp_load_acquire(&job.turn) % job.nr != w->id)
		return 0;
	return job.freeing ? chain_free(w) : chain_make(w);
}
