// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks that migrate, after mimalloc's mstress: every thread has a live set,
 * replaces blocks in it at random, and now and then exchanges one with a shelf
 * that all threads share.  Threads end after each round and new ones begin;
 * what stands on the shelf outlives the threads that allocated it.
 *
 * Sizes are spread evenly over the doublings from --min to --max, so most
 * blocks are small.  An operation is an allocation and a free.
 */
#include <stdatomic.h>

#include "block.h"

#define EXCHANGE_ONE_IN 4

/* A place on the shelf; whoever finds it busy goes elsewhere. */
struct place {
	atomic_flag busy;
	struct block block;
};

static unsigned long ops = 10000000, slots = 5000, shelf_places = 1000;
static unsigned long min_size = 16, max_size = 8192, rounds = 10;
static unsigned long doublings, round_now;
static struct place *shelf;
static struct block *tables[BENCH_MAX_THREADS];

static const struct bench_option options[] = {
	{ "ops", &ops, 1, 1000000000000, "replacements, of all threads" },
	{ "rounds", &rounds, 1, 1000000, "generations of threads" },
	{ "slots", &slots, 1, 10000000, "blocks a thread holds" },
	{ "shelf", &shelf_places, 1, 10000000, "blocks all threads share" },
	{ "min", &min_size, 1, 1 << 30, "smallest block" },
	{ "max", &max_size, 1, 1 << 30, "largest block" },
	{ }
};

static u32 random_size(struct rng *rng)
{
	unsigned long low = min_size << rng_below(rng, doublings);
	unsigned long high = 2 * low - 1;

	return rng_range(rng, low, high < max_size ? high : max_size);
}

static void exchange(struct block *own, struct rng *rng)
{
	struct place *place = &shelf[rng_below(rng, shelf_places)];
	struct block other;

	if (atomic_flag_test_and_set_explicit(&place->busy,
					      memory_order_acquire))
		return;
	other = place->block;
	place->block = *own;
	atomic_flag_clear_explicit(&place->busy, memory_order_release);
	*own = other;
}

static void work(unsigned int id)
{
	unsigned long n = bench_share(ops / rounds, id, bench_threads);
	struct block *table = tables[id];
	struct rng rng;

	rng_init(&rng, round_now * BENCH_MAX_THREADS + id);
	while (n--) {
		struct block *b = &table[rng_below(&rng, slots)];

		block_drop(b);
		block_new(b, random_size(&rng), &rng);
		if (!rng_below(&rng, EXCHANGE_ONE_IN))
			exchange(b, &rng);
	}
	for (unsigned long i = 0; i < slots; i++)
		block_drop(&table[i]);
}

int main(int argc, char **argv)
{
	u64 ns = 0;

	bench_options(argc, argv,
		      "Threads come and go and exchange blocks of their live sets.",
		      options);
	if (min_size > max_size)
		bench_usage("--min is more than --max");
	if (ops < rounds)
		bench_usage("--ops is less than --rounds");
	while (min_size << doublings <= max_size)
		doublings++;
	for (unsigned int i = 0; i < bench_threads; i++)
		tables[i] = bench_pages(slots * sizeof(*tables[i]));
	shelf = bench_pages(shelf_places * sizeof(*shelf));
	bench_begin();
	for (round_now = 0; round_now < rounds; round_now++)
		ns += bench_run(bench_threads, work);
	for (unsigned long i = 0; i < shelf_places; i++)
		block_drop(&shelf[i].block);
	bench_report(ns, ops / rounds * rounds);
	return 0;
}
