// SPDX-License-Identifier: GPL-2.0
/*
 * Heaps with checks: each mistake is seen by the check that is for it, once, and
 * by no other; and the same use without the mistake is not reported.
 *
 * What the reports say is looked at by checked.sh, which runs the tests
 * named said_* one by one.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "test.h"

#define SCRIBBLE	0x5a

static struct hoardk_heap *checked_heap(unsigned int checks)
{
	const struct hoardk_heap_attr attr = { .checks = checks };
	struct hoardk_heap *heap = hoardk_heap_create("checked", &attr);

	return expect(real_block(heap)) ? heap : NULL;
}

struct counts {
	u64 overflows;
	u64 late;
	u64 doubles;
	u64 invalid;
};

static struct counts counts_now(void)
{
	struct stats s;

	stats_read(&s);
	return (struct counts) {
		s.value[STAT_OVERFLOWS], s.value[STAT_WRITES_AFTER_FREE],
		s.value[STAT_DOUBLE_FREES], s.value[STAT_INVALID_FREES],
	};
}

/* Since @before exactly so many of each. */
static void expect_counts(const struct counts *before, u64 overflows, u64 late,
			  u64 doubles)
{
	struct counts now = counts_now();

	expect_eq(now.overflows - before->overflows, overflows);
	expect_eq(now.late - before->late, late);
	expect_eq(now.doubles - before->doubles, doubles);
	expect_eq(now.invalid - before->invalid, (u64)0);
}

/* Free a block that was written to at @at; how many overflows that made. */
static void overflow_at(unsigned int checks, size_t size, size_t at, u64 seen)
{
	struct hoardk_heap *heap = checked_heap(checks);
	struct counts before = counts_now();
	void *p;

	if (!heap)
		return;
	p = hoardk_heap_alloc(heap, size, GFP_KERNEL);
	if (expect_not_null(p)) {
		poke(p, at, SCRIBBLE);
		hoardk_free(p);
	}
	test_at(at);
	expect_counts(&before, seen, 0, 0);
	expect_eq(hoardk_heap_destroy(heap), (size_t)0);
}

static void overflow(void)
{
	overflow_at(HOARDK_CHECK_REDZONE, 100, 99, 0);
	overflow_at(HOARDK_CHECK_REDZONE, 100, 100, 1);
	overflow_at(HOARDK_CHECK_REDZONE, 100, 107, 1);
	overflow_at(HOARDK_CHECK_REDZONE, 64, 63, 0);
	overflow_at(HOARDK_CHECK_REDZONE, 64, 64, 1);
	overflow_at(HOARDK_CHECK_REDZONE, 1, 1, 1);
	overflow_at(HOARDK_CHECK_ALL, 4096, 4095, 0);
	overflow_at(HOARDK_CHECK_ALL, 4096, 4096, 1);
	/* Without a red zone nobody looks. */
	overflow_at(HOARDK_CHECK_POISON, 97, 97, 0);
}

static void overflow_large(void)
{
	overflow_at(HOARDK_CHECK_REDZONE, 20000, 19999, 0);
	overflow_at(HOARDK_CHECK_REDZONE, 20000, 20000, 1);
	overflow_at(HOARDK_CHECK_REDZONE, 20000, 20479, 1);
	overflow_at(HOARDK_CHECK_ALL, 300000, 300000, 1);
}

/* So far that it reaches what the allocator keeps behind the block. */
static void overflow_far(void)
{
	struct hoardk_heap *heap = checked_heap(HOARDK_CHECK_REDZONE);
	struct counts before = counts_now();
	size_t i;
	void *p;

	if (!heap)
		return;
	p = hoardk_heap_alloc(heap, 100, GFP_KERNEL);
	if (expect_not_null(p)) {
		for (i = 100; i < 144; i++)
			poke(p, i, SCRIBBLE);
		hoardk_free(p);
		hoardk_free(p);
	}
	expect_counts(&before, 1, 0, 1);
	expect_eq(hoardk_heap_destroy(heap), (size_t)0);
}

/* Blocks of a heap until one of them is @p again; all but @keep are freed. */
static bool comes_back(struct hoardk_heap *heap, size_t size, void *p,
		       unsigned int most, void *keep)
{
	void **all = kcalloc(most, sizeof(*all), GFP_KERNEL);
	bool found = false;
	unsigned int i, nr;

	if (!expect_not_null(all))
		return false;
	for (nr = 0; nr < most && !found; nr++) {
		all[nr] = hoardk_heap_alloc(heap, size, GFP_KERNEL);
		if (!expect_not_null(all[nr]))
			break;
		found = all[nr] == p;
	}
	for (i = 0; i < nr; i++)
		hoardk_free(all[i]);
	kfree(all);
	hoardk_free(keep);
	return found;
}

