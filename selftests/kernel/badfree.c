// SPDX-License-Identifier: GPL-2.0
/*
 * Pointers that were never hoardk's to free: each must be counted as one
 * invalid free, and nothing else may happen, neither to the memory behind the
 * pointer nor to hoardk's own.
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/poison.h>
#include <linux/vmalloc.h>

#include "test.h"

#define NEIGHBOURS	16

/* Blocks that must not notice, and the counters before. */
struct watch {
	struct stats before;
	void *block[NEIGHBOURS];
	size_t size;
};

static bool watch_open(struct watch *watch, size_t size)
{
	unsigned int i;

	watch->size = size;
	for (i = 0; i < NEIGHBOURS; i++) {
		watch->block[i] = hoardk_alloc(size, GFP_KERNEL);
		if (!expect(real_block(watch->block[i])))
			return false;
		fill(watch->block[i], size, i);
	}
	return stats_read(&watch->before);
}

/* @bad invalid frees were counted since, and nothing else was done. */
static void watch_close(struct watch *watch, u64 bad)
{
	struct stats after;
	unsigned int i;

	hoardk_give_back();
	stats_read(&after);
	expect_eq(after.value[STAT_INVALID_FREES] -
		  watch->before.value[STAT_INVALID_FREES], bad);
	expect_eq(after.value[STAT_DOUBLE_FREES],
		  watch->before.value[STAT_DOUBLE_FREES]);
	expect_eq(after.value[STAT_IN_USE_BYTES],
		  watch->before.value[STAT_IN_USE_BYTES]);
	expect_eq(hoardk_verify(), 0u);
	for (i = 0; i < NEIGHBOURS; i++) {
		expect(intact(watch->block[i], watch->size, i));
		hoardk_free(watch->block[i]);
	}
}

/* Every way to hand a pointer in; how many bad pointers that makes. */
static u64 try_all(const void *p)
{
	void *one[1] = { (void *)p };

	hoardk_free(p);
	hoardk_free_sensitive(p);
	hoardk_free_bulk(1, one);
	return 3;
}

static void refuse(const void *const *p, unsigned int nr)
{
	struct watch watch;
	unsigned int i;
	u64 bad = 0;

	if (!watch_open(&watch, 128))
		return;
	for (i = 0; i < nr; i++)
		bad += try_all(p[i]);
	watch_close(&watch, bad);
}

static void refuse_one(const void *p)
{
	refuse(&p, 1);
}

static void user(void)
{
	static const void *const p[] = {
		(void *)8, (void *)0x1000, (void *)0x400000,
		(void *)0x400008, (void *)0x7fffffffe000,
	};

	refuse(p, ARRAY_SIZE(p));
}

static void stack(void)
{
	u64 words[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	unsigned int i;

	refuse_one(&words[0]);
	refuse_one(&words[3]);
	for (i = 0; i < ARRAY_SIZE(words); i++)
		expect_eq(words[i], (u64)i + 1);
}

static void vmalloced(void)
{
	u8 *p = vmalloc(SZ_64K);

	if (!expect_not_null(p))
		return;
	fill(p, SZ_64K, 3);
	refuse_one(p);
	refuse_one(p + 64);
	refuse_one(PTR_ALIGN(p, SZ_32K));
	expect(intact(p, SZ_64K, 3));
	vfree(p);
}

static u64 module_word = 0x1234;
static DEFINE_PER_CPU(u64, cpu_word);

static void kernel_image(void)
{
	refuse_one(&module_word);
	refuse_one((const void *)kernel_image);
	refuse_one((const void *)&jiffies);
	refuse_one((const void *)kfree);
	refuse_one(raw_cpu_ptr(&cpu_word));
	expect_eq(module_word, 0x1234ull);
}

static void kmalloced(void)
{
	size_t size;

	for (size = 8; size <= SZ_128K; size *= 4) {
		u8 *p = kmalloc(size, GFP_KERNEL);

		test_at(size);
		if (!expect_not_null(p))
			return;
		fill(p, size, 4);
		refuse_one(p);
		refuse_one(p + size / 2);
		expect(intact(p, size, 4));
		kfree(p);
	}
}

static void foreign_pages(void)
{
	unsigned int order;

	for (order = 0; order <= 4; order++) {
		size_t size = PAGE_SIZE << order;
		u8 *p = (u8 *)__get_free_pages(GFP_KERNEL, order);

		test_at(order);
		if (!expect_not_null(p))
			return;
		fill(p, size, 5);
		refuse_one(p);
		refuse_one(p + 64);
		refuse_one(p + size - 8);
		expect(intact(p, size, 5));
		free_pages((unsigned long)p, order);
	}
}

static unsigned long superblock_of(const void *p)
{
	unsigned long bytes = stat_now(STAT_SUPERBLOCK_BYTES);

	if (!expect(bytes && is_power_of_2(bytes)))
		bytes = SZ_32K;
	return (unsigned long)p & ~(bytes - 1);
}

/* A page that looks like a superblock, down to every byte of the header. */
static void forged_header(void)
{
	unsigned long bytes = stat_now(STAT_SUPERBLOCK_BYTES);
	u8 *page = (u8 *)__get_free_pages(GFP_KERNEL, get_order(bytes));
	u8 *p = hoardk_alloc(64, GFP_KERNEL);
	unsigned long sb = superblock_of(p), i;

	if (!expect_not_null(page) || !expect(real_block(p)))
		return;
	for (i = 0; i < bytes; i++)
		page[i] = peek((void *)sb, i);
	refuse_one(page + ((unsigned long)p - sb));
	refuse_one(page);
	hoardk_free(p);
	free_pages((unsigned long)page, get_order(bytes));
}

/* Every byte of a block but the first, for a class of each kind. */
static void interior(void)
{
	static const size_t sizes[] = { 8, 24, 64, 100, 640, SZ_1K, 3000,
					SZ_8K };
	struct watch watch;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u64 bad = 0;
		size_t offset;

		if (!watch_open(&watch, sizes[i]))
			return;
		for (offset = 1; offset < sizes[i]; offset++) {
			test_at(sizes[i] * 10000 + offset);
			hoardk_free(watch.block[i] + offset);
			bad++;
		}
		watch_close(&watch, bad);
	}
}

