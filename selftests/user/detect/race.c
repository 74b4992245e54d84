// SPDX-License-Identifier: GPL-2.0
/*
 * Second frees that meet a superblock on its way to somebody else: each step of
 * the protocol of remote.c, seen from between two accesses.
 *
 * CPU 0 owns the superblock at first; CPU 1 frees without a local heap.
 */
#include "detect.h"
#include "hoardk/remote.h"

#define LATE	"hoardk: bad free: %lu blocks, by now of superblocks used anew, were freed twice, on different CPUs; left alone"
#define TWICE	"hoardk: bad free: %p (%zu bytes, heap %s) was freed twice, *; left alone"

static void free_on_1(void *p)
{
	put(1, p);
}

static void expect_one_double(size_t in_use)
{
	expect_is(double_frees(), 1);
	expect_is(invalid_frees(), 0);
	expect_is(atomic_long_read(&general_heap.remote_frees), 0);
	expect_sound(in_use);
}

/* Before the bit is set, all that CPU 0 holds has gone to the pool. */
static void closed_before_bit(const char *params)
{
	void *p;

	insmod(params);
	p = get(0, 64);
	at_point("test_and_set_bit", "", free_and_give_up, p);
	put(1, p);
	expect_point_reached();
	expect_said(TWICE, p, 64UL, "*");
	expect_one_double(0);
	rmmod();
}

static void closed(void)
{
	closed_before_bit(NULL);
}

static void closed_policy_local(void)
{
	closed_before_bit("policy=local");
}

/*
 * And before it is counted, CPU 2 has opened it again, which cleared the bit: so
 * the count has no bit.  It stands for a block of the size that they have now.
 */
static void counted_without_bit(size_t size)
{
	void *p;

	insmod(NULL);
	reused_size = size;
	p = get(0, 64);
	at_point("test_and_set_bit", "", then_reuse, p);
	put(1, p);
	expect_point_reached();
	expect(superblock_of(p) == superblock_of(reused), "not reused");
	expect_silence();
	kick(2);
	expect_said(LATE, 1UL);
	expect_is(superblock_of(p)->debt, 0);
	expect_one_double(size);
	expect_is(atomic_long_read(&general_heap.remote_out), size);
	put(2, reused);
	rmmod();
}

static void counted_in_same_class(void)
{
	counted_without_bit(64);
}

static void counted_in_other_class(void)
{
	counted_without_bit(3200);
}

#define MANY	1100

/* A block of the smallest size is the last of its superblock to be freed. */
static void free_and_take_pool(void *p)
{
	free_and_give_up(p);
	reuse(NULL);
}

/*
 * A superblock with more blocks than have their bits in the header's fixed part
 * gets no other class: a freer that has looked at it by the old one would mark
 * blocks, or what stands in the header.
 */
static void many_blocks_at(const char *function, const char *what)
{
	void *p[MANY];
	unsigned int i;

	insmod(NULL);
	reused_size = 64;
	for (i = 0; i < MANY; i++)
		p[i] = get(0, 16);
	expect(superblock_of(p[0]) == superblock_of(p[MANY - 1]),
	       "several superblocks");
	put_all(0, MANY - 1, p);
	at_point(function, what, free_and_take_pool, p[MANY - 1]);
	put(1, p[MANY - 1]);
	expect_point_reached();
	expect(superblock_of(reused) != superblock_of(p[0]),
	       "its superblock was formatted for another class");
	expect_said(TWICE, p[MANY - 1], 16UL, "none");
	expect_one_double(64);
	/* But for its own. */
	p[0] = get(2, 16);
	expect(superblock_of(p[0]) == superblock_of(p[MANY - 1]),
	       "its superblock does not serve its own class");
	put(2, p[0]);
	put(2, reused);
	rmmod();
}

static void many_blocks_before_index(void)
{
	many_blocks_at("remote_free", "read sb->heap");
}

static void many_blocks_before_bit(void)
{
	many_blocks_at("test_and_set_bit", "");
}

static struct hoardk_heap *mine;

static void empty_mine(void *p)
{
	put(0, p);
	give_up_empty(mine, 0);
	expect(!superblock_of(p)->owner, "it is not in the pool");
	at_point("atomic_fetch_add", "", reuse, NULL);
}

/*
 * Charged to the heap that it was freed of, counted in one of another heap: each
 * is wrong by the block then, but not their sum, and not when one is gone.
 */
static void counted_in_other_heap(void)
{
	void *p;

	insmod(NULL);
	reused_size = 3200;
	mine = hoardk_heap_create("mine", NULL);
	p = hoardk_heap_alloc(mine, 64, GFP_KERNEL);
	at_point("test_and_set_bit", "", empty_mine, p);
	put(1, p);
	expect_point_reached();
	expect(superblock_of(p) == superblock_of(reused), "not reused");
	kick(2);
	expect_said(LATE, 1UL);
	expect_is(double_frees(), 1);
	expect_is(hoardk_heap_in_use(mine) + hoardk_heap_in_use(NULL), 3200);
	expect_is(hoardk_heap_destroy(mine), 0);
	expect_sound(3200);
	put(2, reused);
	expect_sound(0);
	rmmod();
}

