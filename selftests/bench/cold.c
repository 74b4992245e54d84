// SPDX-License-Identifier: GPL-2.0
/*
 * What the fast paths leave to others, a superblock: filled and emptied, by two
 * heaps.  Of the one, with a K that is never reached, the superblocks stay where they
 * are.  Of the other, with K = 1, all but one leave the local heap as they become
 * empty enough, for the pool or, with a block in use, for the global heap, and come
 * back.  As many operations within one word of bits are measured and taken away.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/workqueue.h>

#include "bench.h"

#define SUPERBLOCKS	8
/* Blocks a superblock, of 4 KiB. */
#define EACH		7
#define COLD_SIZE	4096
#define K_NEVER		64

/**
 * struct cold - the blocks of a heap
 * @heap: of its own, so that nothing else fills or empties its superblocks
 * @size: of a block
 * @there: how many of each superblock's are allocated
 * @p: the blocks
 */
struct cold {
	struct hoardk_heap *heap;
	size_t size;
	unsigned int there;
	void *p[SUPERBLOCKS][EACH];
};

static struct cold baseline = { .size = BLOCK };
static struct cold stays = { .size = COLD_SIZE };
static struct cold moves = { .size = COLD_SIZE };

static struct cold *cold_of(const struct point *at, enum allocator who)
{
	if (who == NOTHING)
		return &baseline;
	return at->arg == K_NEVER ? &stays : &moves;
}

static __always_inline void *cold_alloc(struct hoardk_heap *heap, size_t size)
{
	void *p = hoardk_heap_alloc(heap, size, GFP_KERNEL);

	if (!p)
		bench_failed = true;
	return p;
}

/* Have @n of each superblock's blocks allocated. */
static noinline void cold_have(struct cold *c, unsigned int n)
{
	unsigned int i, j;

	for (i = 0; i < SUPERBLOCKS; i++) {
		for (j = c->there; j < n; j++)
			c->p[i][j] = cold_alloc(c->heap, c->size);
		for (j = n; j < c->there; j++)
			hoardk_free(c->p[i][j]);
	}
	c->there = n;
}

static __always_inline void filled(const struct point *at, enum allocator who)
{
	cold_have(cold_of(at, who), EACH);
}

static __always_inline void emptied(const struct point *at, enum allocator who)
{
	cold_have(cold_of(at, who), 0);
}

static __always_inline void thinned(const struct point *at, enum allocator who)
{
	cold_have(cold_of(at, who), 1);
}

static __always_inline void before_filled(const struct point *at,
					  enum allocator who)
{
	filled(at, who);
	emptied(at, who);
}

static __always_inline void before_filled_up(const struct point *at,
					     enum allocator who)
{
	filled(at, who);
	thinned(at, who);
}

DEFINE_RUN(filled, NOTHING, nothing)
DEFINE_RUN(filled, HOARDK, hoardk)
DEFINE_RUN(emptied, NOTHING, nothing)
DEFINE_RUN(emptied, HOARDK, hoardk)
DEFINE_RUN(thinned, NOTHING, nothing)
DEFINE_RUN(thinned, HOARDK, hoardk)
DEFINE_RUN(before_filled, NOTHING, nothing)
DEFINE_RUN(before_filled, HOARDK, hoardk)
DEFINE_RUN(before_filled_up, NOTHING, nothing)
DEFINE_RUN(before_filled_up, HOARDK, hoardk)

static const struct point by_slack[] = {
	{ 1, SUPERBLOCKS }, { K_NEVER, SUPERBLOCKS }, { }
};

#define COLD(what, allocator, before, f) \
	{ .work = "superblock " what ", by K", .name = allocator, \
	  .prepare = before, .run = f, .points = by_slack }

struct work cold_works[] = {
	COLD("filled", "nothing", before_filled_nothing, filled_nothing),
	COLD("filled", "hoardk", before_filled_hoardk, filled_hoardk),
	COLD("thinned out", "nothing", filled_nothing, thinned_nothing),
	COLD("thinned out", "hoardk", filled_hoardk, thinned_hoardk),
	COLD("filled up", "nothing", before_filled_up_nothing, filled_nothing),
	COLD("filled up", "hoardk", before_filled_up_hoardk, filled_hoardk),
	COLD("emptied", "nothing", filled_nothing, emptied_nothing),
	COLD("emptied", "hoardk", filled_hoardk, emptied_hoardk),
	{ }
};

/*
 * Blocks of full superblocks are freed, so few that nobody is kicked, and are
 * allocated again: where another CPU has freed them, by a drain.
 */
#define DRAIN_SIZE	512
#define DRAIN_EACH	63
#define FREED		3

struct drained {
	struct hoardk_heap *heap;
	void *p[SUPERBLOCKS][DRAIN_EACH];
};

static struct drained here, there;

static long drained_free(void *arg)
{
	struct drained *d = arg;
	unsigned int i, j;

	for (i = 0; i < SUPERBLOCKS; i++)
		for (j = 0; j < FREED; j++)
			hoardk_free(d->p[i][j]);
	return 0;
}

static noinline void drained_alloc(struct drained *d, unsigned int n)
{
	unsigned int i, j;

	for (i = 0; i < SUPERBLOCKS; i++)
		for (j = 0; j < n; j++)
			d->p[i][j] = cold_alloc(d->heap, DRAIN_SIZE);
}

static void drained_before(struct drained *d)
{
	if (!d->p[0][0])
		drained_alloc(d, DRAIN_EACH);
}

static void before_here(const struct point *at)
{
	drained_before(&here);
	drained_free(&here);
}

static void before_there(const struct point *at)
{
	drained_before(&there);
	work_on_cpu(bench_other, drained_free, &there);
}

static noinline void drained_nothing(const struct point *at)
{
	drained_alloc(&here, FREED);
}

static noinline void drained_hoardk(const struct point *at)
{
	drained_alloc(&there, FREED);
}

static const struct point superblocks[] = { { 0, SUPERBLOCKS }, { } };

#define DRAINED		"superblock drained of what others have freed"

struct work drain_works[] = {
	{ .work = DRAINED, .name = "nothing", .prepare = before_here,
	  .run = drained_nothing, .points = superblocks },
	{ .work = DRAINED, .name = "hoardk", .prepare = before_there,
	  .run = drained_hoardk, .points = superblocks },
	{ }
};

static const struct {
	struct hoardk_heap **heap;
	unsigned int slack;
} slacks[] = {
	{ &baseline.heap, K_NEVER },
	{ &stays.heap, K_NEVER },
	{ &moves.heap, 1 },
	{ &here.heap, K_NEVER },
	{ &there.heap, K_NEVER },
};

int cold_open(void)
{
	struct hoardk_heap_attr attr = {};
	struct hoardk_heap *heap;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(slacks); i++) {
		attr.slack = slacks[i].slack;
		heap = hoardk_heap_create("cold", &attr);
		if (IS_ERR(heap))
			return PTR_ERR(heap);
		*slacks[i].heap = heap;
	}
	return 0;
}

/* With what is left in them. */
void cold_close(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(slacks); i++)
		hoardk_heap_destroy(*slacks[i].heap);
}