static void header(void)
{
	struct watch watch;
	unsigned long sb;
	u64 bad = 0;

	if (!watch_open(&watch, 256))
		return;
	sb = superblock_of(watch.block[3]);
	bad += try_all((void *)sb);
	bad += try_all((void *)sb + 8);
	bad += try_all((void *)sb + 64);
	bad += try_all((void *)sb + 128);
	bad += try_all((void *)sb + 1);
	watch_close(&watch, bad);
}

/* A block number that exists, but was never handed out. */
static void never_allocated(void)
{
	unsigned long bytes = stat_now(STAT_SUPERBLOCK_BYTES), sb, end;
	void *p = hoardk_alloc(1000, GFP_KERNEL);
	size_t step = hoardk_usable_size(p);
	struct stats before, after;
	u64 tried = 0;

	if (!expect(real_block(p)))
		return;
	fill(p, step, 6);
	sb = superblock_of(p);
	end = sb + bytes;
	stats_read(&before);
	for (end -= step; (unsigned long)p + step <= end; end--) {
		if ((end - (unsigned long)p) % step)
			continue;
		hoardk_free((void *)end);
		tried++;
	}
	hoardk_give_back();
	stats_read(&after);
	expect_ge(tried, 8ull);
	expect_eq(after.value[STAT_INVALID_FREES] -
		  before.value[STAT_INVALID_FREES] +
		  after.value[STAT_DOUBLE_FREES] -
		  before.value[STAT_DOUBLE_FREES], tried);
	expect(intact(p, step, 6));
	hoardk_free(p);
}

static void large_interior(void)
{
	static const size_t sizes[] = { SZ_32K, SZ_128K, SZ_1M + 1, SZ_8M };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u8 *p = hoardk_alloc(sizes[i], GFP_KERNEL);

		test_at(sizes[i]);
		if (!expect(real_block(p)))
			return;
		fill(p, sizes[i], 7);
		refuse_one(p + 1);
		refuse_one(p + 64);
		refuse_one(p + PAGE_SIZE);
		refuse_one(p + sizes[i] / 2);
		refuse_one(p + SZ_32K / 2);
		refuse_one(p + sizes[i] - 1);
		expect(intact(p, sizes[i], 7));
		hoardk_free(p);
	}
}

static void error_pointers(void)
{
	static const void *const p[] = {
		(void *)-1L, (void *)-12L, (void *)-22L, (void *)-512L,
		(void *)-4095L, (void *)-4096L,
	};

	refuse(p, ARRAY_SIZE(p));
}

static void no_such_address(void)
{
	const void *const p[] = {
		(void *)0x8000000000000000ul, (void *)0x0000800000000000ul,
		(void *)0xffff000000000000ul, LIST_POISON1, LIST_POISON2,
		(void *)0x5a5a5a5a5a5a5a5aul,
	};

	refuse(p, ARRAY_SIZE(p));
}

/* In the kernel's map of all memory, where there is no memory. */
static void unmapped(void)
{
	const void *const p[] = {
		high_memory + SZ_1G, high_memory + SZ_1G + 64,
		high_memory + SZ_32K, high_memory, high_memory + (1ul << 40),
	};

	refuse(p, ARRAY_SIZE(p));
}

