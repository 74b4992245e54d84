/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What hoardk_bench is made of.  Task context, nothing at the same time.
 */
#ifndef HOARDK_BENCH_H
#define HOARDK_BENCH_H

#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/hoardk.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/types.h>

/* What one round of a work does, unless it says another number. */
#define PAIRS		6400
/* The size where there is but one. */
#define BLOCK		64

/* Of BLOCK bytes; the pool takes from the cache. */
extern struct kmem_cache *bench_cache;
extern mempool_t *bench_pool;

/* Who is measured, with a size that the compiler does not know; MEMPOOL: of BLOCK. */
enum allocator { NOTHING, HOARDK, KMALLOC, KMEM_CACHE, MEMPOOL, PAGES };
#define NR_ALLOCATORS	(PAGES + 1)

static __always_inline void *take(enum allocator who, size_t size,
				  struct kmem_cache *cache)
{
	switch (who) {
	case NOTHING:
		return NULL;
	case HOARDK:
		return hoardk_alloc(size, GFP_KERNEL);
	case KMALLOC:
		return kmalloc(size, GFP_KERNEL);
	case KMEM_CACHE:
		return kmem_cache_alloc(cache, GFP_KERNEL);
	case MEMPOOL:
		return mempool_alloc(bench_pool, GFP_KERNEL);
	case PAGES:
		return (void *)__get_free_pages(GFP_KERNEL, get_order(size));
	}
	return NULL;
}

static __always_inline void give(enum allocator who, void *p, size_t size,
				 struct kmem_cache *cache)
{
	switch (who) {
	case NOTHING:
		break;
	case HOARDK:
		hoardk_free(p);
		break;
	case KMALLOC:
		kfree(p);
		break;
	case KMEM_CACHE:
		kmem_cache_free(cache, p);
		break;
	case MEMPOOL:
		mempool_free(p, bench_pool);
		break;
	case PAGES:
		free_pages((unsigned long)p, get_order(size));
		break;
	}
}

/* BLOCK, and the compiler does not know it. */
static inline size_t block_size(void)
{
	size_t size = BLOCK;

	OPTIMIZER_HIDE_VAR(size);
	return size;
}

/* Any number from 0 to below @n. */
static __always_inline u32 bench_random(u32 *seed, u32 n)
{
	*seed = *seed * 1664525 + 1013904223;
	return ((u64)*seed * n) >> 32;
}

/**
 * struct point - how a work is done
 * @arg: bytes or blocks, as the work has it; part of what is done
 * @pairs: in one round; or 0, for PAIRS
 */
struct point {
	unsigned int arg;
	unsigned int pairs;
};

static inline unsigned int point_pairs(const struct point *p)
{
	return p->pairs ?: PAIRS;
}

#define MAX_POINTS	16

/**
 * struct work - a figure, or one for each of some points; the tables end with an
 *	empty one
 * @work: what is done, the same for all allocators that do it
 * @name: the allocator; of another's figure that of "nothing", of the same work, is
 *	taken away
 * @run: does the pairs of a point
 * @keeps: in the end it is run with NULL, and frees what is left
 * @points: ended by an empty one; or NULL, for a single one
 * @prepare: what is done before each run of a point and not measured; or NULL
 * @least: of the best round; in what, see clock_show()
 */
struct work {
	const char *work;
	const char *name;
	void (*run)(const struct point *p);
	bool keeps;
	const struct point *points;
	void (*prepare)(const struct point *p);
	u64 least[MAX_POINTS];
};

/* What a work runs: @what with an allocator that the compiler knows. */
#define DEFINE_RUN(what, who, suffix)					\
static noinline void what##_##suffix(const struct point *at)		\
{									\
	what(at, who);							\
}

/* bench.c */
extern unsigned int bench_other;	/* another CPU than that of the bench */
extern bool bench_failed;		/* one got no memory: no figure counts */

void bench_sort(unsigned long *words, size_t n);

/* pair.c */
extern struct work pair_works[];
int pair_open(void);
void pair_close(void);

/* size.c */
extern struct work size_works[];
int size_open(void);
void size_close(void);

/* mix.c */
extern struct work mix_works[];
void mix_open(void);

/* stream.c */
extern struct work stream_works[];

/* cold.c */
extern struct work cold_works[];
extern struct work drain_works[];
int cold_open(void);
void cold_close(void);

/* layout.c */
struct seq_file;
void layout_run(void);
int layout_show(struct seq_file *m, void *v);

/* reuse.c */
void reuse_run(void);
int reuse_show(struct seq_file *m, void *v);

/* memory.c */
extern unsigned int memory_scale;
extern bool memory_wait;
int memory_run(const char *what, unsigned int cpus);
int memory_show(struct seq_file *m, void *v);
void memory_close(void);

#endif /* HOARDK_BENCH_H */
