// SPDX-License-Identifier: GPL-2.0
/*
 * What is said of bad frees: which pointer it was, what it may be, who freed it.
 */
#include <linux/err.h>

#include "detect.h"

#define TWICE	"hoardk: bad free: %p (%zu bytes, heap %s) was freed twice, the second time by 0x*; left alone"
#define REMOTE	"hoardk: bad free: %p (%zu bytes, heap %s) was freed twice, on different CPUs; left alone"
#define IS	"hoardk: bad free: %p by 0x* is %s; left alone"
#define INSIDE	"hoardk: bad free: %p by 0x* lies inside a block or header (%d byte class, heap %s); only the address hoardk returned can be freed; left alone"
#define SEVERAL	"hoardk: bad free: %p (64 bytes, heap general) and %d more were freed twice, on different CPUs; left alone"
#define STRAY	"hoardk: %s %p lacks a reference: somebody called kfree() or put_page() on a block of hoardk; use hoardk_free(). Its memory is not returned"
#define FREE	"hoardk: bad free: %p by 0x* is free (%d byte class, heap %s): it has no size and cannot be moved; left alone"
#define FOREIGN	"not hoardk's: from kmalloc(), of a destroyed heap, inside a large block, or a large block freed before"

/* Every way to hand over a pointer refuses it and says the same. */
static void expect_refused(const void *p, const char *what)
{
	long before = invalid_frees();

	hoardk_free(p);
	expect_said(IS, p, what);
	expect_is(hoardk_usable_size(p), 0);
	expect_said(IS, p, what);
	expect(!hoardk_realloc(p, 64, GFP_KERNEL), "%p was reallocated", p);
	expect_said(IS, p, what);
	expect_is(invalid_frees(), before + 3);
}

static void describes(void)
{
	static char data[64];
	char stack[64];
	void *keep;

	insmod(NULL);
	keep = get(0, 100);
	expect_refused((void *)17, "next to NULL");
	expect_refused((void *)(PAGE_SIZE - 1), "next to NULL");
	expect_refused(ERR_PTR(-ENOMEM), "an error pointer");
	expect_refused((void *)-1L, "an error pointer");
	expect_refused((void *)PAGE_SIZE, "a user address");
	expect_refused((void *)(TASK_SIZE_MAX - 8), "a user address");
	expect_refused(stack + 8, "on the stack");
	expect_refused((void *)stub_linear_end,
		       "a vmalloc address that hoardk did not return");
	expect_refused((void *)stub_linear_end + 100,
		       "a vmalloc address that hoardk did not return");
	expect_refused(data, "no address of the linear map");
	expect_refused((void *)stub_linear_start - 8,
		       "no address of the linear map");
	/* Not mapped. */
	expect_refused((void *)stub_linear_end - PAGE_SIZE, FOREIGN);
	expect_sound(112);
	put(0, keep);
	rmmod();
}

static void free_it(void *p)
{
	hoardk_free(p);
}

/* In an interrupt the stack is not the task's. */
static void interrupted(void)
{
	char stack[64];

	insmod(NULL);
	stub_interrupt(false, free_it, stack + 8);
	expect_said(IS, stack + 8,
		    "a vmalloc address that hoardk did not return");
	rmmod();
}

static void foreign_page(void)
{
	struct page *page = alloc_pages_node(0, GFP_KERNEL, 0);

	insmod(NULL);
	memset(page_address(page), 0, PAGE_SIZE);
	expect_refused(page_address(page), FOREIGN);
	expect_refused(page_address(page) + 64, FOREIGN);
	__free_pages(page, 0);
	rmmod();
}

static void large_before(void)
{
	void *p;

	insmod(NULL);
	p = get(0, 40000);
	expect_refused(p + 64, FOREIGN);
	expect_refused(p + PAGE_SIZE, FOREIGN);
	put(0, p);
	expect_silence();
	expect_refused(p, FOREIGN);
	rmmod();
}

