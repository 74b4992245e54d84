// SPDX-License-Identifier: GPL-2.0
/*
 * Mixed sizes and lifetimes, after MicroQuill's shbench: each thread allocates
 * a run of blocks, small and large, and frees it in the order it came, in the
 * reverse order, or exchanges its blocks for older ones at random places of a
 * table.  So some blocks die young, first or last come, and others at random.
 *
 * An operation is an allocation and a free.
 */
#include "block.h"

#define RUN 200

static unsigned long ops = 50000000, slots = 4000;
static unsigned long min_size = 1, max_size = 1000;
static struct block *tables[BENCH_MAX_THREADS];

static const struct bench_option options[] = {
	{ "ops", &ops, 1, 1000000000000, "blocks, of all threads" },
	{ "slots", &slots, 1, 10000000, "blocks a thread keeps for longer" },
	{ "min", &min_size, 1, 1 << 30, "smallest block" },
	{ "max", &max_size, 1, 1 << 30, "largest block" },
	{ }
};

static void free_in_order(struct block *run, u32 n)
{
	for (u32 i = 0; i < n; i++)
		block_drop(&run[i]);
}

static void free_in_reverse(struct block *run, u32 n)
{
	while (n--)
		block_drop(&run[n]);
}

static void exchange(struct block *table, struct block *run, u32 n,
		     struct rng *rng)
{
	for (u32 i = 0; i < n; i++) {
		struct block *kept = &table[rng_below(rng, slots)];
		struct block old = *kept;

		*kept = run[i];
		block_drop(&old);
	}
}

static void work(unsigned int id)
{
	unsigned long left = bench_share(ops, id, bench_threads);
	struct block *table = tables[id];
	struct block run[RUN];
	struct rng rng;
	u32 n;

	rng_init(&rng, id);
	for (; left; left -= n) {
		n = rng_range(&rng, 1, left < RUN ? left : RUN);
		for (u32 i = 0; i < n; i++)
			block_new(&run[i], rng_range(&rng, min_size, max_size),
				  &rng);
		switch (rng_below(&rng, 3)) {
		case 0:
			free_in_order(run, n);
			break;
		case 1:
			free_in_reverse(run, n);
			break;
		default:
			exchange(table, run, n, &rng);
		}
	}
	free_in_order(table, slots);
}

int main(int argc, char **argv)
{
	u64 ns;

	bench_options(argc, argv,
		      "Mixed sizes, freed in order, in reverse order and at random.",
		      options);
	if (min_size > max_size)
		bench_usage("--min is more than --max");
	for (unsigned int i = 0; i < bench_threads; i++)
		tables[i] = bench_pages(slots * sizeof(*tables[i]));
	bench_begin();
	ns = bench_run(bench_threads, work);
	bench_report(ns, ops);
	return 0;
}
