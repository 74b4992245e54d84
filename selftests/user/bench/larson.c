// SPDX-License-Identifier: GPL-2.0
/*
 * Larson and Krishnan's simulation of a server: every thread has a table of
 * blocks and replaces one at random, again and again.  After so many
 * replacements the thread starts a successor, which inherits the table, and
 * ends: blocks are freed by other threads than those that allocated them, and
 * by threads that are younger than the blocks.
 *
 * An operation is a replacement: a free and an allocation.
 */
#include <pthread.h>
#include <semaphore.h>

#include "block.h"

struct heir {
	struct rng rng;
	struct block *slots;
	unsigned long left;
};

static unsigned long ops = 50000000, slots = 5000, rounds = 100;
static unsigned long min_size = 10, max_size = 500;
static struct heir heirs[BENCH_MAX_THREADS];
static sem_t extinct;

static const struct bench_option options[] = {
	{ "ops", &ops, 1, 1000000000000, "replacements, of all threads" },
	{ "slots", &slots, 1, 10000000, "blocks a thread holds" },
	{ "rounds", &rounds, 1, 1000000,
	  "replacements a slot before a thread gives way to its successor" },
	{ "min", &min_size, 1, 1 << 30, "smallest block" },
	{ "max", &max_size, 1, 1 << 30, "largest block" },
	{ }
};

static void *generation(void *arg);

static void start_generation(struct heir *heir)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, generation, heir) ||
	    pthread_detach(thread))
		bench_fail("cannot start a thread");
}

static void replace(struct heir *heir, unsigned long n)
{
	for (unsigned long i = 0; i < n; i++) {
		struct block *b = &heir->slots[rng_below(&heir->rng, slots)];

		block_drop(b);
		block_new(b, rng_range(&heir->rng, min_size, max_size),
			  &heir->rng);
	}
}

static void *generation(void *arg)
{
	struct heir *heir = arg;
	unsigned long n = slots * rounds;

	if (n > heir->left)
		n = heir->left;
	replace(heir, n);
	heir->left -= n;
	bench_live_flush();
	if (heir->left)
		start_generation(heir);
	else
		sem_post(&extinct);
	return NULL;
}

static void fill(struct heir *heir)
{
	for (unsigned long i = 0; i < slots; i++)
		block_new(&heir->slots[i],
			  rng_range(&heir->rng, min_size, max_size),
			  &heir->rng);
}

static void empty(struct heir *heir)
{
	for (unsigned long i = 0; i < slots; i++)
		block_drop(&heir->slots[i]);
}

int main(int argc, char **argv)
{
	u64 start, end;

	bench_options(argc, argv,
		      "Server simulation: random replacement in tables that pass from thread to thread.",
		      options);
	if (min_size > max_size)
		bench_usage("--min is more than --max");
	sem_init(&extinct, 0, 0);
	for (unsigned int i = 0; i < bench_threads; i++) {
		heirs[i].slots = bench_pages(slots * sizeof(struct block));
		heirs[i].left = bench_share(ops, i, bench_threads);
		rng_init(&heirs[i].rng, i);
	}
	bench_begin();
	/* One thread fills all tables, as the server does at its start. */
	for (unsigned int i = 0; i < bench_threads; i++)
		fill(&heirs[i]);
	bench_live_flush();

	start = bench_clock();
	for (unsigned int i = 0; i < bench_threads; i++)
		start_generation(&heirs[i]);
	for (unsigned int i = 0; i < bench_threads; i++)
		while (sem_wait(&extinct))
			;
	end = bench_clock();

	for (unsigned int i = 0; i < bench_threads; i++)
		empty(&heirs[i]);
	bench_report(end - start, ops);
	return 0;
}
