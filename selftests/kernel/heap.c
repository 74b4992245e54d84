// SPDX-License-Identifier: GPL-2.0
/*
 * Private heaps: create, allocate, free from anywhere, destroy.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/mm.h>

#include "test.h"

static struct hoardk_heap *new_heap(const char *name,
				    const struct hoardk_heap_attr *attr)
{
	struct hoardk_heap *heap = hoardk_heap_create(name, attr);

	return expect(real_block(heap)) ? heap : NULL;
}

/* Allocate @nr blocks of sizes that differ and leave them to the heap. */
static void populate(struct hoardk_heap *heap, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		size_t size = 1 + (i * 331) % (i % 50 ? 3000 : 60000);
		void *p = hoardk_heap_alloc(heap, size, GFP_KERNEL);

		test_at(i);
		if (!expect(real_block(p)))
			return;
		fill(p, hoardk_usable_size(p), i);
	}
}

/* A heap takes memory and gives all of it back, live blocks or not. */
static void check_heap(const struct hoardk_heap_attr *attr)
{
	u64 held = stat_now(STAT_HELD_BYTES);
	struct hoardk_heap *heap = new_heap("check", attr);

	if (!heap)
		return;
	expect_eq(hoardk_heap_in_use(heap), (size_t)0);
	populate(heap, 300);
	expect_ge(hoardk_heap_in_use(heap), (size_t)300);
	expect_eq(hoardk_verify(), 0u);
	expect_eq(hoardk_heap_destroy(heap), (size_t)300);
	hoardk_give_back();
	expect_eq(stat_now(STAT_HELD_BYTES), held);
}

static void defaults(void)
{
	const struct hoardk_heap_attr attr = {};

	check_heap(NULL);
	check_heap(&attr);
}

static void policies(void)
{
	struct hoardk_heap_attr attr = {};

	for (attr.policy = HOARDK_POLICY_DEFAULT;
	     attr.policy <= HOARDK_POLICY_HOARD; attr.policy++) {
		test_at(attr.policy);
		check_heap(&attr);
	}
}

