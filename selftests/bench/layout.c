// SPDX-License-Identifier: GPL-2.0
/*
 * Where blocks of two CPUs lie: how many cache lines have some of both.  After
 * cache-thrash and cache-scratch (Berger and others, "Hoard: A Scalable Memory
 * Allocator for Multithreaded Applications", ASPLOS 2000), which take the time
 * that such lines cost; how many there are can be counted.
 */
#include <linux/cache.h>
#include <linux/kernel.h>
#include <linux/seq_file.h>
#include <linux/workqueue.h>

#include "bench.h"

#define SMALL		8
#define BLOCKS		1024	/* of each CPU */
#define TURN		4	/* so many at a time */

struct layout {
	enum allocator who;
	void *p[2][BLOCKS];
	unsigned int from;	/* of the CPU that has its turn */
	unsigned int mine;	/* its row of @p */
};

static struct layout l;

/* Of each allocator, of each pattern: lines with blocks of both, and all. */
static unsigned long lines[2][2][2];

/* A CPU takes its next few blocks. */
static long take_turn(void *unused)
{
	unsigned int i;

	for (i = l.from; i < l.from + TURN; i++)
		l.p[l.mine][i] = take(l.who, SMALL, NULL);
	return 0;
}

/* A CPU frees blocks that another has allocated for it, and takes new ones. */
static long renew_turn(void *unused)
{
	unsigned int i;

	for (i = l.from; i < l.from + TURN; i++) {
		give(l.who, l.p[l.mine][i], SMALL, NULL);
		l.p[l.mine][i] = take(l.who, SMALL, NULL);
	}
	return 0;
}

static void here_and_there(long (*turn)(void *unused))
{
	for (l.from = 0; l.from < BLOCKS; l.from += TURN) {
		l.mine = 0;
		turn(NULL);
		l.mine = 1;
		work_on_cpu(bench_other, turn, NULL);
	}
}

static unsigned long line_of(unsigned long block)
{
	return (block & ~1UL) / SMP_CACHE_BYTES;
}

/* Lines that have blocks of both, and how many have any. */
static void count_lines(unsigned long *shared, unsigned long *all)
{
	static unsigned long blocks[2 * BLOCKS];
	unsigned int i, seen = 0;

	/* Blocks are even; the last bit says whose it is. */
	for (i = 0; i < BLOCKS; i++) {
		blocks[2 * i] = (unsigned long)l.p[0][i];
		blocks[2 * i + 1] = (unsigned long)l.p[1][i] | 1;
	}
	bench_sort(blocks, ARRAY_SIZE(blocks));
	*shared = 0;
	*all = 0;
	for (i = 0; i < ARRAY_SIZE(blocks); i++) {
		seen |= 1 << (blocks[i] & 1);
		if (i + 1 < ARRAY_SIZE(blocks) &&
		    line_of(blocks[i]) == line_of(blocks[i + 1]))
			continue;
		*shared += seen == 3;
		++*all;
		seen = 0;
	}
}

static void put_all(void)
{
	unsigned int i;

	for (i = 0; i < BLOCKS; i++) {
		give(l.who, l.p[0][i], SMALL, NULL);
		give(l.who, l.p[1][i], SMALL, NULL);
	}
}

static void run_who(enum allocator who, unsigned long (*count)[2])
{
	unsigned int i;

	l.who = who;
	/* Each CPU allocates for itself. */
	here_and_there(take_turn);
	count_lines(&count[0][0], &count[0][1]);
	put_all();
	/* One allocates for both, in turn; then each goes on by itself. */
	for (i = 0; i < BLOCKS; i++) {
		l.p[0][i] = take(l.who, SMALL, NULL);
		l.p[1][i] = take(l.who, SMALL, NULL);
	}
	here_and_there(renew_turn);
	count_lines(&count[1][0], &count[1][1]);
	put_all();
}

void layout_run(void)
{
	run_who(HOARDK, lines[0]);
	run_who(KMALLOC, lines[1]);
}

/* A line `pattern allocator shared all` each. */
int layout_show(struct seq_file *m, void *v)
{
	static const char *const names[] = { "hoardk", "kmalloc" };
	static const char *const works[] = { "cache-thrash", "cache-scratch" };
	int i, k;

	/* There are some, once it has run. */
	for (k = 0; k < 2; k++)
		for (i = 0; i < 2 && lines[i][k][1]; i++)
			seq_printf(m, "%s\t%s\t%lu\t%lu\n", works[k], names[i],
				   lines[i][k][0], lines[i][k][1]);
	return 0;
}
