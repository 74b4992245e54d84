// SPDX-License-Identifier: GPL-2.0
/*
 * No memory, at every point where memory is asked for.  A scenario of mixed
 * operations runs with its first request to the kernel failing, then its
 * second, and so on until a run has no more requests to fail: each operation
 * returns NULL or works, nothing is lost and nothing changes by itself.
 */
#include <linux/err.h>
#include <linux/mm.h>

#include "test.h"

#define SLOTS		24
#define POINTS_MAX	400

struct scene {
	void *p[SLOTS];
	size_t size[SLOTS];
	unsigned int nr;
	unsigned int refused;
	bool heap_refused;
};

/* Keep what was got, remember what was not. */
static void keep(struct scene *scene, void *p, size_t size)
{
	if (!p) {
		scene->refused++;
		return;
	}
	expect(real_block(p));
	expect_ge(hoardk_usable_size(p), size);
	fill(p, size, scene->nr);
	scene->p[scene->nr] = p;
	scene->size[scene->nr++] = size;
}

static void check_kept(struct scene *scene)
{
	unsigned int i;

	for (i = 0; i < scene->nr; i++)
		expect(intact(scene->p[i], scene->size[i], i));
}

/* A realloc that fails leaves the block as it was. */
static void grow(struct scene *scene, unsigned int slot, size_t size)
{
	void *q;

	if (slot >= scene->nr)
		return;
	q = hoardk_realloc(scene->p[slot], size, GFP_KERNEL | __GFP_NOWARN);
	if (!q) {
		scene->refused++;
		return;
	}
	expect(intact(q, min(size, scene->size[slot]), slot));
	fill(q, size, slot);
	scene->p[slot] = q;
	scene->size[slot] = size;
}

static void bulk(struct scene *scene)
{
	void *p[8];
	unsigned int got, i;

	got = hoardk_alloc_bulk(3000, GFP_KERNEL | __GFP_NOWARN,
				ARRAY_SIZE(p), p);
	expect_le(got, (unsigned int)ARRAY_SIZE(p));
	for (i = 0; i < got; i++)
		expect(real_block(p[i]));
	if (got < ARRAY_SIZE(p))
		scene->refused++;
	hoardk_free_bulk(got, p);
}

static void private_heap(struct scene *scene)
{
	struct hoardk_heap *heap = hoardk_heap_create("failure", NULL);
	size_t live = 0;

	if (IS_ERR(heap)) {
		expect_eq(PTR_ERR(heap), (long)-ENOMEM);
		scene->heap_refused = true;
		return;
	}
	if (hoardk_heap_alloc(heap, 500, GFP_KERNEL | __GFP_NOWARN))
		live++;
	if (hoardk_heap_alloc(heap, SZ_128K, GFP_KERNEL | __GFP_NOWARN))
		live++;
	scene->refused += 2 - live;
	expect_eq(hoardk_heap_destroy(heap), live);
}

static void play(struct scene *scene)
{
	gfp_t gfp = GFP_KERNEL | __GFP_NOWARN;

	keep(scene, hoardk_alloc(100, gfp), 100);
	keep(scene, hoardk_alloc(SZ_4K, gfp), SZ_4K);
	keep(scene, hoardk_alloc(SZ_16K, gfp), SZ_16K);
	keep(scene, hoardk_alloc(SZ_64K, gfp), SZ_64K);
	keep(scene, hoardk_alloc(SZ_8M, gfp), SZ_8M);
	keep(scene, hoardk_memalign(SZ_4K, 700, gfp), 700);
	keep(scene, hoardk_memalign(SZ_64K, 700, gfp), 700);
	keep(scene, hoardk_alloc_node(1500, gfp, 0), 1500);
	keep(scene, hoardk_alloc(40, GFP_ATOMIC | __GFP_NOWARN), 40);
	grow(scene, 0, 2500);
	grow(scene, 1, SZ_128K);
	grow(scene, 3, 50);
	bulk(scene);
	private_heap(scene);
	check_kept(scene);
	hoardk_free_bulk(scene->nr, scene->p);
}

static unsigned long number(const char *parameter)
{
	unsigned long value = 0;
	char text[24];

	expect_eq(parameter_get(parameter, text, sizeof(text)), 0);
	expect_eq(kstrtoul(text, 10, &value), 0);
	return value;
}

