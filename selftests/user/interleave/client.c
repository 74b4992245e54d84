// SPDX-License-Identifier: GPL-2.0
/*
 * What the tasks of scenarios do: see scenario.h.
 */
#include "hoardk/heap.h"
#include "scenario.h"

/**
 * struct block - what a client has
 * @p: where; stays when it is given back
 * @size: bytes that can be used
 * @live: it has it
 */
struct block {
	u64 *p;
	size_t size;
	bool live;
};

static struct block blocks[MAX_BLOCKS];

/* In a setup: go to a CPU. */
void on_cpu(unsigned int cpu)
{
	this_cpu = &cpus[cpu];
	this_cpu->online = true;
}

/* In a setup: a CPU gets a local heap that holds nothing. */
void attach(unsigned int cpu)
{
	on_cpu(cpu);
	heap_attach(&general_heap, GFP_KERNEL);
	on_cpu(0);
}

static u64 stamp_of(const struct block *b)
{
	return 0x5ca1ab1e00000000UL | (b - blocks);
}

static bool overlap(const struct block *a, const struct block *b)
{
	return (char *)a->p < (char *)b->p + b->size &&
	       (char *)b->p < (char *)a->p + a->size;
}

static void check_alone(const struct block *b)
{
	const struct block *o;

	for (o = blocks; o < blocks + MAX_BLOCKS; o++)
		if (o != b && o->live && overlap(o, b))
			fail("blocks %td and %td overlap", o - blocks,
			     b - blocks);
}

static void stamp_write(const struct block *b)
{
	b->p[0] = stamp_of(b);
	b->p[b->size / 8 - 1] = stamp_of(b);
}

static void stamp_check(const struct block *b)
{
	if (!memory_is_taken(b->p))
		fail("block %td is no longer there", b - blocks);
	if (b->p[0] != stamp_of(b) || b->p[b->size / 8 - 1] != stamp_of(b))
		fail("block %td has been written to", b - blocks);
}

void take_from(struct hoardk_heap *heap, unsigned int n, size_t size)
{
	struct block *b = &blocks[n];
	gfp_t gfp = preempt_count() ? GFP_NOWAIT : GFP_KERNEL;

	if (b->live)
		stub_bug("block %u is taken twice", n);
	b->p = hoardk_heap_alloc(heap, size, gfp);
	if (!b->p) {
		if (in_nmi())
			return;
		fail("no memory for block %u", n);
	}
	b->size = hoardk_size_roundup(size);
	check_alone(b);
	b->live = true;
	stamp_write(b);
}

void take(unsigned int n, size_t size)
{
	take_from(&general_heap, n, size);
}

void give(unsigned int n)
{
	struct block *b = &blocks[n];

	if (!b->live)
		return;
	stamp_check(b);
	b->live = false;
	hoardk_free(b->p);
}

/* The same, when somebody may do so at the same time. */
void give_unseen(unsigned int n)
{
	blocks[n].live = false;
	hoardk_free(blocks[n].p);
}

/* Somebody else has freed it. */
void forget(unsigned int n)
{
	blocks[n].live = false;
}

void *block_of(unsigned int n)
{
	return blocks[n].p;
}

void blocks_check(void)
{
	struct block *b;

	for (b = blocks; b < blocks + MAX_BLOCKS; b++)
		if (b->live)
			stamp_check(b);
}

void blocks_give_all(void)
{
	unsigned int n;

	for (n = 0; n < MAX_BLOCKS; n++)
		give(n);
}

/* Of all that are live, with what stands behind a block of a heap with checks. */
long blocks_bytes(void)
{
	const struct superblock *sb;
	const struct block *b;
	long sum = 0;

	for (b = blocks; b < blocks + MAX_BLOCKS; b++) {
		if (!b->live)
			continue;
		sb = superblock_of(b->p);
		sum += superblock_holds(sb, b->p) ? sb->size : b->size;
	}
	return sum;
}
