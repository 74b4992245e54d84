// SPDX-License-Identifier: GPL-2.0
/*
 * Two CPUs in turn: blocks of the one are freed by the other.  While one works the
 * other sleeps, so that on a clock that counts instructions every one that counts is
 * of the work, of the kicks that it causes, or of passing it on; what the last takes,
 * and the loop, is measured with nothing allocated and taken away.
 */
#include <linux/random.h>
#include <linux/workqueue.h>

#include "bench.h"

/* Blocks that are passed on together. */
#define BATCH		256

static void *ring[BATCH];

/* A producer here, a consumer there. */
#define DEFINE_STREAM(name, get, put)					\
static long name##_consume(void *unused)				\
{									\
	unsigned int i;							\
									\
	for (i = 0; i < BATCH; i++) {					\
		void *p = READ_ONCE(ring[i]);				\
									\
		put;							\
	}								\
	return 0;							\
}									\
									\
static void name(void)							\
{									\
	size_t size = block_size();					\
	unsigned int i, n;						\
									\
	(void)size;							\
	for (n = 0; n < PAIRS; n += BATCH) {				\
		for (i = 0; i < BATCH; i++)				\
			WRITE_ONCE(ring[i], get);			\
		work_on_cpu(bench_other, name##_consume, NULL);		\
	}								\
}

DEFINE_STREAM(stream_nothing, NULL, (void)p)
DEFINE_STREAM(stream_hoardk, hoardk_alloc(size, GFP_KERNEL), hoardk_free(p))
DEFINE_STREAM(stream_kmalloc, kmalloc(size, GFP_KERNEL), kfree(p))
DEFINE_STREAM(stream_kmem_cache, kmem_cache_alloc(bench_cache, GFP_KERNEL),
	      kmem_cache_free(bench_cache, p))

/*
 * Larson's: any of many blocks is replaced by one of another size, 10 to 500 bytes;
 * then the other CPU goes on with the same blocks (Larson and Krishnan, "Memory
 * Allocation for Long-Running Server Applications", ISMM 1998).
 */
#define SLOTS		1000

#define DEFINE_LARSON(name, get, put)					\
static void *name##_slots[SLOTS];					\
									\
static long name##_turn(void *unused)					\
{									\
	static u32 random = 1;						\
	unsigned int i, at;						\
	size_t size;							\
	void *p;							\
									\
	for (i = 0; i < BATCH; i++) {					\
		random = random * 1664525 + 1013904223;			\
		at = ((u64)random * SLOTS) >> 32;			\
		size = 10 + (random >> 7) % 491;			\
		p = READ_ONCE(name##_slots[at]);			\
		put;							\
		WRITE_ONCE(name##_slots[at], get);			\
	}								\
	return 0;							\
}									\
									\
static void name(void)							\
{									\
	unsigned int n;							\
									\
	for (n = 0; n < PAIRS; n += 2 * BATCH) {			\
		name##_turn(NULL);					\
		work_on_cpu(bench_other, name##_turn, NULL);		\
	}								\
}

#define DEFINE_CLOSE(name, put)						\
static void name##_close(void)						\
{									\
	unsigned int i;							\
	void *p;							\
									\
	for (i = 0; i < SLOTS; i++) {					\
		p = name##_slots[i];					\
		put;							\
	}								\
}

DEFINE_LARSON(larson_nothing, NULL + (size & 0), (void)p)
DEFINE_LARSON(larson_hoardk, hoardk_alloc(size, GFP_KERNEL), hoardk_free(p))
DEFINE_LARSON(larson_kmalloc, kmalloc(size, GFP_KERNEL), kfree(p))
DEFINE_CLOSE(larson_hoardk, hoardk_free(p))
DEFINE_CLOSE(larson_kmalloc, kfree(p))

struct work stream_works[] = {
	{ "stream from CPU to CPU", "nothing", stream_nothing },
	{ "stream from CPU to CPU", "hoardk", stream_hoardk },
	{ "stream from CPU to CPU", "kmalloc", stream_kmalloc },
	{ "stream from CPU to CPU", "kmem_cache", stream_kmem_cache },
	{ "larson on two CPUs", "nothing", larson_nothing },
	{ "larson on two CPUs", "hoardk", larson_hoardk, larson_hoardk_close },
	{ "larson on two CPUs", "kmalloc", larson_kmalloc,
	  larson_kmalloc_close },
	{ 0 }
};
