// SPDX-License-Identifier: GPL-2.0
/*
 * On one CPU: pairs and bursts by size, bulk by number.  The loop is measured with
 * nothing allocated and taken away.
 */
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/minmax.h>

#include "bench.h"

#define BURST		64
#define BULK_MAX	250

/* From 8 bytes to 16 KiB. */
static const char *const cache_names[] = {
	"bench-8", "bench-16", "bench-32", "bench-64", "bench-128",
	"bench-256", "bench-512", "bench-1k", "bench-2k", "bench-4k",
	"bench-8k", "bench-16k",
};

static struct kmem_cache *caches[ARRAY_SIZE(cache_names)];

/* That of blocks of @size, a power of two; or NULL. */
static struct kmem_cache *cache_of(size_t size)
{
	unsigned int i = ilog2(size) - 3;

	return i < ARRAY_SIZE(caches) ? caches[i] : NULL;
}

static __always_inline void pairs(const struct point *at, enum allocator who)
{
	struct kmem_cache *cache = cache_of(at->arg);
	unsigned int i, n = point_pairs(at);
	size_t size = at->arg;

	for (i = 0; i < n; i++)
		give(who, take(who, size, cache), size, cache);
}

static __always_inline void bursts(const struct point *at, enum allocator who)
{
	struct kmem_cache *cache = cache_of(at->arg);
	unsigned int i, j, n = point_pairs(at) / BURST;
	size_t size = at->arg;
	void *p[BURST];

	for (i = 0; i < n; i++) {
		for (j = 0; j < BURST; j++)
			WRITE_ONCE(p[j], take(who, size, cache));
		for (j = 0; j < BURST; j++)
			give(who, READ_ONCE(p[j]), size, cache);
	}
}

static __always_inline void bulks(const struct point *at, enum allocator who)
{
	unsigned int i, n = at->arg, rounds = point_pairs(at) / n;
	static void *p[BULK_MAX];

	for (i = 0; i < rounds; i++) {
		if (who == HOARDK) {
			if (hoardk_alloc_bulk(BLOCK, GFP_KERNEL, n, p) != n)
				break;
			hoardk_free_bulk(n, p);
		} else {
			/* All or nothing; how many, and in later kernels true. */
			if (!kmem_cache_alloc_bulk(bench_cache, GFP_KERNEL, n,
						   p))
				break;
			kmem_cache_free_bulk(bench_cache, n, p);
		}
	}
	if (i < rounds)
		bench_failed = true;
}

DEFINE_RUN(pairs, NOTHING, nothing)
DEFINE_RUN(pairs, HOARDK, hoardk)
DEFINE_RUN(pairs, KMALLOC, kmalloc)
DEFINE_RUN(pairs, KMEM_CACHE, kmem_cache)
DEFINE_RUN(pairs, PAGES, pages)
DEFINE_RUN(bursts, NOTHING, nothing)
DEFINE_RUN(bursts, HOARDK, hoardk)
DEFINE_RUN(bursts, KMALLOC, kmalloc)
DEFINE_RUN(bursts, KMEM_CACHE, kmem_cache)
DEFINE_RUN(bursts, PAGES, pages)
DEFINE_RUN(bulks, HOARDK, hoardk)
DEFINE_RUN(bulks, KMEM_CACHE, kmem_cache)

/* A page takes long to get: fewer, so that most rounds are without a timer. */
#define FEW		640

static const struct point all_sizes[] = {
	{ 8 }, { 16 }, { 32 }, { 64 }, { 128 }, { 256 }, { 512 }, { 1024 },
	{ 2048 }, { 4096, FEW }, { 8192, FEW }, { 16384, FEW }, { 32768, FEW },
	{ 65536, FEW }, { 262144, FEW }, { }
};

/* Those of the caches. */
static const struct point small_sizes[] = {
	{ 8 }, { 16 }, { 32 }, { 64 }, { 128 }, { 256 }, { 512 }, { 1024 },
	{ 2048 }, { 4096, FEW }, { 8192, FEW }, { 16384, FEW }, { }
};

static const struct point page_sizes[] = {
	{ 4096, FEW }, { 8192, FEW }, { 16384, FEW }, { 32768, FEW },
	{ 65536, FEW }, { 262144, FEW }, { }
};

static const struct point numbers[] = {
	{ 1 }, { 4 }, { 16 }, { 64 }, { 128 }, { BULK_MAX, 6250 }, { }
};

#define BY_SIZE(allocator, f, p) \
	{ .work = "pair by size", .name = allocator, .run = f, .points = p }
#define BURST_BY_SIZE(allocator, f, p) \
	{ .work = "burst of 64 by size", .name = allocator, .run = f, .points = p }
#define BY_NUMBER(allocator, f) \
	{ .work = "bulk by number", .name = allocator, .run = f, .points = numbers }

struct work size_works[] = {
	BY_SIZE("nothing", pairs_nothing, all_sizes),
	BY_SIZE("hoardk", pairs_hoardk, all_sizes),
	BY_SIZE("kmalloc", pairs_kmalloc, all_sizes),
	BY_SIZE("kmem_cache", pairs_kmem_cache, small_sizes),
	BY_SIZE("pages", pairs_pages, page_sizes),
	BURST_BY_SIZE("nothing", bursts_nothing, all_sizes),
	BURST_BY_SIZE("hoardk", bursts_hoardk, all_sizes),
	BURST_BY_SIZE("kmalloc", bursts_kmalloc, all_sizes),
	BURST_BY_SIZE("kmem_cache", bursts_kmem_cache, small_sizes),
	BURST_BY_SIZE("pages", bursts_pages, page_sizes),
	BY_NUMBER("hoardk", bulks_hoardk),
	BY_NUMBER("kmem_cache", bulks_kmem_cache),
	{ }
};

int size_open(void)
{
	unsigned int i;

	BUILD_BUG_ON(ARRAY_SIZE(all_sizes) > MAX_POINTS + 1);
	for (i = 0; i < ARRAY_SIZE(caches); i++) {
		caches[i] = kmem_cache_create(cache_names[i], 8U << i, 0, 0,
					      NULL);
		if (!caches[i])
			return -ENOMEM;
	}
	return 0;
}

void size_close(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(caches); i++) {
		kmem_cache_destroy(caches[i]);
		caches[i] = NULL;
	}
}