/* Write to a free block at @at, and take it again. */
static void late_at(unsigned int checks, size_t at, u64 seen)
{
	struct hoardk_heap *heap = checked_heap(checks);
	struct counts before = counts_now();
	void *p, *keep;

	if (!heap)
		return;
	keep = hoardk_heap_alloc(heap, 100, GFP_KERNEL);
	p = hoardk_heap_alloc(heap, 100, GFP_KERNEL);
	if (expect_not_null(keep) && expect_not_null(p)) {
		hoardk_free(p);
		if (at != SIZE_MAX)
			poke(p, at, SCRIBBLE);
		expect(comes_back(heap, 100, p, 1000, keep));
	}
	test_at(at);
	expect_counts(&before, 0, seen, 0);
	expect_eq(hoardk_heap_destroy(heap), (size_t)0);
}

static void late_write(void)
{
	late_at(HOARDK_CHECK_POISON, SIZE_MAX, 0);
	late_at(HOARDK_CHECK_POISON, 8, 1);
	late_at(HOARDK_CHECK_POISON, 99, 1);
	late_at(HOARDK_CHECK_POISON | HOARDK_CHECK_ZERO, 8, 1);
	late_at(HOARDK_CHECK_POISON | HOARDK_CHECK_REDZONE, 103, 1);
	/* Zeroes alone are not looked at. */
	late_at(HOARDK_CHECK_ZERO, 8, 0);
	late_at(HOARDK_CHECK_OWNER, SIZE_MAX, 0);
}

static bool holds_only(const void *p, u8 byte, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (peek(p, i) != byte)
			return false;
	return true;
}

/* Is a freed block's memory @byte all over?  Another block keeps it there. */
static void left_with(unsigned int checks, u8 byte, bool wanted)
{
	struct hoardk_heap *heap = checked_heap(checks);
	void *p, *keep;

	if (!heap)
		return;
	keep = hoardk_heap_alloc(heap, 200, GFP_KERNEL);
	p = hoardk_heap_alloc(heap, 200, GFP_KERNEL);
	if (expect_not_null(keep) && expect_not_null(p)) {
		fill(p, 200, checks);
		hoardk_free(p);
		expect_eq(holds_only(p, byte, 200), wanted);
		hoardk_free(keep);
	}
	expect_eq(hoardk_heap_destroy(heap), (size_t)0);
}

static void zeroed(void)
{
	left_with(HOARDK_CHECK_ZERO, 0, true);
	left_with(HOARDK_CHECK_ALL, 0, true);
	if (!IS_ENABLED(CONFIG_INIT_ON_FREE_DEFAULT_ON))
		left_with(HOARDK_CHECK_OWNER, 0, false);
}

#define SHUFFLED	64

/* How many of some blocks do not lie behind the one before. */
static unsigned int disorder(unsigned int checks)
{
	struct hoardk_heap *heap = checked_heap(checks);
	struct extent extents[SHUFFLED];
	unsigned int i, n = 0;
	void *p;

	if (!heap)
		return 0;
	for (i = 0; i < SHUFFLED; i++) {
		p = hoardk_heap_alloc(heap, 100, GFP_KERNEL);
		expect_not_null(p);
		extents[i].start = (unsigned long)p;
		extents[i].end = extents[i].start + 100;
		n += i && extents[i].start < extents[i - 1].start;
	}
	expect(disjoint(extents, SHUFFLED));
	expect_eq(hoardk_heap_destroy(heap), (size_t)SHUFFLED);
	return n;
}

/* Half of 63 on the average; of 2^100 orders fewer than one has under 4. */
static void random_order(void)
{
	expect_ge(disorder(HOARDK_CHECK_RANDOM), 4u);
	expect_ge(disorder(HOARDK_CHECK_ALL), 4u);
	expect_le(disorder(HOARDK_CHECK_OWNER), 1u);
}

struct quarantined {
	struct hoardk_heap *heap;
	bool back_at_once;
	bool back_later;
};