/* Fail @times requests from the @n-th on; true if there was an @n-th. */
static bool play_with_failure(unsigned int n, unsigned int times)
{
	struct scene *scene = kzalloc(sizeof(*scene), GFP_KERNEL);
	struct stats before, after;
	bool consumed;

	if (!expect_not_null(scene))
		return false;
	test_at(n * 10000 + times);
	hoardk_give_back();
	stats_read(&before);
	expect_eq(parameter_set("fail_times", times), 0);
	expect_eq(parameter_set("fail_nth", n), 0);
	play(scene);
	consumed = number("fail_nth") == 0 || number("fail_times") < times;
	expect_eq(parameter_set("fail_nth", 0), 0);
	expect_eq(parameter_set("fail_times", 1), 0);
	stats_read(&after);
	if (!consumed) {
		expect_eq(scene->refused, 0u);
		expect(!scene->heap_refused);
		expect_eq(after.value[STAT_ALLOC_FAILURES],
			  before.value[STAT_ALLOC_FAILURES]);
	} else if (scene->refused) {
		expect_ge(after.value[STAT_ALLOC_FAILURES] -
			  before.value[STAT_ALLOC_FAILURES], 1ull);
	}
	hoardk_give_back();
	expect_eq(stat_now(STAT_IN_USE_BYTES), before.value[STAT_IN_USE_BYTES]);
	expect_eq(stat_now(STAT_HELD_BYTES), before.value[STAT_HELD_BYTES]);
	expect_eq(hoardk_verify(), 0u);
	kfree(scene);
	return consumed;
}

static unsigned int every_point(unsigned int times)
{
	unsigned int n = 1;

	while (n < POINTS_MAX && play_with_failure(n, times))
		n++;
	results_note("%u points of failure, %u in a row", n - 1, times);
	expect_lt(n, (unsigned int)POINTS_MAX);
	/* Each of the eight allocations above needs memory of its own. */
	expect_ge(n, 8u);
	return n;
}

/* One request fails; what comes after it does not. */
static void once(void)
{
	every_point(1);
}

/* From one request on all fail: no way round is left. */
static void for_good(void)
{
	every_point(1000);
}

/* With no memory at all, an allocation says so and the next one works. */
static void refused_then_granted(void)
{
	static const size_t sizes[] = { 8, 1000, SZ_16K, SZ_64K, SZ_4M };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		void *p;

		test_at(sizes[i]);
		hoardk_give_back();
		expect_eq(parameter_set("fail_times", 1000), 0);
		expect_eq(parameter_set("fail_nth", 1), 0);
		p = hoardk_alloc(sizes[i], GFP_KERNEL | __GFP_NOWARN);
		expect_null(p);
		hoardk_free(p);
		expect_eq(parameter_set("fail_nth", 0), 0);
		expect_eq(parameter_set("fail_times", 1), 0);
		p = hoardk_alloc(sizes[i], GFP_KERNEL);
		expect(real_block(p));
		hoardk_free(p);
	}
}

/*
 * When just the large chunk cannot be had, a small request must still be
 * served: hoardk may not fail where kmalloc() would have had a page.
 */
static void fallback(void)
{
	static const size_t sizes[] = { 8, 100, 1000, 2000, SZ_4K };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		void *p;

		test_at(sizes[i]);
		hoardk_give_back();
		expect_eq(parameter_set("fail_nth", 1), 0);
		p = hoardk_alloc(sizes[i], GFP_KERNEL | __GFP_NOWARN);
		expect_eq(parameter_set("fail_nth", 0), 0);
		if (expect(real_block(p))) {
			size_t usable = hoardk_usable_size(p);

			expect_ge(usable, sizes[i]);
			expect_eq((unsigned long)p %
				  min_t(size_t, 64, sizes[i] & -sizes[i]), 0ul);
			fill(p, usable, i);
			expect(intact(p, usable, i));
			expect_eq(hoardk_verify(), 0u);
		}
		hoardk_free(p);
	}
}

/* Who asks for less can always be given what he has. */
static void shrinking(void)
{
	static const size_t sizes[] = {
		SZ_8M, SZ_1M, SZ_64K, 20000, SZ_8K, 1000, 100, 8
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(sizes) - 1; i++) {
		for (j = i + 1; j < ARRAY_SIZE(sizes); j++) {
			void *p = hoardk_alloc(sizes[i], GFP_KERNEL), *q;
			size_t usable = hoardk_usable_size(p);

			test_at(i * 100 + j);
			if (!expect(real_block(p)))
				continue;
			fill(p, sizes[j], j);
			expect_eq(parameter_set("fail_times", 1000), 0);
			expect_eq(parameter_set("fail_nth", 1), 0);
			q = hoardk_realloc(p, sizes[j],
					   GFP_KERNEL | __GFP_NOWARN);
			expect_eq(parameter_set("fail_nth", 0), 0);
			expect_eq(parameter_set("fail_times", 1), 0);
			if (expect(real_block(q))) {
				expect_ge(hoardk_usable_size(q), sizes[j]);
				expect_le(hoardk_usable_size(q), usable);
				expect(intact(q, sizes[j], j));
			}
			hoardk_free(q ?: p);
			hoardk_give_back();
		}
	}
}

static const struct test_case failure_cases[] = {
	{ "once", once },
	{ "for_good", for_good },
	{ "refused_then_granted", refused_then_granted },
	{ "fallback", fallback },
	{ "shrinking", shrinking },
};

TEST_SUITE(failure);
