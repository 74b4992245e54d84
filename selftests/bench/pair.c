// SPDX-License-Identifier: GPL-2.0
/*
 * On one CPU: what is allocated is freed at once, or a burst later.  The loop's own
 * two instructions are part of every figure.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mempool.h>

#include "bench.h"

#define BURST		64
#define LONG_BURST	256

static struct hoardk_heap *heap;
static mempool_t *pool;

/* Heaps with one check each, and one with all. */
static const unsigned int checks[] = {
	HOARDK_CHECK_OWNER, HOARDK_CHECK_REDZONE, HOARDK_CHECK_POISON,
	HOARDK_CHECK_ZERO, HOARDK_CHECK_RANDOM, HOARDK_CHECK_QUARANTINE,
	HOARDK_CHECK_ALL,
};

static struct hoardk_heap *checked[ARRAY_SIZE(checks)];

#define DEFINE_PAIR(name, get, put)					\
static noinline void name(const struct point *at)			\
{									\
	size_t size = block_size();					\
	void *p;							\
	int i;								\
									\
	(void)size;							\
	for (i = 0; i < PAIRS; i++) {					\
		p = get;						\
		put;							\
	}								\
}

#define DEFINE_BURST(name, burst, get, put)				\
static noinline void name(const struct point *at)			\
{									\
	static void *p[burst];					\
	size_t size = block_size();					\
	unsigned int i, j;						\
									\
	(void)size;							\
	for (i = 0; i < PAIRS / ARRAY_SIZE(p); i++) {			\
		for (j = 0; j < ARRAY_SIZE(p); j++)			\
			p[j] = get;					\
		for (j = 0; j < ARRAY_SIZE(p); j++)			\
			put;						\
	}								\
}

DEFINE_PAIR(pair_hoardk, hoardk_alloc(BLOCK, GFP_KERNEL), hoardk_free(p))
DEFINE_PAIR(pair_hoardk_variable, hoardk_alloc(size, GFP_KERNEL),
	    hoardk_free(p))
DEFINE_PAIR(pair_hoardk_heap, hoardk_heap_alloc(heap, size, GFP_KERNEL),
	    hoardk_free(p))
DEFINE_PAIR(pair_hoardk_zero, hoardk_zalloc(size, GFP_KERNEL), hoardk_free(p))
DEFINE_PAIR(pair_hoardk_zero_constant, hoardk_zalloc(BLOCK, GFP_KERNEL),
	    hoardk_free(p))
DEFINE_PAIR(pair_kmalloc, kmalloc(BLOCK, GFP_KERNEL), kfree(p))
DEFINE_PAIR(pair_kmalloc_variable, kmalloc(size, GFP_KERNEL), kfree(p))
DEFINE_PAIR(pair_kmalloc_zero, kzalloc(size, GFP_KERNEL), kfree(p))
DEFINE_PAIR(pair_kmalloc_zero_constant, kzalloc(BLOCK, GFP_KERNEL), kfree(p))
DEFINE_PAIR(pair_mempool, mempool_alloc(pool, GFP_KERNEL), mempool_free(p, pool))
DEFINE_PAIR(pair_kmem_cache, kmem_cache_alloc(bench_cache, GFP_KERNEL),
	    kmem_cache_free(bench_cache, p))
DEFINE_PAIR(pair_kmem_cache_zero, kmem_cache_zalloc(bench_cache, GFP_KERNEL),
	    kmem_cache_free(bench_cache, p))

#define DEFINE_CHECKED(name, i)						\
	DEFINE_PAIR(name, hoardk_heap_alloc(checked[i], size, GFP_KERNEL), \
		    hoardk_free(p))
DEFINE_CHECKED(pair_owner, 0)
DEFINE_CHECKED(pair_redzone, 1)
DEFINE_CHECKED(pair_poison, 2)
DEFINE_CHECKED(pair_zero, 3)
DEFINE_CHECKED(pair_random, 4)
DEFINE_CHECKED(pair_quarantine, 5)
DEFINE_CHECKED(pair_all_checks, 6)

DEFINE_BURST(burst_hoardk, BURST, hoardk_alloc(size, GFP_KERNEL),
	     hoardk_free(p[j]))
DEFINE_BURST(burst_kmalloc, BURST, kmalloc(size, GFP_KERNEL), kfree(p[j]))

DEFINE_BURST(burst_hoardk_constant, BURST, hoardk_alloc(BLOCK, GFP_KERNEL),
	     hoardk_free(p[j]))
