/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What hoardk_bench is made of.  Task context, nothing at the same time.
 */
#ifndef HOARDK_BENCH_H
#define HOARDK_BENCH_H

#include <linux/compiler.h>
#include <linux/hoardk.h>
#include <linux/slab.h>
#include <linux/types.h>

/* What one round of a work does, and the size where there is but one. */
#define PAIRS		6400
#define BLOCK		64

/* BLOCK, and the compiler does not know it. */
static inline size_t block_size(void)
{
	size_t size = BLOCK;

	OPTIMIZER_HIDE_VAR(size);
	return size;
}

/**
 * struct work - one figure; the tables end with an empty one
 * @work: what is done, the same for all allocators that do it
 * @name: the allocator; of another's figure that of "nothing", of the same work, is
 *	taken away
 * @run: does PAIRS pairs
 * @close: frees what is left of it; or NULL
 * @least: nanoseconds of the best round
 */
struct work {
	const char *work;
	const char *name;
	void (*run)(void);
	void (*close)(void);
	u64 least;
};

/* bench.c */
extern struct kmem_cache *bench_cache;
extern unsigned int bench_other;	/* another CPU than that of the bench */

/* pair.c */
extern struct work pair_works[];
int pair_open(void);
void pair_close(void);

/* stream.c */
extern struct work stream_works[];

#endif /* HOARDK_BENCH_H */
