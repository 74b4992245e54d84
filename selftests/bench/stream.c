// SPDX-License-Identifier: GPL-2.0
/*
 * Two CPUs in turn: blocks of the one are freed by the other.  While one works the
 * other sleeps, so that on a clock that counts instructions every one that counts is
 * of the work, of the kicks that it causes, or of passing it on; what the last takes,
 * and the loop, is measured with nothing allocated and taken away.
 */
#include <linux/kernel.h>
#include <linux/workqueue.h>

#include "bench.h"

/* Blocks that are passed on together, if the work does not say it. */
#define BATCH		256

static void *ring[BATCH];

/* One size, or after xmalloc (Lever and Boreham, 2000) sizes of 8 to 512 bytes. */
static __always_inline size_t stream_size(bool one, u32 *seed)
{
	return one ? block_size() : 8 + bench_random(seed, 505);
}

/* A producer here, a consumer there. */
static __always_inline void produce(const struct point *at, enum allocator who, bool one,
				    long (*consumer)(void *at))
{
	unsigned int i, n, batch = at->arg;
	/* The same numbers for each. */
	static u32 seeds[NR_ALLOCATORS];

	for (n = 0; n < point_pairs(at); n += batch) {
		for (i = 0; i < batch; i++)
			WRITE_ONCE(ring[i], take(who, stream_size(one, &seeds[who]),
						 bench_cache));
		work_on_cpu(bench_other, consumer, (void *)at);
	}
}

static __always_inline void consume(const struct point *at, enum allocator who)
{
	unsigned int i;

	for (i = 0; i < at->arg; i++)
		give(who, READ_ONCE(ring[i]), 0, bench_cache);
}

/*
 * Threads that free what they have allocated themselves: threadtest (Berger and
 * others, "Hoard", 2000), the CPUs in turn.
 */
static __always_inline void thread_turn(void *unused, enum allocator who)
{
	static void *p[BATCH];
	unsigned int i;

	for (i = 0; i < BATCH; i++)
		WRITE_ONCE(p[i], take(who, block_size(), bench_cache));
	for (i = 0; i < BATCH; i++)
		give(who, READ_ONCE(p[i]), 0, bench_cache);
}

/*
 * Larson's: any of many blocks is replaced by one of another size, 10 to 500 bytes;
 * then the other CPU goes on with the same blocks (Larson and Krishnan, "Memory
 * Allocation for Long-Running Server Applications", ISMM 1998).
 */
#define SLOTS		1000

static __always_inline void larson_turn(void **slots, enum allocator who)
{
	/* As in produce(). */
	static u32 seeds[NR_ALLOCATORS];
	u32 *seed = &seeds[who];
	unsigned int i, k;
	size_t size;

	for (i = 0; i < BATCH; i++) {
		k = bench_random(seed, SLOTS);
		size = 10 + (*seed >> 7) % 491;
		give(who, READ_ONCE(slots[k]), 0, NULL);
		WRITE_ONCE(slots[k], take(who, size, NULL));
	}
}

static __always_inline void larson_end(void **slots, enum allocator who)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		give(who, slots[i], 0, NULL);
}

/* Here and there in turn. */
static void turns(const struct point *at, long (*turn)(void *arg), void *arg)
{
	unsigned int n;

	for (n = 0; n < point_pairs(at); n += 2 * BATCH) {
		turn(arg);
		work_on_cpu(bench_other, turn, arg);
	}
}

/* What another CPU is given to do. */
#define DEFINE_THERE(what, who, suffix)					\
static long what##_##suffix(void *arg)					\
{									\
	what(arg, who);							\
	return 0;							\
}

