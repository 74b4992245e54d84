// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks freed twice: here and there, one after the other and at once, under
 * each policy.  Exactly one of two frees is right; the other is counted as a
 * double free, at the latest when the owner drains.
 *
 * Every block has live neighbours, so that its superblock stays: a second
 * free that finds the superblock gone would be an invalid one.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/mm.h>

#include "test.h"

#define NEIGHBOURS	4

struct victim {
	struct hoardk_heap *heap;
	size_t size;
	void *p;
	void *neighbour[NEIGHBOURS];
};

static void *get(struct victim *v)
{
	void *p = hoardk_heap_alloc(v->heap, v->size, GFP_KERNEL);

	expect(real_block(p));
	return p;
}

/* On the CPU that is to own the superblock. */
static void victim_make(void *arg)
{
	struct victim *v = arg;
	unsigned int i;

	for (i = 0; i < NEIGHBOURS; i++) {
		if (i == NEIGHBOURS / 2)
			v->p = get(v);
		v->neighbour[i] = get(v);
		if (real_block(v->neighbour[i]))
			fill(v->neighbour[i], v->size, i);
	}
}

static void victim_drop(struct victim *v)
{
	unsigned int i;

	for (i = 0; i < NEIGHBOURS; i++) {
		if (real_block(v->neighbour[i]))
			expect(intact(v->neighbour[i], v->size, i));
		hoardk_free(v->neighbour[i]);
	}
}

/* @counted double frees, no invalid ones, since @before. */
static void expect_doubles(const struct stats *before, u64 counted)
{
	struct stats after;

	hoardk_give_back();
	stats_read(&after);
	expect_eq(after.value[STAT_DOUBLE_FREES] -
		  before->value[STAT_DOUBLE_FREES], counted);
	expect_eq(after.value[STAT_INVALID_FREES],
		  before->value[STAT_INVALID_FREES]);
	expect_eq(hoardk_verify(), 0u);
}

/* Allocate on CPU 0 of ours, free on those given. */
static void free_in_order(enum hoardk_policy policy, size_t size,
			  const unsigned int *order, unsigned int nr)
{
	const struct hoardk_heap_attr attr = { .policy = policy };
	struct victim v = { .heap = hoardk_heap_create("double", &attr),
			    .size = size };
	struct stats before;
	unsigned int i;

	test_at(policy * 100000 + size);
	if (!expect(real_block(v.heap)))
		return;
	on_cpu(cpu_at(0), victim_make, &v);
	stats_read(&before);
	for (i = 0; i < nr; i++)
		free_on_cpu(cpu_at(order[i]), v.p);
	expect_doubles(&before, nr - 1);
	victim_drop(&v);
	hoardk_give_back();
	expect_eq(hoardk_heap_in_use(v.heap), (size_t)0);
	expect_eq(hoardk_heap_destroy(v.heap), (size_t)0);
}

static void every_policy(const unsigned int *order, unsigned int nr)
{
	static const size_t sizes[] = { 8, 1000 };
	enum hoardk_policy policy;
	unsigned int i;

	for (policy = HOARDK_POLICY_GLOBAL; policy <= HOARDK_POLICY_HOARD;
	     policy++)
		for (i = 0; i < ARRAY_SIZE(sizes); i++)
			free_in_order(policy, sizes[i], order, nr);
}

#define FREED_ON(name, ...)						\
static void name(void)							\
{									\
	static const unsigned int order[] = { __VA_ARGS__ };		\
									\
	every_policy(order, ARRAY_SIZE(order));				\
}

FREED_ON(local_twice, 0, 0)
FREED_ON(local_thrice, 0, 0, 0)
FREED_ON(remote_twice, 1, 1)
FREED_ON(two_remotes, 1, 2)
FREED_ON(local_then_remote, 0, 1)
FREED_ON(remote_then_local, 1, 0)
FREED_ON(everywhere, 1, 0, 2, 3, 1, 0)

/* The record of a large block goes with it: any count will do, but one. */
static void large_twice(void)
{
	static const size_t sizes[] = { SZ_32K, SZ_128K, SZ_1M, SZ_16M };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		void *p = hoardk_alloc(sizes[i], GFP_KERNEL);
		struct stats before, after;

		test_at(sizes[i]);
		if (!expect(real_block(p)))
			continue;
		hoardk_free(p);
		stats_read(&before);
		hoardk_free(p);
		hoardk_free(p + 64);
		stats_read(&after);
		expect_eq(after.value[STAT_DOUBLE_FREES] +
			  after.value[STAT_INVALID_FREES] -
			  before.value[STAT_DOUBLE_FREES] -
			  before.value[STAT_INVALID_FREES], 2ull);
	}
}