/* On one CPU: the next blocks are others, and what is held back is bounded. */
static void use_quarantine(void *arg)
{
	struct quarantined *test = arg;
	void *keep, *p;

	keep = hoardk_heap_alloc(test->heap, 100, GFP_KERNEL);
	p = hoardk_heap_alloc(test->heap, 100, GFP_KERNEL);
	if (!expect_not_null(keep) || !expect_not_null(p))
		return;
	hoardk_free(p);
	test->back_at_once = comes_back(test->heap, 100, p, 100, NULL);
	test->back_later = comes_back(test->heap, 100, p, 300, NULL) ||
			   comes_back(test->heap, 100, p, 300, NULL);
	hoardk_free(keep);
}

static void quarantine(void)
{
	struct quarantined with = { checked_heap(HOARDK_CHECK_QUARANTINE) };
	struct quarantined without = { checked_heap(HOARDK_CHECK_OWNER) };

	if (!with.heap || !without.heap)
		return;
	if (!policy_is("global")) {
		on_cpu(cpu_at(0), use_quarantine, &with);
		expect(!with.back_at_once);
		expect(with.back_later);
		expect_ge(stat_now(STAT_QUARANTINE_BYTES), (u64)100);
		expect_le(stat_now(STAT_QUARANTINE_BYTES), (u64)(4 * SZ_32K));
		/* They are in use until they leave. */
		expect_eq((u64)hoardk_heap_in_use(with.heap),
			  stat_now(STAT_QUARANTINE_BYTES));
		expect_eq(hoardk_verify(), 0u);
	}
	on_cpu(cpu_at(0), use_quarantine, &without);
	expect(without.back_at_once);
	hoardk_give_back();
	expect_eq(stat_now(STAT_QUARANTINE_BYTES), (u64)0);
	expect_eq(hoardk_heap_in_use(with.heap), (size_t)0);
	expect_eq(hoardk_heap_destroy(with.heap), (size_t)0);
	expect_eq(hoardk_heap_destroy(without.heap), (size_t)0);
}

/* A second free is one with every check, wherever the block waits. */
static void freed_twice(void)
{
	unsigned int check;
	struct counts before;
	void *p, *keep;

	for (check = 1; check <= HOARDK_CHECK_ALL; check <<= 1) {
		struct hoardk_heap *heap = checked_heap(check);

		if (!heap)
			return;
		before = counts_now();
		/* So that the superblock stays. */
		keep = hoardk_heap_alloc(heap, 100, GFP_KERNEL);
		p = hoardk_heap_alloc(heap, 100, GFP_KERNEL);
		hoardk_free(p);
		hoardk_free(p);
		free_on_cpu(other_cpu(), p);
		test_at(check);
		expect_counts(&before, 0, 0, 2);
		hoardk_free(keep);
		expect_eq(hoardk_heap_destroy(heap), (size_t)0);
	}
}

/* What a block promises holds with checks, too: size, alignment, contents. */
static void promises(void)
{
	struct hoardk_heap *heap = checked_heap(HOARDK_CHECK_ALL);
	struct counts before = counts_now();
	size_t size;
	void *p;

	if (!heap)
		return;
	for (size = 1; size < SZ_64K; size += size / 7 + 1) {
		p = hoardk_heap_alloc(heap, size, GFP_KERNEL | __GFP_ZERO);
		test_at(size);
		if (!expect_not_null(p))
			break;
		expect_eq(hoardk_usable_size(p), size);
		expect(all_zero(p, size));
		fill(p, size, size);
		p = hoardk_realloc(p, size + 1, GFP_KERNEL);
		if (!expect_not_null(p))
			break;
		expect(intact(p, ALIGN_DOWN(size, 8), size));
		expect_ge(hoardk_usable_size(p), size + 1);
		p = hoardk_realloc(p, size, GFP_KERNEL);
		expect(intact(p, ALIGN_DOWN(size, 8), size));
		hoardk_free(p);
	}
	for (size = 1; size <= SZ_64K; size *= 2) {
		p = hoardk_heap_alloc(heap, size, GFP_KERNEL);
		test_at(size);
		expect(IS_ALIGNED((unsigned long)p, min_t(size_t, size, 64)));
		expect(IS_ALIGNED((unsigned long)p, 8));
		hoardk_free(p);
	}
	expect_counts(&before, 0, 0, 0);
	expect_eq(hoardk_heap_destroy(heap), (size_t)0);
}