#define DEFINE_PRODUCER(name, who, one, suffix)				\
static void name##_##suffix(const struct point *at)			\
{									\
	produce(at, who, one, consume_##suffix);			\
}

#define DEFINE_THREADS(suffix)						\
static void threads_##suffix(const struct point *at)			\
{									\
	turns(at, thread_turn_##suffix, NULL);				\
}

#define DEFINE_LARSON(who, suffix)					\
static void larson_##suffix(const struct point *at)			\
{									\
	static void *slots[SLOTS];					\
									\
	if (at)								\
		turns(at, larson_turn_##suffix, slots);			\
	else								\
		larson_end(slots, who);					\
}

DEFINE_THERE(consume, NOTHING, nothing)
DEFINE_THERE(consume, HOARDK, hoardk)
DEFINE_THERE(consume, KMALLOC, kmalloc)
DEFINE_THERE(consume, KMEM_CACHE, kmem_cache)
DEFINE_THERE(consume, MEMPOOL, mempool)
DEFINE_PRODUCER(stream, NOTHING, true, nothing)
DEFINE_PRODUCER(stream, HOARDK, true, hoardk)
DEFINE_PRODUCER(stream, KMALLOC, true, kmalloc)
DEFINE_PRODUCER(stream, KMEM_CACHE, true, kmem_cache)
DEFINE_PRODUCER(stream, MEMPOOL, true, mempool)
/* Sizes that vary: no cache of its own does that. */
DEFINE_PRODUCER(xmalloc, NOTHING, false, nothing)
DEFINE_PRODUCER(xmalloc, HOARDK, false, hoardk)
DEFINE_PRODUCER(xmalloc, KMALLOC, false, kmalloc)
DEFINE_THERE(thread_turn, NOTHING, nothing)
DEFINE_THERE(thread_turn, HOARDK, hoardk)
DEFINE_THERE(thread_turn, KMALLOC, kmalloc)
DEFINE_THERE(thread_turn, KMEM_CACHE, kmem_cache)
DEFINE_THERE(thread_turn, MEMPOOL, mempool)
DEFINE_THREADS(nothing)
DEFINE_THREADS(hoardk)
DEFINE_THREADS(kmalloc)
DEFINE_THREADS(kmem_cache)
DEFINE_THREADS(mempool)
DEFINE_THERE(larson_turn, NOTHING, nothing)
DEFINE_THERE(larson_turn, HOARDK, hoardk)
DEFINE_THERE(larson_turn, KMALLOC, kmalloc)
DEFINE_LARSON(NOTHING, nothing)
DEFINE_LARSON(HOARDK, hoardk)
DEFINE_LARSON(KMALLOC, kmalloc)

static const struct point batches[] = {
	{ BATCH }, { 16, 1600 }, { 1, 64 }, { }
};

static const struct point xmalloc_batch[] = { { 128 }, { } };

#define STREAM(allocator, f) \
	{ .work = "stream from CPU to CPU", .name = allocator, .run = f, \
	  .points = batches }
#define XMALLOC(allocator, f) \
	{ .work = "xmalloc from CPU to CPU", .name = allocator, .run = f, \
	  .points = xmalloc_batch }

struct work stream_works[] = {
	STREAM("nothing", stream_nothing),
	STREAM("hoardk", stream_hoardk),
	STREAM("kmalloc", stream_kmalloc),
	STREAM("kmem_cache", stream_kmem_cache),
	STREAM("mempool", stream_mempool),
	XMALLOC("nothing", xmalloc_nothing),
	XMALLOC("hoardk", xmalloc_hoardk),
	XMALLOC("kmalloc", xmalloc_kmalloc),
	{ "threadtest on two CPUs", "nothing", threads_nothing },
	{ "threadtest on two CPUs", "hoardk", threads_hoardk },
	{ "threadtest on two CPUs", "kmalloc", threads_kmalloc },
	{ "threadtest on two CPUs", "kmem_cache", threads_kmem_cache },
	{ "threadtest on two CPUs", "mempool", threads_mempool },
	{ "larson on two CPUs", "nothing", larson_nothing },
	{ "larson on two CPUs", "hoardk", larson_hoardk, true },
	{ "larson on two CPUs", "kmalloc", larson_kmalloc, true },
	{ }
};