static void in_bulk(void)
{
	struct stats before;
	void *p[64];

	expect_eq(hoardk_alloc_bulk(72, GFP_KERNEL, 64, p), 64u);
	stats_read(&before);
	hoardk_free(p[33]);
	p[33] = p[32];
	hoardk_free_bulk(63, p);
	expect_doubles(&before, 1);
	hoardk_free(p[63]);
}

/*
 * Freed memory may be neither measured, nor moved, nor wiped.  A size asked
 * for is no free, so only the sum of the two counters is told.
 */
static void other_functions(void)
{
	struct victim v = { .heap = hoardk_heap_create("other", NULL),
			    .size = 96 };
	struct stats before, after;

	if (!expect(real_block(v.heap)))
		return;
	on_cpu(cpu_at(0), victim_make, &v);
	free_on_cpu(cpu_at(0), v.p);
	stats_read(&before);
	expect_eq(hoardk_usable_size(v.p), (size_t)0);
	expect_null(hoardk_realloc(v.p, 200, GFP_KERNEL));
	hoardk_free_sensitive(v.p);
	hoardk_give_back();
	stats_read(&after);
	expect_eq(after.value[STAT_DOUBLE_FREES] +
		  after.value[STAT_INVALID_FREES] -
		  before.value[STAT_DOUBLE_FREES] -
		  before.value[STAT_INVALID_FREES], 3ull);
	victim_drop(&v);
	hoardk_give_back();
	expect_eq(hoardk_heap_destroy(v.heap), (size_t)0);
}

#define RACES	360
#define BATCH	120

struct race {
	struct hoardk_heap *heap;
	void *block[BATCH];
	void *neighbour[BATCH];
	atomic_t arrived;
};

static void race_make(void *arg)
{
	struct race *race = arg;
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		race->block[i] = hoardk_heap_alloc(race->heap, 112, GFP_KERNEL);
		race->neighbour[i] = hoardk_heap_alloc(race->heap, 112,
						       GFP_KERNEL);
		expect(real_block(race->block[i]));
	}
}

/* Both meet before every block, then free it at the same time. */
static void racer(unsigned int index, void *arg)
{
	struct race *race = arg;
	int i;

	for (i = 0; i < BATCH; i++) {
		atomic_inc(&race->arrived);
		while (atomic_read(&race->arrived) < 2 * (i + 1))
			cpu_relax();
		hoardk_free(race->block[i]);
	}
}

/* The owner is one of the racers or, with @owner 2, looks on. */
static void race_for(enum hoardk_policy policy, unsigned int owner)
{
	const struct hoardk_heap_attr attr = { .policy = policy };
	struct race *race = kzalloc(sizeof(*race), GFP_KERNEL);
	struct stats before;
	unsigned int done;

	if (!expect_not_null(race))
		return;
	race->heap = hoardk_heap_create("race", &attr);
	for (done = 0; expect(real_block(race->heap)) && done < RACES;
	     done += BATCH) {
		test_at(policy * 10000 + owner * 1000 + done);
		atomic_set(&race->arrived, 0);
		on_cpu(cpu_at(owner), race_make, race);
		stats_read(&before);
		team(2, racer, race);
		expect_doubles(&before, BATCH);
		hoardk_free_bulk(BATCH, race->neighbour);
	}
	hoardk_give_back();
	if (real_block(race->heap))
		expect_eq(hoardk_heap_destroy(race->heap), (size_t)0);
	kfree(race);
}

/* More than 1,000 races for each policy. */
static void race_policy(enum hoardk_policy policy)
{
	unsigned int owner;

	if (num_online_cpus() < 2) {
		test_skip("races need two CPUs; boot with --cpus 4");
		return;
	}
	for (owner = 0; owner < 3; owner++)
		race_for(policy, owner);
}

static void race_hoard(void)
{
	race_policy(HOARDK_POLICY_HOARD);
}

static void race_ownership(void)
{
	race_policy(HOARDK_POLICY_OWNERSHIP);
}

static void race_local(void)
{
	race_policy(HOARDK_POLICY_LOCAL);
}

static void race_global(void)
{
	race_policy(HOARDK_POLICY_GLOBAL);
}

static const struct test_case doublefree_cases[] = {
	{ "local_twice", local_twice },
	{ "local_thrice", local_thrice },
	{ "remote_twice", remote_twice },
	{ "two_remotes", two_remotes },
	{ "local_then_remote", local_then_remote },
	{ "remote_then_local", remote_then_local },
	{ "everywhere", everywhere },
	{ "large_twice", large_twice },
	{ "in_bulk", in_bulk },
	{ "other_functions", other_functions },
	{ "race_hoard", race_hoard },
	{ "race_ownership", race_ownership },
	{ "race_local", race_local },
	{ "race_global", race_global },
};

TEST_SUITE(doublefree);
