// SPDX-License-Identifier: GPL-2.0
/*
 * On one CPU, sizes that vary: bursts after Pareto, random replacement, growth by
 * realloc.  The loop and the random numbers are measured with nothing allocated and
 * taken away.
 */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "bench.h"

#define BURST		256
#define SIZES		4096
#define SIZE_LEAST	16
#define SIZE_MOST	8192

/* As likely to be above x as SIZE_LEAST / x: Pareto with exponent 1, cut off. */
static u16 sizes[SIZES];

void mix_open(void)
{
	u32 seed = 1;
	int i;

	for (i = 0; i < SIZES; i++)
		sizes[i] = min_t(u32, SIZE_MOST, SIZE_LEAST * 65536 /
				 (1 + bench_random(&seed, 65536)));
}

static __always_inline void pareto(const struct point *at, enum allocator who)
{
	unsigned int i, j, n = point_pairs(at) / BURST, next = 0;
	static void *p[BURST];

	for (i = 0; i < n; i++) {
		for (j = 0; j < BURST; j++)
			WRITE_ONCE(p[j], take(who, sizes[next++ % SIZES], NULL));
		for (j = 0; j < BURST; j++)
			give(who, READ_ONCE(p[j]), 0, NULL);
	}
}

/* Blocks live all the time, any of which is replaced by one of another size. */
#define SLOTS		4096

static __always_inline void replace(const struct point *at,
				    enum allocator who, void **slots)
{
	/* The same numbers for each. */
	static u32 seeds[NR_ALLOCATORS];
	u32 i, k, n, *seed = &seeds[who];

	if (!at) {
		for (i = 0; i < SLOTS; i++)
			give(who, slots[i], 0, NULL);
		return;
	}
	/* The first round does this as well, and is not the best one. */
	for (i = 0; i < SLOTS && !slots[i]; i++)
		slots[i] = take(who, sizes[i], NULL);
	n = point_pairs(at);
	for (i = 0; i < n; i++) {
		k = bench_random(seed, SLOTS);
		give(who, READ_ONCE(slots[k]), 0, NULL);
		WRITE_ONCE(slots[k], take(who, sizes[*seed % SIZES], NULL));
	}
}

/* From 16 bytes to 16 KiB, half as much again each time; a pair is one step. */
#define GROWTH_FROM	16
#define GROWTH_TO	16384
#define GROWTH_STEPS	18

static __always_inline void grow(const struct point *at, enum allocator who)
{
	unsigned int i, n = point_pairs(at) / GROWTH_STEPS;
	void *p, *larger;
	size_t size;

	for (i = 0; i < n; i++) {
		p = NULL;
		for (size = GROWTH_FROM; size < GROWTH_TO; size += size / 2) {
			OPTIMIZER_HIDE_VAR(size);
			if (who == HOARDK)
				larger = hoardk_realloc(p, size, GFP_KERNEL);
			else if (who == KMALLOC)
				larger = krealloc(p, size, GFP_KERNEL);
			else
				larger = NULL;
			if (!larger)
				continue;
			p = larger;
		}
		give(who, p, 0, NULL);
	}
}

#define DEFINE_REPLACE(who, suffix)					\
static noinline void replace_##suffix(const struct point *at)		\
{									\
	static void *slots[SLOTS];					\
									\
	replace(at, who, slots);					\
}

DEFINE_RUN(pareto, NOTHING, nothing)
DEFINE_RUN(pareto, HOARDK, hoardk)
DEFINE_RUN(pareto, KMALLOC, kmalloc)
DEFINE_REPLACE(NOTHING, nothing)
DEFINE_REPLACE(HOARDK, hoardk)
DEFINE_REPLACE(KMALLOC, kmalloc)
DEFINE_RUN(grow, NOTHING, nothing)
DEFINE_RUN(grow, HOARDK, hoardk)
DEFINE_RUN(grow, KMALLOC, kmalloc)

static const struct point few[] = { { 0, GROWTH_STEPS * 20 }, { } };

#define GROWTH(allocator, f) \
	{ .work = "growth by realloc, a step", .name = allocator, .run = f, \
	  .points = few }

struct work mix_works[] = {
	{ "burst of 256, Pareto sizes", "nothing", pareto_nothing },
	{ "burst of 256, Pareto sizes", "hoardk", pareto_hoardk },
	{ "burst of 256, Pareto sizes", "kmalloc", pareto_kmalloc },
	{ "random replacement of 4096", "nothing", replace_nothing },
	{ "random replacement of 4096", "hoardk", replace_hoardk, true },
	{ "random replacement of 4096", "kmalloc", replace_kmalloc, true },
	GROWTH("nothing", grow_nothing),
	GROWTH("hoardk", grow_hoardk),
	GROWTH("kmalloc", grow_kmalloc),
	{ }
};
