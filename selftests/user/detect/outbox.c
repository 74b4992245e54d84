// SPDX-License-Identifier: GPL-2.0
/*
 * An outbox whose blocks somebody else has freed as well: by the time it is
 * flushed their superblock may be anything, or gone.  That is a second free, and
 * must change nothing.
 *
 * CPU 0 owns the superblock, CPU 1 has the outbox, CPU 2 takes the memory.
 */
#include "detect.h"

#define KEPT	2048
#define REMOTE	"hoardk: bad free: %p (%zu bytes, heap %s) was freed twice, on different CPUs; left alone"

#define REMOTE_BY	"hoardk: bad free: %p (%zu bytes, heap general) was freed twice, the second time by *"

static void *keep;

/* A block of CPU 0 waits in the outbox of CPU 1, and then its owner frees it. */
static void *stale_block(size_t size)
{
	void *p;

	insmod(NULL);
	/* Also so that nothing of CPU 1 is empty. */
	keep = get(1, KEPT);
	p = get(0, size);
	put(1, p);
	expect(local_heap(1)->outbox.sb == superblock_of(p),
	       "it is not in the outbox");
	put(0, p);
	give_up_empty(&general_heap, 0);
	expect(!superblock_of(p)->owner, "it is not in the pool");
	return p;
}

static void expect_found(size_t in_use)
{
	expect_is(double_frees(), 1);
	expect_is(invalid_frees(), 0);
	expect(!local_heap(1)->outbox.sb, "the outbox is not empty");
	expect_is(local_heap(1)->own.remote_frees, 0);
	expect_sound(KEPT + in_use);
}

static void done(void)
{
	put(1, keep);
	rmmod();
}

static void pooled(void)
{
	void *p = stale_block(64);

	kick(1);
	expect_said(REMOTE, p, 64UL, "none");
	expect_found(0);
	done();
}

static void other_class(void)
{
	void *p = stale_block(64), *q = get(2, 256);

	expect(superblock_of(p) == superblock_of(q), "another superblock");
	kick(1);
	expect_said(REMOTE, p, 256UL, "general");
	expect_found(256);
	expect(!superblock_is_marked(superblock_of(q)), "a block was marked");
	put(2, q);
	done();
}

/* The very block was handed out again: it stays its new owner's. */
static void same_class(void)
{
	void *p = stale_block(64), *q = get(2, 64);

	expect(p == q, "another block");
	kick(1);
	expect_said(REMOTE, p, 64UL, "general");
	expect_found(64);
	expect_is(hoardk_usable_size(q), 64);
	put(2, q);
	expect_is(double_frees(), 1);
	done();
}

/* And its new owner frees it on the CPU of the outbox, rightly. */
static void freed_again(void)
{
	void *p = stale_block(64), *q = get(2, 64);

	put(1, q);
	expect_said(REMOTE, p, 64UL, "general");
	expect_is(double_frees(), 1);
	kick(1);
	kick(2);
	expect_silence();
	expect_is(double_frees(), 1);
	expect_sound(KEPT);
	done();
}

/* Its word is another's by now. */
static void pushed_out(void)
{
	void *p = stale_block(64), *q = get(2, 256);

	put(1, q);
	expect_said(REMOTE, p, 256UL, "general");
	kick(1);
	kick(2);
	expect_is(double_frees(), 1);
	expect_sound(KEPT);
	done();
}

static void returned(void)
{
	void *p = stale_block(64);

	stub_shrink(1);
	kick(1);
	expect_said("hoardk: bad free: %p was freed twice, *; left alone", p);
	expect_found(0);
	done();
}

static void unmapped(void)
{
	void *p = stale_block(64);

	stub_shrink(1);
	steps_grace_period();
	expect_is(hoardk_usable_size(p), 0);
	expect_said("hoardk: bad free: %p by *", p);
	kick(1);
	expect_said("hoardk: bad free: %p was freed twice, *; left alone", p);
	expect_is(double_frees(), 1);
	expect_sound(KEPT);
	done();
}

/* Nobody kicks CPU 1: the sweep finds it within a second. */
static void swept(void)
{
	stale_block(64);
	pass_second();
	expect_last_said("hoardk: bad free: *; left alone");
	expect_is(double_frees(), 1);
	expect_sound(KEPT);
	done();
}