/* A block that was made smaller has its red zone there. */
static void shrunk(void)
{
	struct hoardk_heap *heap = checked_heap(HOARDK_CHECK_REDZONE);
	struct counts before = counts_now();
	void *p, *q;

	if (!heap)
		return;
	p = hoardk_heap_alloc(heap, 100, GFP_KERNEL);
	q = hoardk_realloc(p, 80, GFP_KERNEL);
	expect_eq(q, p);
	expect_eq(hoardk_usable_size(q), (size_t)80);
	poke(q, 80, SCRIBBLE);
	hoardk_free(q);
	expect_counts(&before, 1, 0, 0);
	expect_eq(hoardk_heap_destroy(heap), (size_t)0);
}

static void bad_attribute(void)
{
	static const unsigned int bad[] = {
		HOARDK_CHECK_ALL + 1, HOARDK_CHECK_NONE | HOARDK_CHECK_OWNER,
		UINT_MAX,
	};
	struct hoardk_heap_attr attr = {};
	struct hoardk_heap *heap;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		attr.checks = bad[i];
		heap = hoardk_heap_create("bad", &attr);
		test_at(i);
		if (!expect_eq(PTR_ERR_OR_ZERO(heap), -EINVAL) && !IS_ERR(heap))
			hoardk_heap_destroy(heap);
	}
}

/* Frees on other CPUs, and from an interrupt, of blocks with all checks. */
static void elsewhere(void)
{
	struct hoardk_heap *heap = checked_heap(HOARDK_CHECK_ALL);
	struct counts before = counts_now();
	unsigned int i;
	void *p[64];

	if (!heap)
		return;
	for (i = 0; i < ARRAY_SIZE(p); i++)
		p[i] = hoardk_heap_alloc(heap, 1 + i * 37, GFP_KERNEL);
	for (i = 0; i < ARRAY_SIZE(p); i++) {
		if (i % 2)
			free_on_cpu(cpu_at(i), p[i]);
		else
			expect(context_run(CONTEXT_IRQ_WORK,
					   (void (*)(void *))hoardk_free,
					   p[i]));
	}
	expect_eq(hoardk_verify(), 0u);
	hoardk_give_back();
	expect_eq(hoardk_heap_in_use(heap), (size_t)0);
	expect_counts(&before, 0, 0, 0);
	expect_eq(hoardk_heap_destroy(heap), (size_t)0);
}

/* For checked.sh: some of one caller, one larger of another. */
static noinline void leak_small(struct hoardk_heap *heap, int nr)
{
	/* Unrolled there would be several callers. */
	for (; nr; nr--) {
		OPTIMIZER_HIDE_VAR(nr);
		expect_not_null(hoardk_heap_alloc(heap, 100, GFP_KERNEL));
	}
}

static noinline void leak_large(struct hoardk_heap *heap)
{
	expect_not_null(hoardk_heap_alloc(heap, SZ_64K, GFP_KERNEL));
	barrier();
}

static void said_leak(void)
{
	struct hoardk_heap *heap = checked_heap(HOARDK_CHECK_OWNER);
	void *p;

	if (!heap)
		return;
	leak_small(heap, 3);
	leak_large(heap);
	/* This one is not leaked. */
	p = hoardk_heap_alloc(heap, 200, GFP_KERNEL);
	hoardk_free(p);
	expect_eq(hoardk_heap_destroy(heap), (size_t)4);
}

static void said_nothing(void)
{
	struct hoardk_heap *heap = checked_heap(HOARDK_CHECK_ALL);

	if (!heap)
		return;
	hoardk_free(hoardk_heap_alloc(heap, 100, GFP_KERNEL));
	expect_eq(hoardk_heap_destroy(heap), (size_t)0);
}

static void said_overflow(void)
{
	overflow_at(HOARDK_CHECK_ALL, 100, 103, 1);
}

static void said_late(void)
{
	late_at(HOARDK_CHECK_POISON, 42, 1);
}

static const struct test_case checked_cases[] = {
	{ "overflow", overflow },
	{ "overflow_large", overflow_large },
	{ "overflow_far", overflow_far },
	{ "late_write", late_write },
	{ "zeroed", zeroed },
	{ "random_order", random_order },
	{ "quarantine", quarantine },
	{ "freed_twice", freed_twice },
	{ "promises", promises },
	{ "shrunk", shrunk },
	{ "bad_attribute", bad_attribute },
	{ "elsewhere", elsewhere },
	{ "said_leak", said_leak },
	{ "said_nothing", said_nothing },
	{ "said_overflow", said_overflow },
	{ "said_late", said_late },
};

TEST_SUITE(checked);