/* The owner reads the superblock's count, and then a second free is counted. */
static void counted_before_close(void)
{
	void *p;

	insmod(NULL);
	p = get(0, 64);
	put(0, p);
	at_point("atomic_try_cmpxchg", "", free_on_1, p);
	give_up_empty(&general_heap, 0);
	expect_point_reached();
	kick(0);
	expect_last_said(TWICE, p, 64UL, "*");
	expect_one_double(0);
	rmmod();
}

/* The owner is gone when a CPU with a local heap looks. */
static void owner_gone(void)
{
	void *p, *keep;

	insmod(NULL);
	keep = get(1, 2000);
	p = get(0, 64);
	at_point("superblock_owner", "acquire &sb->owner", free_and_give_up, p);
	put(1, p);
	expect_point_reached();
	expect_said(TWICE, p, 64UL, "none");
	expect_one_double(2048);
	put(1, keep);
	rmmod();
}

static struct hoardk_heap *doomed;

static void destroy(void *arg)
{
	hoardk_heap_destroy(doomed);
}

static void destroy_on_0(void *arg)
{
	on_cpu(0, destroy, NULL);
}

static void free_in_interrupt(void *p)
{
	stub_interrupt(false, (void (*)(void *))hoardk_free, p);
}

/* The heap is destroyed while a freer of its blocks is about to count. */
static void heap_gone_before_count(void)
{
	void *p;

	insmod(NULL);
	doomed = hoardk_heap_create("mine", NULL);
	p = hoardk_heap_alloc(doomed, 64, GFP_KERNEL);
	at_point("atomic_fetch_add", "", destroy_on_0, NULL);
	on_cpu(1, free_in_interrupt, p);
	expect_point_reached();
	expect_silence();
	expect_sound(0);
	rmmod();
}

static void drain_doomed(void *arg)
{
	global_drain(&doomed->global);
}

static void free_in_nmi(void *p)
{
	in_nmi_on(1, (void (*)(void *))hoardk_free, p);
	/* All superblocks are dropped by then. */
	at_point("llist_del_all", "", drain_doomed, NULL);
}

/* It is queued there, and whoever drains finds no owner. */
static void heap_gone_before_drain(void)
{
	void *p;

	insmod(NULL);
	doomed = hoardk_heap_create("mine", NULL);
	p = hoardk_heap_alloc(doomed, 64, GFP_KERNEL);
	at_point("superblock_leave", "write sb->owner", free_in_nmi, p);
	hoardk_heap_destroy(doomed);
	expect_point_reached();
	expect_silence();
	expect_sound(0);
	rmmod();
}

/* The global heap's freer is told to kick, but another drained meanwhile. */
static void drained_meanwhile(void)
{
	struct global_heap *g = &general_heap.global;

	insmod("policy=global");
	global_drain(g);
	expect_sound(0);
	rmmod();
}

/* A CPU goes down while frees of its blocks are on their way. */
static void owner_down(void)
{
	void *p, *q, *keep;

	insmod(NULL);
	keep = get(1, 2000);
	p = get(2, 64);
	q = get(2, 64);
	put(1, p);
	cpu_down(2);
	expect(superblock_of(q)->owner == &general_heap.global.own,
	       "the superblock has not moved");
	kick(1);
	expect_silence();
	expect_sound(2048 + 64);
	put(1, q);
	put(1, keep);
	expect_is(double_frees(), 0);
	rmmod();
}

static void take_mutex_and_shrink(void)
{
	void *p;

	insmod(NULL);
	p = get(0, 64);
	put(0, p);
	owner_retire_all(&local_heap(0)->own);
	mutex_lock(&heaps_mutex);
	/* Reclaim in a detach, and the sweep: they do without. */
	expect_is(stub_shrink(8), 0);
	steps_advance(200);
	steps_settle();
	mutex_unlock(&heaps_mutex);
	expect_is(local_heap(0)->own.nr_empty, 1);
	stub_shrink(8);
	steps_settle();
	expect_is(local_heap(0)->own.nr_empty, 0);
	rmmod();
}

const struct test race_tests[] = {
	{ "a second free, closed before its bit is set", closed },
	{ "a second free, closed before its bit is set, policy local",
	  closed_policy_local },
	{ "a second free, counted when the bit has gone with a format",
	  counted_in_same_class },
	{ "a second free, counted when another class has come with a format",
	  counted_in_other_class },
	{ "a second free, counted when it is another heap's",
	  counted_in_other_heap },
	{ "a second free in a superblock of many blocks, before its index",
	  many_blocks_before_index },
	{ "a second free in a superblock of many blocks, before its bit",
	  many_blocks_before_bit },
	{ "a second free, counted before the superblock is closed",
	  counted_before_close },
	{ "a second free that finds no owner", owner_gone },
	{ "a free counted after its heap was destroyed",
	  heap_gone_before_count },
	{ "a free drained after its heap was destroyed",
	  heap_gone_before_drain },
	{ "a global heap with nothing to drain", drained_meanwhile },
	{ "frees on their way to a CPU that goes down", owner_down },
	{ "reclaim and the sweep while heaps are locked",
	  take_mutex_and_shrink },
	{ 0 }
};