static void limits(void)
{
	static const struct hoardk_heap_attr attrs[] = {
		{ .slack = 1 }, { .slack = 1024 }, { .empty_percent = 20 },
		{ .empty_percent = 90 }, { HOARDK_POLICY_HOARD, 1, 90 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(attrs); i++)
		check_heap(&attrs[i]);
}

static void bad_attributes(void)
{
	static const struct hoardk_heap_attr attrs[] = {
		{ .policy = HOARDK_POLICY_HOARD + 1 },
		{ .policy = 0x7fffffff },
		{ .slack = 1025 }, { .slack = UINT_MAX },
		{ .empty_percent = 1 }, { .empty_percent = 19 },
		{ .empty_percent = 91 }, { .empty_percent = UINT_MAX },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(attrs); i++) {
		struct hoardk_heap *heap = hoardk_heap_create("bad", &attrs[i]);

		test_at(i);
		if (!expect_eq(PTR_ERR_OR_ZERO(heap), -EINVAL) && !IS_ERR(heap))
			hoardk_heap_destroy(heap);
	}
}

static void bad_names(void)
{
	static const char *const names[] = {
		NULL, "", "a name that is one byte too long"
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct hoardk_heap *heap = hoardk_heap_create(names[i], NULL);

		test_at(i);
		if (!expect_eq(PTR_ERR_OR_ZERO(heap), -EINVAL) && !IS_ERR(heap))
			hoardk_heap_destroy(heap);
	}
}

static void longest_name(void)
{
	struct hoardk_heap *heap = new_heap("a name of one-and-thirty bytes!",
					    NULL);

	if (heap)
		expect_eq(hoardk_heap_destroy(heap), (size_t)0);
}

static void separate(void)
{
	struct hoardk_heap *one = new_heap("one", NULL);
	struct hoardk_heap *two = new_heap("two", NULL);
	size_t general = hoardk_heap_in_use(NULL);
	void *p, *q;

	if (!one || !two)
		return;
	p = hoardk_heap_alloc(one, 1000, GFP_KERNEL);
	q = hoardk_heap_alloc(two, 2000, GFP_KERNEL);
	expect_ge(hoardk_heap_in_use(one), (size_t)1000);
	expect_lt(hoardk_heap_in_use(one), (size_t)2000);
	expect_ge(hoardk_heap_in_use(two), (size_t)2000);
	expect_eq(hoardk_heap_in_use(NULL), general);
	hoardk_free(p);
	expect_eq(hoardk_heap_destroy(one), (size_t)0);
	expect_eq(hoardk_heap_destroy(two), (size_t)1);
	expect(real_block(q));
}

#define MANY_HEAPS	32

static void many(void)
{
	struct hoardk_heap *heap[MANY_HEAPS];
	unsigned int i;

	for (i = 0; i < MANY_HEAPS; i++) {
		heap[i] = new_heap("many", NULL);
		if (!heap[i])
			break;
		populate(heap[i], i);
	}
	expect_eq(hoardk_verify(), 0u);
	while (i--)
		expect_eq(hoardk_heap_destroy(heap[i]), (size_t)i);
}

struct shared {
	struct hoardk_heap *heap;
	unsigned int rows;
	void *block[8][200];
};

static void fill_row(unsigned int index, void *arg)
{
	struct shared *shared = arg;
	unsigned int i;

	for (i = 0; i < 200; i++) {
		void *p = hoardk_heap_alloc(shared->heap, 50 + i, GFP_KERNEL);

		shared->block[index][i] = p;
		if (expect(real_block(p)))
			fill(p, 50 + i, i);
	}
}

/* Every thread frees what its neighbour allocated. */
static void free_next_row(unsigned int index, void *arg)
{
	struct shared *shared = arg;
	unsigned int row = (index + 1) % shared->rows, i;

	for (i = 0; i < 200; i++) {
		void *p = shared->block[row][i];

		if (real_block(p))
			expect(intact(p, 50 + i, i));
		hoardk_free(p);
	}
}

static void from_any_cpu(void)
{
	struct shared *shared = kvzalloc(sizeof(*shared), GFP_KERNEL);

	if (!expect_not_null(shared))
		return;
	shared->rows = min(num_online_cpus(), 8u);
	shared->heap = new_heap("shared", NULL);
	if (shared->heap) {
		team(shared->rows, fill_row, shared);
		expect_eq(hoardk_verify(), 0u);
		team(shared->rows, free_next_row, shared);
		hoardk_give_back();
		expect_eq(hoardk_heap_in_use(shared->heap), (size_t)0);
		expect_eq(hoardk_heap_destroy(shared->heap), (size_t)0);
	}
	kvfree(shared);
}

/* Destroyed while frees from other CPUs still wait for their owner. */
static void destroy_undrained(void)
{
	struct shared *shared = kvzalloc(sizeof(*shared), GFP_KERNEL);
	unsigned int round;

	if (!expect_not_null(shared))
		return;
	shared->rows = min(num_online_cpus(), 8u);
	for (round = 0; round < 5; round++) {
		shared->heap = new_heap("undrained", NULL);
		if (!shared->heap)
			break;
		team(shared->rows, fill_row, shared);
		team(shared->rows, free_next_row, shared);
		expect_eq(hoardk_heap_destroy(shared->heap), (size_t)0);
	}
	kvfree(shared);
}

static const struct test_case heap_cases[] = {
	{ "defaults", defaults },
	{ "policies", policies },
	{ "limits", limits },
	{ "bad_attributes", bad_attributes },
	{ "bad_names", bad_names },
	{ "longest_name", longest_name },
	{ "separate", separate },
	{ "many", many },
	{ "from_any_cpu", from_any_cpu },
	{ "destroy_undrained", destroy_undrained },
};

TEST_SUITE(heap);
