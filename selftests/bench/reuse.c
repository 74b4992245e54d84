// SPDX-License-Identifier: GPL-2.0
/*
 * How soon memory that was freed is handed out again: of some live blocks any is
 * replaced, and the cache lines of all that are handed out at that are counted.
 */
#include <linux/cache.h>
#include <linux/kernel.h>
#include <linux/seq_file.h>

#include "bench.h"

#define STEPS		10000
#define MOST_LIVE	4096

static const unsigned int live[] = { 16, 256, MOST_LIVE };

static const struct {
	const char *name;
	enum allocator who;
} allocators[] = {
	{ "hoardk", HOARDK },
	{ "kmalloc", KMALLOC },
	{ "kmem_cache", KMEM_CACHE },
};

static unsigned int lines[ARRAY_SIZE(allocators)][ARRAY_SIZE(live)];
static void *slots[MOST_LIVE];
static unsigned long seen[STEPS];

static unsigned int count_lines(void)
{
	unsigned int i, n = 1;

	bench_sort(seen, STEPS);
	for (i = 1; i < STEPS; i++)
		n += seen[i] != seen[i - 1];
	return n;
}

static bool replace(enum allocator who, unsigned int n, u32 *seed)
{
	unsigned int i, k;

	for (i = 0; i < STEPS; i++) {
		k = bench_random(seed, n);
		give(who, slots[k], BLOCK, bench_cache);
		slots[k] = take(who, BLOCK, bench_cache);
		if (!slots[k])
			return false;
		seen[i] = (unsigned long)slots[k] / SMP_CACHE_BYTES;
	}
	return true;
}

static bool fill(enum allocator who, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		slots[i] = take(who, BLOCK, bench_cache);
		if (!slots[i])
			return false;
	}
	return true;
}

static void empty(enum allocator who)
{
	unsigned int i;

	for (i = 0; i < MOST_LIVE; i++) {
		if (slots[i])
			give(who, slots[i], BLOCK, bench_cache);
		slots[i] = NULL;
	}
}

static unsigned int run(enum allocator who, unsigned int n)
{
	u32 seed = 1;

	/* Until it is the same all the time; then again, and that counts. */
	if (!fill(who, n) || !replace(who, n, &seed) || !replace(who, n, &seed))
		bench_failed = true;
	empty(who);
	return bench_failed ? 0 : count_lines();
}

void reuse_run(void)
{
	unsigned int a, i;

	for (a = 0; a < ARRAY_SIZE(allocators); a++)
		for (i = 0; i < ARRAY_SIZE(live); i++)
			lines[a][i] = run(allocators[a].who, live[i]);
}

/* A line `live allocator lines` each. */
int reuse_show(struct seq_file *m, void *v)
{
	unsigned int a, i;

	for (i = 0; i < ARRAY_SIZE(live); i++)
		for (a = 0; a < ARRAY_SIZE(allocators); a++)
			seq_printf(m, "%u\t%s\t%u\n", live[i],
				   allocators[a].name, lines[a][i]);
	return 0;
}
