// SPDX-License-Identifier: GPL-2.0
/*
 * Hoard's threadtest: every thread allocates its share of the objects, then
 * frees them all, round after round.  Threads share nothing, so this shows
 * how the allocator scales when it has no reason not to.
 *
 * An operation is an allocation and a free.
 */
#include "bench.h"

static unsigned long objects = 100000, size = 8, rounds = 500;
static u64 **tables[BENCH_MAX_THREADS];

static const struct bench_option options[] = {
	{ "objects", &objects, 1, 1000000000, "of all threads" },
	{ "size", &size, sizeof(u64), 1 << 30, "bytes of an object" },
	{ "rounds", &rounds, 1, 1000000000, "allocate all, free all" },
	{ }
};

static void allocate_all(u64 **table, unsigned long n, u64 stamp)
{
	for (unsigned long i = 0; i < n; i++) {
		table[i] = bench_malloc(size);
		*table[i] = stamp + i;
	}
}

static void free_all(u64 **table, unsigned long n, u64 stamp)
{
	for (unsigned long i = 0; i < n; i++) {
		if (*table[i] != stamp + i)
			bench_fail("an object at %p is not as it was left",
				   (void *)table[i]);
		bench_free(table[i], size);
	}
}

static void work(unsigned int id)
{
	unsigned long n = bench_share(objects, id, bench_threads);
	u64 stamp = (u64)id << 32;

	for (unsigned long round = 0; round < rounds; round++) {
		allocate_all(tables[id], n, stamp);
		free_all(tables[id], n, stamp);
		stamp += n;
	}
}

int main(int argc, char **argv)
{
	u64 ns;

	bench_options(argc, argv,
		      "Allocate all, free all; the threads have nothing to do with each other.",
		      options);
	for (unsigned int i = 0; i < bench_threads; i++)
		tables[i] = bench_pages((objects / bench_threads + 1) *
					sizeof(*tables[i]));
	bench_begin();
	ns = bench_run(bench_threads, work);
	bench_report(ns, objects * rounds);
	return 0;
}
