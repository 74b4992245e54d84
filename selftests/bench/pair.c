// SPDX-License-Identifier: GPL-2.0
/*
 * On one CPU: what is allocated is freed at once, or a burst later.  The loop's own
 * two instructions are part of every figure.
 */
#include <linux/err.h>
#include <linux/kernel.h>

#include "bench.h"

#define BURST		64
#define LONG_BURST	256

static struct hoardk_heap *heap;

/* Heaps with one check each, and one with all. */
static const unsigned int checks[] = {
	HOARDK_CHECK_OWNER, HOARDK_CHECK_REDZONE, HOARDK_CHECK_POISON,
	HOARDK_CHECK_ZERO, HOARDK_CHECK_RANDOM, HOARDK_CHECK_QUARANTINE,
	HOARDK_CHECK_ALL,
};

static struct hoardk_heap *checked[ARRAY_SIZE(checks)];

/* A way to get a block and to free it. */
#define DEFINE_WAY(way, get, put)					\
static __always_inline void *way##_get(size_t size)			\
{									\
	return get;							\
}									\
									\
static __always_inline void way##_put(void *p)				\
{									\
	put;								\
}

DEFINE_WAY(hoardk, hoardk_alloc(BLOCK, GFP_KERNEL), hoardk_free(p))
DEFINE_WAY(hoardk_variable, hoardk_alloc(size, GFP_KERNEL), hoardk_free(p))
DEFINE_WAY(hoardk_heap, hoardk_heap_alloc(heap, size, GFP_KERNEL),
	   hoardk_free(p))
DEFINE_WAY(hoardk_zero, hoardk_zalloc(size, GFP_KERNEL), hoardk_free(p))
DEFINE_WAY(hoardk_zero_constant, hoardk_zalloc(BLOCK, GFP_KERNEL),
	   hoardk_free(p))
DEFINE_WAY(kmalloc, kmalloc(BLOCK, GFP_KERNEL), kfree(p))
DEFINE_WAY(kmalloc_variable, kmalloc(size, GFP_KERNEL), kfree(p))
DEFINE_WAY(kmalloc_zero, kzalloc(size, GFP_KERNEL), kfree(p))
DEFINE_WAY(kmalloc_zero_constant, kzalloc(BLOCK, GFP_KERNEL), kfree(p))
DEFINE_WAY(mempool, mempool_alloc(bench_pool, GFP_KERNEL),
	   mempool_free(p, bench_pool))
DEFINE_WAY(kmem_cache, kmem_cache_alloc(bench_cache, GFP_KERNEL),
	   kmem_cache_free(bench_cache, p))
DEFINE_WAY(kmem_cache_zero, kmem_cache_zalloc(bench_cache, GFP_KERNEL),
	   kmem_cache_free(bench_cache, p))

#define DEFINE_CHECKED(way, i)						\
	DEFINE_WAY(way, hoardk_heap_alloc(checked[i], size, GFP_KERNEL), \
		   hoardk_free(p))
DEFINE_CHECKED(owner, 0)
DEFINE_CHECKED(redzone, 1)
DEFINE_CHECKED(poison, 2)
DEFINE_CHECKED(zero, 3)
DEFINE_CHECKED(random, 4)
DEFINE_CHECKED(quarantine, 5)
DEFINE_CHECKED(all_checks, 6)