/* Several blocks waited: so many second frees. */
static void several(void)
{
	unsigned int i;
	void *p[3];

	insmod(NULL);
	keep = get(1, KEPT);
	for (i = 0; i < 3; i++)
		p[i] = get(0, 64);
	put_all(1, 3, p);
	put_all(0, 3, p);
	give_up_empty(&general_heap, 0);
	kick(1);
	expect_said("hoardk: bad free: %p (64 bytes, heap none) and 2 more were freed twice, *",
		    p[0]);
	expect_is(double_frees(), 3);
	expect_is(local_heap(1)->own.remote_frees, 0);
	expect_sound(KEPT);
	done();
}

static void free_bulk_64(void *p)
{
	hoardk_free_bulk(64, p);
}

/* One block of another word goes past the outbox, two have what waits there go. */
static void left_in_peace(void)
{
	void *p, *q[2];

	insmod(NULL);
	keep = get(1, KEPT);
	p = get(0, 64);
	q[0] = get(2, 64);
	q[1] = get(2, 64);
	put(1, p);
	put(1, q[0]);
	expect(local_heap(1)->outbox.sb == superblock_of(p), "pushed out by one");
	put(1, q[1]);
	expect(local_heap(1)->outbox.sb == superblock_of(q[0]),
	       "not pushed out by two");
	kick(1);
	kick(2);
	kick(0);
	expect_silence();
	expect_is(local_heap(1)->own.remote_frees, 3);
	expect_sound(KEPT);
	done();
}

/* A word of small blocks is full before 4 KiB are. */
static void full_word(void)
{
	unsigned int i;
	void *p[128];

	insmod(NULL);
	keep = get(1, KEPT);
	for (i = 0; i < 128; i++)
		p[i] = get(0, 16);
	put_all(1, 63, p);
	expect(local_heap(1)->outbox.sb, "passed on too soon");
	put(1, p[63]);
	expect(!local_heap(1)->outbox.sb, "not passed on");
	on_cpu(1, free_bulk_64, &p[64]);
	kick(0);
	expect_silence();
	expect_is(local_heap(1)->own.remote_frees, 128);
	expect_sound(KEPT);
	done();
}

/* @p goes past the outbox of @cpu, in which @other waits. */
static void put_past(unsigned int cpu, void *other, void *p)
{
	put(cpu, other);
	expect(local_heap(cpu)->outbox.sb == superblock_of(other),
	       "nothing is in the outbox");
	put(cpu, p);
}

static void twice_past(void)
{
	void *p, *q[2];

	insmod(NULL);
	keep = get(3, KEPT);
	put(1, get(1, 64));
	put(2, get(2, 64));
	p = get(0, 64);
	q[0] = get(3, 64);
	q[1] = get(3, 64);
	put_past(1, q[0], p);
	expect_silence();
	put_past(2, q[1], p);
	expect_said(REMOTE_BY, p, 64UL);
	kick(1);
	kick(2);
	kick(0);
	kick(3);
	expect_is(double_frees(), 1);
	expect_sound(KEPT);
	put(3, keep);
	rmmod();
}

/* The same as a stale one without a second free. */
static void not_stale(void)
{
	void *p;

	insmod(NULL);
	keep = get(1, KEPT);
	p = get(0, 64);
	put(1, p);
	give_up_empty(&general_heap, 0);
	expect(superblock_of(p)->owner == &local_heap(0)->own,
	       "it was given away with a block in use");
	kick(1);
	kick(0);
	expect_silence();
	expect_is(local_heap(1)->own.remote_frees, 1);
	expect_is(double_frees(), 0);
	expect_sound(KEPT);
	done();
}

/* Its superblock is closed between the look at it and the count. */
static void closed_meanwhile(void)
{
	void *p;

	insmod(NULL);
	keep = get(1, KEPT);
	p = get(0, 64);
	put(1, p);
	at_point("atomic_long_fetch_or", "", free_and_give_up, p);
	kick(1);
	expect_point_reached();
	expect_said(REMOTE, p, 64UL, "none");
	expect_found(0);
	done();
}