static void interior(void)
{
	struct hoardk_heap *heap;
	void *p, *q;

	insmod(NULL);
	heap = hoardk_heap_create("mine", NULL);
	p = get(0, 100);
	q = hoardk_heap_alloc(heap, 100, GFP_KERNEL);
	hoardk_free(p + 8);
	expect_said(INSIDE, p + 8, 112, "general");
	hoardk_free(q + 1);
	expect_said(INSIDE, q + 1, 112, "mine");
	/* From a CPU that has no local heap. */
	put(1, p + 1);
	expect_said("hoardk: bad free: %p by * lies inside *", p + 1);
	hoardk_free((void *)superblock_of(p) + 64);
	expect_said("hoardk: bad free: %p by * lies inside *",
		    (void *)superblock_of(p) + 64);
	expect_is(invalid_frees(), 4);
	expect_is(double_frees(), 0);
	put(0, p);
	put(0, q);
	expect_is(hoardk_heap_destroy(heap), 0);
	rmmod();
}

/* A freed block has no size, and is not called the inside of one. */
static void measured(void)
{
	void *p, *q;

	insmod(NULL);
	p = get(0, 100);
	q = get(0, 100);
	put(0, p);
	expect_is(hoardk_usable_size(p), 0);
	expect_said(FREE, p, 112, "general");
	expect(!hoardk_realloc(p, 64, GFP_KERNEL), "%p was reallocated", p);
	expect_said(FREE, p, 112, "general");
	expect_is(invalid_frees(), 2);
	expect_is(double_frees(), 0);
	put(0, q);
	rmmod();
}

static void destroyed(void)
{
	struct hoardk_heap *heap;
	void *p, *large;

	insmod(NULL);
	heap = hoardk_heap_create("mine", NULL);
	p = hoardk_heap_alloc(heap, 100, GFP_KERNEL);
	large = hoardk_heap_alloc(heap, 40000, GFP_KERNEL);
	expect_is(hoardk_heap_destroy(heap), 2);
	hoardk_free(p);
	expect_said(IS, p, FOREIGN);
	/* When the pages are gone, the same. */
	steps_grace_period();
	expect_refused(p, FOREIGN);
	expect_refused(large, FOREIGN);
	rmmod();
}

static void twice_here(void)
{
	void *p, *keep;

	insmod(NULL);
	p = get(0, 64);
	keep = get(0, 64);
	put(0, p);
	expect_silence();
	put(0, p);
	expect_said(TWICE, p, 64UL, "general");
	expect_is(double_frees(), 1);
	/* It was not given away for it: two get different ones. */
	expect(get(0, 64) == p, "the block is lost");
	expect(get(0, 64) != p, "the block was handed out twice");
	expect_sound(3 * 64);
	put(0, p);
	put(0, p + 128);
	put(0, keep);
	rmmod();
}

/* The caller is named: within the function that called. */
static noinline void free_from_here(const void *p)
{
	hoardk_free(p);
	expect(console_lines() == 1, "%u lines", console_lines());
}

static char caller_line[512];

static void keep_line(const char *line)
{
	strscpy(caller_line, line, sizeof(caller_line));
}

static void names_caller(void)
{
	void (*console)(const char *line) = stub_console;
	unsigned long caller;
	char *by;

	insmod(NULL);
	stub_console = keep_line;
	hoardk_free((void *)17);
	stub_console = console;
	by = strstr(caller_line, " by ");
	expect(by, "no caller in: %s", caller_line);
	caller = strtoul(by + 4, NULL, 16);
	expect(caller - (unsigned long)names_caller < 4096,
	       "the caller is %#lx, which is not at %p", caller, names_caller);
	free_from_here((void *)17);
	console_clear();
	rmmod();
}