/* Who refuses is fast: tried before @name is measured, with as many blocks. */
#define DEFINE_TRY(name, way)						\
static noinline void try_##name(const struct point *at)			\
{									\
	size_t size = block_size();					\
	unsigned int i;							\
									\
	for (i = 0; i < ARRAY_SIZE(name##_p); i++) {			\
		name##_p[i] = way##_get(size);				\
		if (!name##_p[i])					\
			bench_failed = true;				\
	}								\
	for (i = 0; i < ARRAY_SIZE(name##_p); i++)			\
		if (name##_p[i])					\
			way##_put(name##_p[i]);				\
}

#define DEFINE_PAIR(way)						\
static void *pair_##way##_p[1];						\
DEFINE_TRY(pair_##way, way)						\
static noinline void pair_##way(const struct point *at)			\
{									\
	size_t size = block_size();					\
	int i;								\
									\
	for (i = 0; i < PAIRS; i++)					\
		way##_put(way##_get(size));				\
}

#define DEFINE_BURST(name, burst, way)					\
static void *name##_##way##_p[burst];					\
DEFINE_TRY(name##_##way, way)						\
static noinline void name##_##way(const struct point *at)		\
{									\
	size_t size = block_size();					\
	unsigned int i, j;						\
									\
	for (i = 0; i < PAIRS / ARRAY_SIZE(name##_##way##_p); i++) { \
		for (j = 0; j < ARRAY_SIZE(name##_##way##_p); j++) \
			name##_##way##_p[j] = way##_get(size);		\
		for (j = 0; j < ARRAY_SIZE(name##_##way##_p); j++) \
			way##_put(name##_##way##_p[j]);		\
	}								\
}

DEFINE_PAIR(hoardk)
DEFINE_PAIR(hoardk_variable)
DEFINE_PAIR(hoardk_heap)
DEFINE_PAIR(hoardk_zero)
DEFINE_PAIR(hoardk_zero_constant)
DEFINE_PAIR(kmalloc)
DEFINE_PAIR(kmalloc_variable)
DEFINE_PAIR(kmalloc_zero)
DEFINE_PAIR(kmalloc_zero_constant)
DEFINE_PAIR(mempool)
DEFINE_PAIR(kmem_cache)
DEFINE_PAIR(kmem_cache_zero)
DEFINE_PAIR(owner)
DEFINE_PAIR(redzone)
DEFINE_PAIR(poison)
DEFINE_PAIR(zero)
DEFINE_PAIR(random)
DEFINE_PAIR(quarantine)
DEFINE_PAIR(all_checks)

DEFINE_BURST(burst, BURST, hoardk)
DEFINE_BURST(burst, BURST, hoardk_variable)
DEFINE_BURST(burst, BURST, kmalloc)
DEFINE_BURST(burst, BURST, kmalloc_variable)
DEFINE_BURST(burst, BURST, kmem_cache)
DEFINE_BURST(burst, BURST, mempool)
DEFINE_BURST(long, LONG_BURST, hoardk)
DEFINE_BURST(long, LONG_BURST, kmalloc)
DEFINE_BURST(long, LONG_BURST, kmem_cache)
DEFINE_BURST(long, LONG_BURST, mempool)

#define WORK(what, allocator, f)					\
	{ .work = what, .name = allocator, .run = f, .prepare = try_##f }

struct work pair_works[] = {
	WORK("pair of 64 bytes, constant size", "hoardk", pair_hoardk),
	WORK("pair of 64 bytes, constant size", "kmalloc", pair_kmalloc),
	WORK("pair of 64 bytes, constant size", "kmem_cache", pair_kmem_cache),
	WORK("pair of 64 bytes, variable size", "hoardk", pair_hoardk_variable),
	WORK("pair of 64 bytes, variable size", "kmalloc", pair_kmalloc_variable),
	WORK("pair of 64 bytes, variable size", "kmem_cache", pair_kmem_cache),
	WORK("pair of 64 bytes, own cache or heap", "hoardk", pair_hoardk_heap),
	WORK("pair of 64 bytes, own cache or heap", "kmem_cache", pair_kmem_cache),
	WORK("pair of 64 bytes, own cache or heap", "mempool", pair_mempool),
	WORK("pair of 64 bytes, zeroed", "hoardk", pair_hoardk_zero),
	WORK("pair of 64 bytes, zeroed", "kmalloc", pair_kmalloc_zero),
	WORK("pair of 64 bytes, zeroed", "kmem_cache", pair_kmem_cache_zero),
	WORK("pair of 64 bytes, zeroed, constant size", "hoardk",
	     pair_hoardk_zero_constant),
	WORK("pair of 64 bytes, zeroed, constant size", "kmalloc",
	     pair_kmalloc_zero_constant),
	WORK("pair of 64 bytes, zeroed, constant size", "kmem_cache",
	     pair_kmem_cache_zero),
	WORK("burst of 64, constant size", "hoardk", burst_hoardk),
	WORK("burst of 64, constant size", "kmalloc", burst_kmalloc),
	WORK("burst of 64, constant size", "kmem_cache", burst_kmem_cache),
	WORK("burst of 64, then 64 frees", "hoardk", burst_hoardk_variable),
	WORK("burst of 64, then 64 frees", "kmalloc", burst_kmalloc_variable),
	WORK("burst of 64, then 64 frees", "kmem_cache", burst_kmem_cache),
	WORK("burst of 64, then 64 frees", "mempool", burst_mempool),
	WORK("burst of 256, constant size", "hoardk", long_hoardk),
	WORK("burst of 256, constant size", "kmalloc", long_kmalloc),
	WORK("burst of 256, constant size", "kmem_cache", long_kmem_cache),
	WORK("burst of 256, constant size", "mempool", long_mempool),
	WORK("pair of 64 bytes, checks=owner", "hoardk", pair_owner),
	WORK("pair of 64 bytes, checks=redzone", "hoardk", pair_redzone),
	WORK("pair of 64 bytes, checks=poison", "hoardk", pair_poison),
	WORK("pair of 64 bytes, checks=zero", "hoardk", pair_zero),
	WORK("pair of 64 bytes, checks=random", "hoardk", pair_random),
	WORK("pair of 64 bytes, checks=quarantine", "hoardk", pair_quarantine),
	WORK("pair of 64 bytes, checks=all", "hoardk", pair_all_checks),
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
	return checked_create() ? 0 : -ENOMEM;
}

void pair_close(void)
{
	checked_destroy();
	hoardk_heap_destroy(heap);
}