/* And formatted for another class: the count is one of a block of that class. */
static void reused_meanwhile(void)
{
	void *p;

	insmod(NULL);
	keep = get(1, KEPT);
	p = get(0, 64);
	put(1, p);
	reused_size = 3200;
	at_point("atomic_long_fetch_or", "", then_reuse, p);
	kick(1);
	expect_point_reached();
	expect(superblock_of(p) == superblock_of(reused), "another superblock");
	/* An eighth of so few is one block: that caused a kick. */
	expect_said("hoardk: bad free: *; left alone");
	expect_is(local_heap(1)->own.remote_out, 3200);
	kick(2);
	expect_silence();
	expect_is(double_frees(), 1);
	expect_sound(KEPT + 3200);
	put(2, reused);
	done();
}

/* The superblock of what goes past it is closed before the count. */
static void closed_while_past(void)
{
	void *p, *q;

	insmod(NULL);
	keep = get(1, KEPT);
	p = get(0, 64);
	q = get(3, 64);
	at_point("test_and_set_bit", "", free_and_give_up, p);
	put_past(1, q, p);
	expect_point_reached();
	expect_last_said("hoardk: bad free: *; left alone");
	kick(1);
	kick(3);
	expect_is(double_frees() + invalid_frees(), 1);
	expect_sound(KEPT);
	done();
}

static void give_up_and_reuse(void *p)
{
	free_and_give_up(p);
	reuse(NULL);
}

/* A second free: its superblock is of a class with fewer blocks by now. */
static void opened_for_none(void)
{
	unsigned int i, nr;
	void *p[SUPERBLOCK_SIZE / 64];

	insmod(NULL);
	keep = get(1, KEPT);
	nr = capacity_of(64) - 1;
	for (i = 0; i < nr; i++)
		p[i] = get(0, 64);
	put_all(0, nr - 1, p);
	reused_size = 3200;
	at_point("superblock_owner", "acquire &sb->owner", give_up_and_reuse,
		 p[nr - 1]);
	put(1, p[nr - 1]);
	expect_point_reached();
	expect_last_said("hoardk: bad free: *; left alone");
	expect(local_heap(1)->outbox.sb, "the outbox is not open");
	kick(1);
	expect_silence();
	expect(!local_heap(1)->outbox.sb, "the outbox is open");
	expect_is(double_frees() + invalid_frees(), 1);
	expect_sound(KEPT + 3200);
	put(2, reused);
	done();
}

/* What a CPU without a local heap frees goes past any outbox, and causes a kick. */
static void awaited(void)
{
	void *p;

	insmod(NULL);
	keep = get(0, KEPT);
	p = get(0, KEPT);
	put(2, p);
	expect(local_heap(0)->kicked, "it has not been kicked");
	expect_is(hoardk_heap_pending(NULL), KEPT);
	hoardk_heap_await_kicks(NULL);
	expect_is(hoardk_heap_pending(NULL), 0);
	put(0, keep);
	rmmod();
}

const struct test outbox_tests[] = {
	{ "stale outbox: the superblock is in the pool", pooled },
	{ "stale outbox: formatted for another class", other_class },
	{ "stale outbox: formatted for its class, the block is live again",
	  same_class },
	{ "stale outbox: the block is live again, and freed there",
	  freed_again },
	{ "stale outbox: flushed since another word comes next", pushed_out },
	{ "stale outbox: returned, before the grace period", returned },
	{ "stale outbox: returned, not mapped any more", unmapped },
	{ "stale outbox: the sweep flushes it within a second", swept },
	{ "stale outbox: of several blocks", several },
	{ "stale outbox: closed while it is flushed", closed_meanwhile },
	{ "stale outbox: formatted for another class while it is flushed",
	  reused_meanwhile },
	{ "outbox: one block of another word goes past it", left_in_peace },
	{ "outbox: full with a word of small blocks, also in bulk", full_word },
	{ "outbox: the same block goes past two", twice_past },
	{ "outbox: closed while a block goes past it", closed_while_past },
	{ "outbox: opened for what is no block any more", opened_for_none },
	{ "control: an outbox without second frees is no news", not_stale },
	{ "no outbox: nothing waits when the kick is done", awaited },
	{ 0 }
};
