// SPDX-License-Identifier: GPL-2.0
/*
 * The works whose memory is looked at.  Each frees all it has allocated, fails only
 * when it gets no memory, and runs on one CPU at a time, through work_on_cpu().
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/workqueue.h>

#include "memory.h"

struct block {
	void *p;
	unsigned int size;
};

/**
 * struct chain - Vyukov's: each stage, on the next CPU, frees all blocks of the one
 *	before, and makes as many of its own
 * @blocks: of a stage
 * @nr: how many
 * @least: the least size
 * @most: the largest
 * @every: operations between samples
 * @seed: of the sizes
 * @done: operations so far
 * @failed: allocations that failed
 */
struct chain {
	struct block *blocks;
	unsigned int nr;
	unsigned int least;
	unsigned int most;
	unsigned int every;
	u32 seed;
	unsigned long done;
	unsigned int failed;
};

static void chain_count(struct chain *c)
{
	if (!(++c->done % c->every)) {
		memory_sample(c->done);
		memory_settle();
	}
}

static long chain_stage(void *arg)
{
	struct chain *c = arg;
	unsigned int i;

	for (i = 0; i < c->nr; i++) {
		memory_put(c->blocks[i].p, c->blocks[i].size);
		c->blocks[i].p = NULL;
		chain_count(c);
	}
	for (i = 0; i < c->nr; i++) {
		c->blocks[i].size = c->least +
				    bench_random(&c->seed, c->most - c->least + 1);
		c->blocks[i].p = memory_get(c->blocks[i].size);
		if (!c->blocks[i].p)
			c->failed++;
		chain_count(c);
	}
	return 0;
}

/* The @n-th of the first @cpus CPUs that are online, from 0 on and round. */
static unsigned int nth_cpu(unsigned int n, unsigned int cpus)
{
	unsigned int cpu, left = n % cpus;

	for_each_online_cpu(cpu)
		if (!left--)
			return cpu;
	return cpumask_first(cpu_online_mask);
}

static int chain(struct chain *c, unsigned int stages, unsigned int cpus)
{
	unsigned int i;

	c->blocks = memory_array(c->nr, sizeof(*c->blocks));
	if (!c->blocks)
		return -ENOMEM;
	for (i = 0; i < stages; i++)
		work_on_cpu(nth_cpu(i, cpus), chain_stage, c);
	for (i = 0; i < c->nr; i++)
		memory_put(c->blocks[i].p, c->blocks[i].size);
	return c->failed ? -ENOMEM : 0;
}

/* 50,000 blocks of any size up to a page, 16 stages. */
int chain_run(unsigned int cpus)
{
	struct chain c = { .least = 16, .most = 4000, .every = 500 };

	c.nr = 50000 * memory_scale;
	return chain(&c, 16, cpus);
}

/* Small blocks of one size; each CPU has two turns. */
int turns_run(unsigned int cpus)
{
	struct chain c = { .least = 512, .most = 512, .every = 1024 };

	c.nr = 65536 * memory_scale;
	return chain(&c, 2 * cpus, cpus);
}

/* A producer and a consumer for ever: whoever never passes memory back drifts. */
#define PIPE_BLOCKS	1000
#define PIPE_ROUNDS	200
#define PIPE_SIZE	256

static void *pipe_blocks[PIPE_BLOCKS];

static long pipe_produce(void *unused)
{
	unsigned int i;
	long got = 0;

	for (i = 0; i < PIPE_BLOCKS; i++) {
		pipe_blocks[i] = memory_get(PIPE_SIZE);
		got += !!pipe_blocks[i];
	}
	return got;
}

static long pipe_consume(void *unused)
{
	unsigned int i;

	for (i = 0; i < PIPE_BLOCKS; i++)
		memory_put(pipe_blocks[i], PIPE_SIZE);
	return 0;
}