DEFINE_BURST(burst_kmalloc_constant, BURST, kmalloc(BLOCK, GFP_KERNEL),
	     kfree(p[j]))
DEFINE_BURST(burst_kmem_cache, BURST, kmem_cache_alloc(bench_cache, GFP_KERNEL),
	     kmem_cache_free(bench_cache, p[j]))
DEFINE_BURST(long_hoardk, LONG_BURST, hoardk_alloc(BLOCK, GFP_KERNEL),
	     hoardk_free(p[j]))
DEFINE_BURST(long_kmalloc, LONG_BURST, kmalloc(BLOCK, GFP_KERNEL), kfree(p[j]))
DEFINE_BURST(long_kmem_cache, LONG_BURST,
	     kmem_cache_alloc(bench_cache, GFP_KERNEL),
	     kmem_cache_free(bench_cache, p[j]))

struct work pair_works[] = {
	{ "pair of 64 bytes, constant size", "hoardk", pair_hoardk },
	{ "pair of 64 bytes, constant size", "kmalloc", pair_kmalloc },
	{ "pair of 64 bytes, constant size", "kmem_cache", pair_kmem_cache },
	{ "pair of 64 bytes, variable size", "hoardk", pair_hoardk_variable },
	{ "pair of 64 bytes, variable size", "kmalloc", pair_kmalloc_variable },
	{ "pair of 64 bytes, variable size", "kmem_cache", pair_kmem_cache },
	{ "pair of 64 bytes, own cache or heap", "hoardk", pair_hoardk_heap },
	{ "pair of 64 bytes, own cache or heap", "kmem_cache", pair_kmem_cache },
	{ "pair of 64 bytes, own cache or heap", "mempool", pair_mempool },
	{ "pair of 64 bytes, zeroed", "hoardk", pair_hoardk_zero },
	{ "pair of 64 bytes, zeroed", "kmalloc", pair_kmalloc_zero },
	{ "pair of 64 bytes, zeroed", "kmem_cache", pair_kmem_cache_zero },
	{ "pair of 64 bytes, zeroed, constant size", "hoardk",
	  pair_hoardk_zero_constant },
	{ "pair of 64 bytes, zeroed, constant size", "kmalloc",
	  pair_kmalloc_zero_constant },
	{ "pair of 64 bytes, zeroed, constant size", "kmem_cache",
	  pair_kmem_cache_zero },
	{ "burst of 64, constant size", "hoardk", burst_hoardk_constant },
	{ "burst of 64, constant size", "kmalloc", burst_kmalloc_constant },
	{ "burst of 64, constant size", "kmem_cache", burst_kmem_cache },
	{ "burst of 64, then 64 frees", "hoardk", burst_hoardk },
	{ "burst of 64, then 64 frees", "kmalloc", burst_kmalloc },
	{ "burst of 64, then 64 frees", "kmem_cache", burst_kmem_cache },
	{ "burst of 256, constant size", "hoardk", long_hoardk },
	{ "burst of 256, constant size", "kmalloc", long_kmalloc },
	{ "burst of 256, constant size", "kmem_cache", long_kmem_cache },
	{ "pair of 64 bytes, checks=owner", "hoardk", pair_owner },
	{ "pair of 64 bytes, checks=redzone", "hoardk", pair_redzone },
	{ "pair of 64 bytes, checks=poison", "hoardk", pair_poison },
	{ "pair of 64 bytes, checks=zero", "hoardk", pair_zero },
	{ "pair of 64 bytes, checks=random", "hoardk", pair_random },
	{ "pair of 64 bytes, checks=quarantine", "hoardk", pair_quarantine },
	{ "pair of 64 bytes, checks=all", "hoardk", pair_all_checks },
	{ }
};

static void checked_destroy(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(checks); i++)
		hoardk_heap_destroy(checked[i]);
}

static bool checked_create(void)
{
	struct hoardk_heap_attr attr = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(checks); i++) {
		attr.checks = checks[i];
		checked[i] = hoardk_heap_create("checked", &attr);
		if (IS_ERR(checked[i]))
			return false;
	}
	return true;
}

int pair_open(void)
{
	heap = hoardk_heap_create("bench", NULL);
	if (IS_ERR(heap))
		return PTR_ERR(heap);
	pool = mempool_create_slab_pool(BURST, bench_cache);
	if (!pool)
		return -ENOMEM;
	return checked_create() ? 0 : -ENOMEM;
}

void pair_close(void)
{
	checked_destroy();
	mempool_destroy(pool);
	hoardk_heap_destroy(heap);
}