static void twice_private(void)
{
	struct hoardk_heap *heap;
	void *p, *keep;

	insmod(NULL);
	heap = hoardk_heap_create("mine", NULL);
	p = hoardk_heap_alloc(heap, 64, GFP_KERNEL);
	keep = hoardk_heap_alloc(heap, 64, GFP_KERNEL);
	hoardk_free(p);
	hoardk_free(p);
	expect_said(TWICE, p, 64UL, "mine");
	expect_is(double_frees(), 1);
	hoardk_free(keep);
	hoardk_heap_destroy(heap);
	rmmod();
}

/* Of a superblock that nobody holds: the pool's. */
static void twice_pooled(void)
{
	void *p;

	insmod(NULL);
	p = get(0, 64);
	put(0, p);
	give_up_empty(&general_heap, 0);
	expect(!superblock_of(p)->owner, "it is not in the pool");
	put(0, p);
	expect_said(TWICE, p, 64UL, "none");
	put(1, p);
	expect_said(TWICE, p, 64UL, "none");
	put(0, p + 1);
	expect_said(INSIDE, p + 1, 64, "none");
	expect_is(double_frees(), 2);
	rmmod();
}

static void twice_global(void)
{
	void *p, *keep;

	insmod("policy=global");
	p = get(0, 64);
	keep = get(0, 64);
	put(0, p);
	put(1, p);
	expect_said(TWICE, p, 64UL, "general");
	expect_is(double_frees(), 1);
	expect_sound(64);
	put(0, keep);
	rmmod();
}

/* CPU 1 and 2 have local heaps, and something to keep them busy with. */
static void *keep[2];

static void three_cpus(void)
{
	insmod(NULL);
	keep[0] = get(1, 2000);
	keep[1] = get(2, 2000);
}

static void three_done(void)
{
	put(1, keep[0]);
	put(2, keep[1]);
	rmmod();
}

static void twice_remotely(void)
{
	void *p;

	three_cpus();
	p = get(0, 64);
	put(1, p);
	put(2, p);
	/* Nobody knows yet. */
	expect_is(double_frees(), 0);
	kick(1);
	expect_silence();
	kick(2);
	expect_said(REMOTE, p, 64UL, "general");
	kick(0);
	expect_is(double_frees(), 1);
	expect_sound(2 * 2048);
	three_done();
}

static void several_remotely(void)
{
	void *p[3];
	unsigned int i;

	three_cpus();
	for (i = 0; i < 3; i++)
		p[i] = get(0, 64);
	put_all(1, 3, p);
	put_all(2, 2, p);
	kick(1);
	kick(2);
	expect_said(SEVERAL, p[0], 1);
	expect_is(double_frees(), 2);
	kick(0);
	expect_sound(2 * 2048);
	three_done();
}

/* Some of a word were free, others not: these are freed. */
static void partly_remotely(void)
{
	void *p[3];
	unsigned int i;

	three_cpus();
	for (i = 0; i < 3; i++)
		p[i] = get(0, 64);
	put(1, p[0]);
	put_all(2, 3, p);
	kick(1);
	kick(2);
	expect_said(REMOTE, p[0], 64UL, "general");
	kick(0);
	expect_is(double_frees(), 1);
	expect_sound(2 * 2048);
	three_done();
}

static void twice_in_outbox(void)
{
	void *p;

	three_cpus();
	p = get(0, 64);
	put(1, p);
	put(1, p);
	expect_said(TWICE, p, 64UL, "general");
	kick(1);
	kick(0);
	expect_is(double_frees(), 1);
	expect_sound(2 * 2048);
	three_done();
}

/* Remotely, and by the owner before that has arrived. */
static void remotely_and_here(void)
{
	void *p, *other;

	three_cpus();
	p = get(0, 64);
	other = get(0, 64);
	put(1, p);
	kick(1);
	put(0, p);
	kick(0);
	expect_last_said(REMOTE, p, 64UL, "general");
	expect_is(double_frees(), 1);
	expect_sound(2 * 2048 + 64);
	put(0, other);
	three_done();
}

