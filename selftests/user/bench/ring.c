// SPDX-License-Identifier: GPL-2.0
/*
 * Producers and consumers in pairs: one allocates objects and passes them,
 * one at a time, through a bounded ring to the other, which frees them.
 *
 * An operation is an object's life.  With --no-alloc numbers go through the
 * ring instead of pointers: what is left is the cost of the ring.
 */
#include <stdatomic.h>

#include "bench.h"

/* Each side has a line of its own, with what it last saw of the other. */
struct side {
	atomic_ulong at;
	unsigned long seen;
	char rest_of_line[BENCH_LINE - 2 * sizeof(unsigned long)];
};

struct ring {
	struct side in, out;
	u64 *slots;
	char rest_of_line[BENCH_LINE - sizeof(u64 *)];
};

static unsigned long objects = 20000000, size = 64, places = 1024, no_alloc;
static unsigned int pairs;
static struct ring *rings;

static const struct bench_option options[] = {
	{ "objects", &objects, 1, 1000000000000, "of all pairs" },
	{ "size", &size, sizeof(u64), 1 << 30, "bytes of an object" },
	{ "places", &places, 1, 10000000, "of a ring" },
	{ "no-alloc", &no_alloc, 0, 0, "only the ring" },
	{ }
};

/* Waits until the side other has come to at least at. */
static void wait_for(struct side *own, struct side *other, unsigned long at)
{
	unsigned int spins = 0;

	while ((long)(own->seen - at) < 0) {
		own->seen = atomic_load_explicit(&other->at,
						 memory_order_acquire);
		if ((long)(own->seen - at) < 0)
			bench_relax(&spins);
	}
}

static void push(struct ring *r, unsigned long at, u64 value)
{
	wait_for(&r->in, &r->out, at + 1 - places);
	r->slots[at % places] = value;
	atomic_store_explicit(&r->in.at, at + 1, memory_order_release);
}

static u64 pop(struct ring *r, unsigned long at)
{
	u64 value;

	wait_for(&r->out, &r->in, at + 1);
	value = r->slots[at % places];
	atomic_store_explicit(&r->out.at, at + 1, memory_order_release);
	return value;
}

static u64 make(u64 stamp)
{
	u64 *p;

	if (no_alloc)
		return stamp;
	p = bench_malloc(size);
	*p = stamp;
	return (u64)p;
}

static void unmake(u64 value, u64 stamp)
{
	u64 *p = (u64 *)value;

	if ((no_alloc ? value : *p) != stamp)
		bench_fail("object %lx came out of the ring changed",
			   stamp);
	if (!no_alloc)
		bench_free(p, size);
}

static void work(unsigned int id)
{
	unsigned int pair = id / 2;
	unsigned long n = bench_share(objects, pair, pairs);
	u64 stamp = (u64)(pair + 1) << 40;
	struct ring *r = &rings[pair];

	for (unsigned long at = 0; at < n; at++) {
		if (id % 2)
			unmake(pop(r, at), stamp + at);
		else
			push(r, at, make(stamp + at));
	}
}

int main(int argc, char **argv)
{
	u64 ns;

	bench_options(argc, argv,
		      "Pairs of threads: one allocates, the other frees; a ring between them.",
		      options);
	pairs = bench_threads < 2 ? 1 : bench_threads / 2;
	rings = bench_pages(pairs * sizeof(*rings));
	for (unsigned int i = 0; i < pairs; i++)
		rings[i].slots = bench_pages(places * sizeof(*rings->slots));
	bench_begin();
	ns = bench_run(2 * pairs, work);
	bench_report(ns, objects);
	return 0;
}