/* Bad pointers get no answer from the other functions either. */
static void other_functions(void)
{
	u8 *foreign = kmalloc(512, GFP_KERNEL);
	u8 *p = hoardk_alloc(512, GFP_KERNEL);
	const void *bad[] = {
		foreign, p + 8, (void *)0x400000, ERR_PTR(-ENOMEM),
		(void *)superblock_of(p), high_memory + SZ_1G,
	};
	unsigned int i;

	if (!expect_not_null(foreign) || !expect(real_block(p)))
		return;
	fill(foreign, 512, 8);
	fill(p, 512, 9);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		u64 before = stat_now(STAT_INVALID_FREES);

		test_at(i);
		expect_eq(hoardk_usable_size(bad[i]), (size_t)0);
		expect_null(hoardk_realloc(bad[i], 1000, GFP_KERNEL));
		expect_eq(stat_now(STAT_INVALID_FREES) - before, 2ull);
		expect_eq(hoardk_realloc(bad[i], 0, GFP_KERNEL),
			  ZERO_SIZE_PTR);
		expect_eq(stat_now(STAT_INVALID_FREES) - before, 3ull);
	}
	expect(intact(foreign, 512, 8));
	expect(intact(p, 512, 9));
	hoardk_free(p);
	kfree(foreign);
}

/* One bad pointer among good ones: they are freed, it is not. */
static void in_bulk(void)
{
	void *p[64], *foreign = kmalloc(100, GFP_KERNEL);
	struct watch watch;

	if (!expect_not_null(foreign))
		return;
	expect_eq(hoardk_alloc_bulk(100, GFP_KERNEL, 64, p), 64u);
	hoardk_free(p[20]);
	p[20] = foreign;
	hoardk_free(p[40]);
	p[40] = p[39] + 4;
	if (watch_open(&watch, 100)) {
		watch.before.value[STAT_IN_USE_BYTES] -=
			62 * hoardk_usable_size(p[0]);
		hoardk_free_bulk(64, p);
		watch_close(&watch, 2);
	}
	kfree(foreign);
}

/* What remains of a destroyed heap is known no more. */
static void destroyed_heap(void)
{
	static const size_t sizes[] = { 64, 3000, SZ_128K };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct hoardk_heap *heap = hoardk_heap_create("gone", NULL);
		struct stats before, after;
		void *p;

		if (!expect(real_block(heap)))
			return;
		p = hoardk_heap_alloc(heap, sizes[i], GFP_KERNEL);
		expect_eq(hoardk_heap_destroy(heap), (size_t)1);
		stats_read(&before);
		hoardk_free(p);
		stats_read(&after);
		test_at(sizes[i]);
		expect_eq(after.value[STAT_INVALID_FREES] +
			  after.value[STAT_DOUBLE_FREES] -
			  before.value[STAT_INVALID_FREES] -
			  before.value[STAT_DOUBLE_FREES], 1ull);
	}
}

/*
 * For the shell: one of each kind, few enough that the rate limit lets all of
 * them into the log, which must have a line for each.  All on one CPU: of a second
 * free that waits for others to find it, the caller is not known.
 */
static void reported(void)
{
	u64 before = stat_now(STAT_INVALID_FREES);
	u8 *foreign, *p, *neighbour;

	migrate_disable();
	foreign = kmalloc(64, GFP_KERNEL);
	p = hoardk_alloc(64, GFP_KERNEL);
	neighbour = hoardk_alloc(64, GFP_KERNEL);
	if (expect_not_null(foreign) && expect(real_block(p))) {
		hoardk_free(foreign);
		hoardk_free((void *)0x400000);
		hoardk_free(p + 4);
		hoardk_free(p);
		hoardk_free(p);
		hoardk_give_back();
		expect_eq(stat_now(STAT_INVALID_FREES) - before, 3ull);
	}
	hoardk_free(neighbour);
	kfree(foreign);
	migrate_enable();
}

/* Ten thousand of them must not flood the log; the shell counts lines. */
static void flood(void)
{
	struct watch watch;
	unsigned int i;

	if (!watch_open(&watch, 64))
		return;
	for (i = 0; i < 10000; i++)
		hoardk_free(watch.block[0] + 1 + i % 63);
	watch_close(&watch, 10000);
}

static const struct test_case badfree_cases[] = {
	{ "user", user },
	{ "stack", stack },
	{ "vmalloced", vmalloced },
	{ "kernel_image", kernel_image },
	{ "kmalloced", kmalloced },
	{ "foreign_pages", foreign_pages },
	{ "forged_header", forged_header },
	{ "interior", interior },
	{ "header", header },
	{ "never_allocated", never_allocated },
	{ "large_interior", large_interior },
	{ "error_pointers", error_pointers },
	{ "no_such_address", no_such_address },
	{ "unmapped", unmapped },
	{ "other_functions", other_functions },
	{ "in_bulk", in_bulk },
	{ "destroyed_heap", destroyed_heap },
	{ "reported", reported },
	{ "flood", flood },
};

TEST_SUITE(badfree);