int pipe_run(unsigned int cpus)
{
	unsigned int i;
	long got = PIPE_BLOCKS;

	for (i = 0; i < PIPE_ROUNDS && got == PIPE_BLOCKS; i++) {
		got = work_on_cpu(nth_cpu(0, 2), pipe_produce, NULL);
		memory_sample(2 * i + 1);
		work_on_cpu(nth_cpu(1, 2), pipe_consume, NULL);
		memory_sample(2 * i + 2);
	}
	return got == PIPE_BLOCKS ? 0 : -ENOMEM;
}

/*
 * A load that goes: many blocks of all sizes, of which one in 64 stays, then none.
 * The axis is time, in milliseconds.
 */
#define SHRINK_BLOCKS	100000
#define SHRINK_STEP	100
#define SHRINK_STEPS	15

static void watch(ktime_t start)
{
	unsigned int i;

	for (i = 0; i < SHRINK_STEPS; i++) {
		memory_sample(ktime_ms_delta(ktime_get(), start));
		msleep(SHRINK_STEP);
	}
}

static long shrink(void *unused)
{
	struct block *b = memory_array(SHRINK_BLOCKS, sizeof(*b));
	ktime_t start = ktime_get();
	u32 seed = 1, failed = 0;
	unsigned int i;

	if (!b)
		return -ENOMEM;
	for (i = 0; i < SHRINK_BLOCKS; i++) {
		b[i].size = 16 + bench_random(&seed, 2033);
		b[i].p = memory_get(b[i].size);
		failed += !b[i].p;
		if (!(i % (SHRINK_BLOCKS / 10)))
			memory_sample(ktime_ms_delta(ktime_get(), start));
	}
	memory_sample(ktime_ms_delta(ktime_get(), start));
	for (i = 0; i < SHRINK_BLOCKS; i++)
		if (i % 64)
			memory_put(b[i].p, b[i].size);
	watch(start);
	for (i = 0; i < SHRINK_BLOCKS; i += 64)
		memory_put(b[i].p, b[i].size);
	watch(start);
	return failed ? -ENOMEM : 0;
}

int shrink_run(unsigned int cpus)
{
	return work_on_cpu(nth_cpu(0, 1), shrink, NULL);
}

/*
 * The adversary of segregated fits, after Robson ("Worst case fragmentation of
 * first fit and best fit storage allocation strategies", 1977): never more than
 * ROBSON_LIVE bytes are live, but of each size in turn one block stays in each
 * superblock, or slab.  The axis is the number of sizes.
 */
#define ROBSON_LIVE	SZ_8M
#define ROBSON_LEAST	16
#define ROBSON_MOST	4096

/* Of @n blocks keep the first of each compound page, and move these to the front. */
static unsigned int thin_out(void **p, unsigned int n, size_t size)
{
	struct page *page, *before = NULL;
	unsigned int i, kept = 0;

	for (i = 0; i < n; i++) {
		page = virt_to_head_page(p[i]);
		if (page == before) {
			memory_put(p[i], size);
			continue;
		}
		before = page;
		p[kept++] = p[i];
	}
	return kept;
}

static long robson(void *unused)
{
	size_t most = ROBSON_LIVE / ROBSON_LEAST, live = 0, size;
	bool failed = false;
	void **p = memory_array(2 * most, sizeof(*p));
	unsigned int ends[16], step = 0, n, at = 0;

	if (!p)
		return -ENOMEM;
	for (size = ROBSON_LEAST; size <= ROBSON_MOST; size *= 2, step++) {
		for (n = 0; live + (n + 1) * size <= ROBSON_LIVE; n++) {
			p[at + n] = memory_get(size);
			failed = !p[at + n];
			if (failed)
				break;
		}
		memory_sample(step + 1);
		n = thin_out(p + at, n, size);
		live += n * size;
		at += n;
		ends[step] = at;
	}
	for (n = 0, step = 0, size = ROBSON_LEAST; n < at; n++) {
		while (n == ends[step]) {
			step++;
			size *= 2;
		}
		memory_put(p[n], size);
	}
	return failed ? -ENOMEM : 0;
}

int robson_run(unsigned int cpus)
{
	return work_on_cpu(nth_cpu(0, 1), robson, NULL);
}
