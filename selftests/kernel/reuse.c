// SPDX-License-Identifier: GPL-2.0
/*
 * A block freed on another CPU waits there for a while.  Freed again meanwhile,
 * it leaves its superblock empty, and that is soon one of another class: what
 * waits must then neither free nor hand out anything of the new blocks.
 *
 * Each round is the same sequence of steps, one at a time, on the CPUs given.
 * Private heaps, so that nobody else takes the empty superblock.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/mm.h>

#include "test.h"

#define SMALL		64
#define NR_SMALL	1600
#define NR_NEW		24
#define NR_LATE		40

/* Of so many neighbours two lie in one word, and have an outbox passed on. */
#define NR_PUSH		3

/* The first and the last of @small lie in other superblocks than the victim. */
struct round {
	struct hoardk_heap *heap;
	unsigned long superblock;
	unsigned long superblock_bytes;
	size_t new_size;
	bool stays;
	void *victim;
	void *small[NR_SMALL];
	void *new[NR_NEW + NR_LATE];
	void *late[NR_LATE];
};

static bool inside(const struct round *r, const void *p)
{
	return (unsigned long)p - r->superblock < r->superblock_bytes;
}

static void *get(struct round *r, size_t size, u32 key)
{
	void *p = hoardk_heap_alloc(r->heap, size, GFP_KERNEL);

	test_at(key);
	if (!expect(real_block(p)) ||
	    !expect_ge(hoardk_usable_size(p), size))
		return NULL;
	fill(p, size, key);
	return p;
}

/* The victim is the first or the last block of a superblock in the middle. */
static void choose_victim(struct round *r, bool last)
{
	unsigned long middle = (unsigned long)r->small[NR_SMALL / 2];
	unsigned int i;

	r->superblock = middle & ~(r->superblock_bytes - 1);
	for (i = 0; i < NR_SMALL; i++) {
		void *p = r->small[i];

		if (inside(r, p) &&
		    (!r->victim || (last ? p > r->victim : p < r->victim)))
			r->victim = p;
	}
	expect(!inside(r, r->small[0]));
	expect(!inside(r, r->small[NR_SMALL - 1]));
}

static void get_small(void *arg)
{
	struct round *r = arg;
	unsigned int i;

	for (i = 0; i < NR_SMALL; i++)
		r->small[i] = get(r, SMALL, i);
}

/* Free blocks of another superblock than the victim's, from @first on. */
static void push(struct round *r, unsigned int first)
{
	unsigned int i;

	for (i = first; i < first + NR_PUSH; i++) {
		hoardk_free(r->small[i]);
		r->small[i] = NULL;
	}
}

/* Give this CPU a local heap, without which no free waits. */
static void attach(void *arg)
{
	struct round *r = arg;

	hoardk_free(get(r, 16, 0));
}

/* Empty the victim's superblock but for the victim, on its owner's CPU. */
static void free_others(void *arg)
{
	struct round *r = arg;
	unsigned int i;

	for (i = 0; i < NR_SMALL; i++) {
		if (!inside(r, r->small[i]))
			continue;
		if (r->small[i] != r->victim)
			hoardk_free(r->small[i]);
		r->small[i] = NULL;
	}
}

static void get_new(void *arg)
{
	struct round *r = arg;
	unsigned int i, reused = 0;

	for (i = 0; i < NR_NEW; i++) {
		r->new[i] = get(r, r->new_size, NR_SMALL + i);
		reused += inside(r, r->new[i]);
	}
	/* Otherwise the round shows nothing; a loose block keeps its superblock. */
	if (!r->stays)
		expect_ge(reused, 1u);
}

/* Where the first free waits: allocate, then pass on what still waits. */
static void get_late(void *arg)
{
	struct round *r = arg;
	unsigned int i;

	for (i = 0; i < NR_LATE; i++)
		r->late[i] = get(r, SMALL, 2 * NR_SMALL + i);
	push(r, 0);
}

/* The owner takes in what was passed on, and goes on allocating. */
static void get_more(void *arg)
{
	struct round *r = arg;
	unsigned int i;

	for (i = NR_NEW; i < NR_NEW + NR_LATE; i++)
		r->new[i] = get(r, r->new_size, NR_SMALL + i);
}

/* Second free on a third CPU, which another superblock's blocks push on. */
static void free_and_pass_on(void *arg)
{
	struct round *r = arg;

	hoardk_free(r->victim);
	push(r, NR_SMALL - NR_PUSH);
}

static unsigned int add(struct extent *extents, unsigned int nr, void **p,
			unsigned int count, size_t size, u32 key)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (!p[i])
			continue;
		test_at(key + i);
		expect(intact(p[i], size, key + i));
		expect_ge(hoardk_usable_size(p[i]), size);
		extents[nr].start = (unsigned long)p[i];
		extents[nr++].end = (unsigned long)p[i] + size;
	}
	return nr;
}

