// SPDX-License-Identifier: GPL-2.0
/*
 * Hoard's cache-thrash and cache-scratch: threads allocate a small object,
 * write to it many times, free it, and start again.  If objects of two threads
 * lie in one cache line, the line goes to and fro and writes become slow.
 *
 * cache-thrash shows active false sharing: the allocator hands parts of one
 * line to several threads.  cache-scratch shows passive false sharing: the
 * main thread allocates one object a thread, and each thread frees the one it
 * was given; an allocator that lets it have that piece again has passed parts
 * of one line to several threads.
 *
 * An operation is a write.  bench_touch() keeps the compiler from dropping
 * the writes, and the object with them.
 */
#include <string.h>

#include "bench.h"

static unsigned long objects = 1000000, size = 1, writes = 1000, scratch;
static char *given[BENCH_MAX_THREADS];

static const struct bench_option options[] = {
	{ "scratch", &scratch, 0, 0,
	  "cache-scratch; the default is cache-thrash" },
	{ "objects", &objects, 1, 1000000000, "of all threads, in turn" },
	{ "size", &size, 1, 1 << 30, "bytes of an object" },
	{ "writes", &writes, 1, 1000000000, "to each byte of an object" },
	{ }
};

static void write_to(char *p)
{
	for (unsigned long i = 0; i < writes; i++) {
		for (unsigned long at = 0; at < size; at++) {
			p[at]++;
			bench_touch(&p[at]);
		}
	}
}

static void check(const char *p)
{
	for (unsigned long at = 0; at < size; at++)
		if (p[at] != (char)writes)
			bench_fail("somebody else wrote to the object at %p",
				   (const void *)p);
}

static void work(unsigned int id)
{
	unsigned long n = bench_share(objects, id, bench_threads);

	if (scratch)
		bench_free(given[id], size);
	while (n--) {
		char *p = bench_malloc(size);

		memset(p, 0, size);
		write_to(p);
		check(p);
		bench_free(p, size);
	}
}

int main(int argc, char **argv)
{
	u64 ns;

	bench_options(argc, argv,
		      "False sharing: threads write to small objects that may share a cache line.",
		      options);
	bench_begin();
	if (scratch)
		for (unsigned int i = 0; i < bench_threads; i++)
			given[i] = bench_malloc(size);
	ns = bench_run(bench_threads, work);
	bench_report(ns, objects * writes * size);
	return 0;
}
