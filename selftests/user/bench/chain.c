// SPDX-License-Identifier: GPL-2.0
/*
 * Vyukov's chain: a row of threads, one at a time; each frees all blocks of
 * the thread before it and allocates as many of its own.  The same number of
 * bytes is live all the time, yet an allocator that keeps freed memory where
 * it came from, or where it was freed, ends up with a multiple.
 *
 * A thread stays, idle, until --keep successors have done their work: with 1 it
 * is there while its blocks are freed, with 0 it has ended before.
 *
 * An operation is a block's life.  One thread runs at a time, so --threads
 * does not matter.
 */
#include <pthread.h>
#include <semaphore.h>

#include "block.h"

#define MAX_STAGES 10000

struct stage {
	pthread_t thread;
	sem_t may_end;
};

static unsigned long stages = 60, blocks = 50000, keep = 1;
static unsigned long min_size = 16, max_size = 4000;
static struct stage chain[MAX_STAGES];
static struct block *table;
static struct rng rng;
static sem_t done;

static const struct bench_option options[] = {
	{ "stages", &stages, 1, MAX_STAGES, "threads in the chain" },
	{ "blocks", &blocks, 1, 100000000, "of each stage" },
	{ "min", &min_size, 1, 1 << 30, "smallest block" },
	{ "max", &max_size, 1, 1 << 30, "largest block" },
	{ "keep", &keep, 0, MAX_STAGES,
	  "predecessors that stay, idle, beside the thread that works" },
	{ }
};

static void wait_for(sem_t *sem)
{
	while (sem_wait(sem))
		;
}

static void free_all(void)
{
	for (unsigned long i = 0; i < blocks; i++)
		block_drop(&table[i]);
}

static void *stage_main(void *arg)
{
	struct stage *stage = arg;

	free_all();
	for (unsigned long i = 0; i < blocks; i++)
		block_new(&table[i], rng_range(&rng, min_size, max_size), &rng);
	bench_live_flush();
	sem_post(&done);
	wait_for(&stage->may_end);
	return NULL;
}

static void end(struct stage *stage)
{
	sem_post(&stage->may_end);
	pthread_join(stage->thread, NULL);
}

static void run_chain(void)
{
	for (unsigned long i = 0; i < stages; i++) {
		sem_init(&chain[i].may_end, 0, 0);
		if (pthread_create(&chain[i].thread, NULL, stage_main,
				   &chain[i]))
			bench_fail("cannot start thread %lu", i);
		wait_for(&done);
		if (i >= keep)
			end(&chain[i - keep]);
	}
	free_all();
}

/* Those that are left when the chain is through. */
static void end_rest(void)
{
	for (unsigned long i = keep < stages ? stages - keep : 0; i < stages;
	     i++)
		end(&chain[i]);
}

int main(int argc, char **argv)
{
	u64 ns;

	bench_options(argc, argv,
		      "A chain of threads; each frees the blocks of the one before it.",
		      options);
	if (min_size > max_size)
		bench_usage("--min is more than --max");
	sem_init(&done, 0, 0);
	rng_init(&rng, 0);
	table = bench_pages(blocks * sizeof(*table));
	bench_begin();
	ns = bench_clock();
	run_chain();
	ns = bench_clock() - ns;
	end_rest();
	bench_report(ns, stages * blocks);
	return 0;
}