/* Every live block is whole, valid, and apart from all others. */
static void check_live(struct round *r)
{
	struct extent *extents;
	unsigned int nr = 0;

	extents = kvcalloc(NR_SMALL + NR_NEW + 2 * NR_LATE, sizeof(*extents),
			   GFP_KERNEL);
	if (!expect_not_null(extents))
		return;
	nr = add(extents, nr, r->small, NR_SMALL, SMALL, 0);
	nr = add(extents, nr, r->new, NR_NEW + NR_LATE, r->new_size, NR_SMALL);
	nr = add(extents, nr, r->late, NR_LATE, SMALL, 2 * NR_SMALL);
	expect(disjoint(extents, nr));
	kvfree(extents);
}

static void steps(struct round *r, bool last, unsigned int second)
{
	struct stats before, after;

	on_cpu(cpu_at(0), get_small, r);
	choose_victim(r, last);
	on_cpu(cpu_at(1), attach, r);
	on_cpu(cpu_at(2), attach, r);
	stats_read(&before);
	free_on_cpu(cpu_at(1), r->victim);
	if (second)
		on_cpu(cpu_at(second), free_and_pass_on, r);
	else
		free_on_cpu(cpu_at(0), r->victim);
	on_cpu(cpu_at(0), free_others, r);
	on_cpu(cpu_at(0), get_new, r);
	on_cpu(cpu_at(1), get_late, r);
	on_cpu(cpu_at(0), get_more, r);
	check_live(r);
	hoardk_give_back();
	check_live(r);
	stats_read(&after);
	expect_eq(after.value[STAT_DOUBLE_FREES] -
		  before.value[STAT_DOUBLE_FREES], 1ull);
	expect_eq(after.value[STAT_INVALID_FREES],
		  before.value[STAT_INVALID_FREES]);
	expect_eq(hoardk_verify(), 0u);
}

static void one_round(enum hoardk_policy policy, size_t new_size, bool last,
		      unsigned int second)
{
	const struct hoardk_heap_attr attr = { .policy = policy };
	struct round *r = kvzalloc(sizeof(*r), GFP_KERNEL);

	if (!expect_not_null(r))
		return;
	r->new_size = new_size;
	r->stays = policy == HOARDK_POLICY_LOCAL;
	r->superblock_bytes = stat_now(STAT_SUPERBLOCK_BYTES);
	r->heap = hoardk_heap_create("reuse", &attr);
	if (expect(real_block(r->heap))) {
		steps(r, last, second);
		hoardk_free_bulk(NR_SMALL, r->small);
		hoardk_free_bulk(NR_NEW + NR_LATE, r->new);
		hoardk_free_bulk(NR_LATE, r->late);
		hoardk_give_back();
		expect_eq(hoardk_heap_in_use(r->heap), (size_t)0);
		expect_eq(hoardk_heap_destroy(r->heap), (size_t)0);
	}
	kvfree(r);
}

/*
 * A new class of three blocks has its bits where the victim's word is not; in
 * one of more blocks the victim's bit stands for another block.
 */
static void rounds(enum hoardk_policy policy, unsigned int second)
{
	static const size_t new_sizes[] = { 200, 8000, 10000 };
	unsigned int i;

	if (num_online_cpus() < second + 1 || num_online_cpus() < 2) {
		test_skip("needs three CPUs; boot with --cpus 4");
		return;
	}
	for (i = 0; i < ARRAY_SIZE(new_sizes); i++) {
		one_round(policy, new_sizes[i], false, second);
		one_round(policy, new_sizes[i], true, second);
	}
}

static void hoard_by_owner(void)
{
	rounds(HOARDK_POLICY_HOARD, 0);
}

static void hoard_by_third(void)
{
	rounds(HOARDK_POLICY_HOARD, 2);
}

static void ownership_by_owner(void)
{
	rounds(HOARDK_POLICY_OWNERSHIP, 0);
}

static void ownership_by_third(void)
{
	rounds(HOARDK_POLICY_OWNERSHIP, 2);
}

/* Here the block waits to be handed out on the CPU that freed it. */
static void local_by_owner(void)
{
	rounds(HOARDK_POLICY_LOCAL, 0);
}

static const struct test_case reuse_cases[] = {
	{ "hoard_by_owner", hoard_by_owner },
	{ "hoard_by_third", hoard_by_third },
	{ "ownership_by_owner", ownership_by_owner },
	{ "ownership_by_third", ownership_by_third },
	{ "local_by_owner", local_by_owner },
};

TEST_SUITE(reuse);