/* A large block that waits to be returned. */
static void twice_large(void)
{
	void *p, *q;

	insmod(NULL);
	p = get(0, 40000);
	q = get(0, 40000);
	preempt_disable();
	stub_interrupt(true, free_it, p);
	preempt_enable();
	put(0, p);
	expect_said("hoardk: bad free: %p was freed twice, the second time by 0x*; left alone",
		    p);
	expect_is(double_frees(), 1);
	put(0, q);
	rmmod();
}

static void rate_limit(void)
{
	unsigned int i;
	void *p;

	stub_ratelimit_off = false;
	insmod(NULL);
	p = get(0, 64);
	put(0, p);
	for (i = 0; i < 6; i++) {
		put(0, p);
		hoardk_free((void *)17);
	}
	for (i = 0; i < 100; i++)
		hoardk_free((void *)17);
	expect_is(console_lines(), 10);
	expect_is(double_frees(), 6);
	expect_is(invalid_frees(), 106);
	rmmod();
}

/* A stray kfree() or put_page() of a block drops a reference. */
static void stray_put_page(void)
{
	struct superblock *sb;
	void *p;

	insmod(NULL);
	p = get(0, 64);
	sb = superblock_of(p);
	put_page(virt_to_page(sb));
	put(0, p);
	expect_silence();
	hoardk_give_back();
	expect_said(STRAY, "superblock", sb);
	/* But for the local heaps, which went: it is kept, and counted. */
	expect_is(stub_pages_taken(), SUPERBLOCK_SIZE / PAGE_SIZE);
	expect_is(atomic_long_read(&account.held.now), SUPERBLOCK_SIZE);
	expect_is(sb->magic, 0);
	expect_is(stub_module_unload(), 0);
}

/* The same of a large block that is in one piece. */
static void stray_put_large(void)
{
	void *p;

	insmod(NULL);
	p = get(0, 8 * PAGE_SIZE);
	put_page(virt_to_page(p));
	put(0, p);
	expect_said(STRAY, "large block", p);
	expect_is(stub_pages_taken(), 8);
	expect_is(hoardk_held_bytes(), 8 * PAGE_SIZE);
	expect_is(stub_module_unload(), 0);
}

static void no_stray(void)
{
	insmod(NULL);
	put(0, get(0, 64));
	hoardk_give_back();
	expect_silence();
	expect_is(stub_pages_taken(), 0);
	rmmod();
}

const struct test badfree_tests[] = {
	{ "bad free: says what the pointer is", describes },
	{ "bad free: a stack address in an interrupt", interrupted },
	{ "bad free: a page that is not hoardk's", foreign_page },
	{ "bad free: a large block freed before, or its inside", large_before },
	{ "bad free: an interior pointer", interior },
	{ "bad free: a size asked of a freed block", measured },
	{ "bad free: a block of a destroyed heap", destroyed },
	{ "bad free: names the caller", names_caller },
	{ "double free: on the owner's CPU", twice_here },
	{ "double free: in a private heap", twice_private },
	{ "double free: of a superblock in the pool", twice_pooled },
	{ "double free: in the global heap", twice_global },
	{ "double free: on two other CPUs", twice_remotely },
	{ "double free: of several blocks on two other CPUs",
	  several_remotely },
	{ "double free: of some blocks of a word", partly_remotely },
	{ "double free: of a block in the outbox", twice_in_outbox },
	{ "double free: remotely, and by the owner", remotely_and_here },
	{ "double free: of a large block not returned yet", twice_large },
	{ "bad frees: ten reports, then silence; all are counted",
	  rate_limit },
	{ "a stray put_page() is reported, its memory kept", stray_put_page },
	{ "a stray put_page() of a large block", stray_put_large },
	{ "control: without it nothing is said, and memory goes back",
	  no_stray },
	{ 0 }
};
