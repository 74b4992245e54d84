// SPDX-License-Identifier: GPL-2.0
/*
 * Policy local: blocks that are kept by a CPU that does not own them, and were
 * freed by their owner as well.
 */
#include "detect.h"
#include "hoardk/detach.h"

#define TWICE	"hoardk: bad free: %p (%zu bytes, heap %s) was freed twice, *; left alone"

static void *keep;

/* CPU 1 keeps a block of CPU 0, which frees it as well. */
static void *loose_and_free(void)
{
	void *p, *other;

	insmod("policy=local");
	keep = get(1, 2000);
	other = get(0, 64);
	p = get(0, 64);
	put(1, p);
	put(0, p);
	put(0, other);
	expect_silence();
	return p;
}

static void expect_found(void)
{
	pass_second();
	expect_is(double_frees(), 1);
	expect_sound(2048);
	put(1, keep);
	rmmod();
}

static void dropped(void)
{
	void *p = loose_and_free(), *q = get(1, 64);

	expect_said(TWICE, p, 64UL, "general");
	put(1, q);
	expect_found();
}

static void nmi_alloc(void *got)
{
	*(void **)got = hoardk_alloc(64, GFP_ATOMIC);
}

static void *in_nmi;

static void nmi_comes(void *arg)
{
	in_nmi_on(1, nmi_alloc, &in_nmi);
}

/* An NMI cannot drop it while the lock is taken. */
static void not_in_nmi(void)
{
	void *p = loose_and_free(), *q;

	at_point("pool_get", "read pool->count", nmi_comes, NULL);
	q = hoardk_alloc_node(3000, GFP_KERNEL, 1);
	expect_point_reached();
	expect(!in_nmi, "an NMI had a block without the lock");
	expect_silence();
	hoardk_free(q);
	put(1, get(1, 64));
	expect_last_said(TWICE, p, 64UL, "general");
	expect_found();
}

/* Its superblock has come to be that CPU's own. */
static void own(void)
{
	void *p, *q, *other;

	insmod("policy=local");
	keep = get(1, 2000);
	/* Fetched only once nothing else of the class is at hand. */
	other = get(2, 64);
	p = get(2, 64);
	put(1, p);
	cpu_down(2);
	q = get(1, 64);
	expect(q == p, "a loose block was not taken first");
	put(1, q);
	expect_silence();
	put(1, other);
	expect_is(double_frees(), 0);
	put(1, keep);
	rmmod();
}

/* The same, freed by its new owner as well. */
static void own_twice(void)
{
	struct local_heap *h;
	void *p, *q, *other;

	insmod("policy=local");
	keep = get(1, 2000);
	other = get(2, 64);
	p = get(2, 64);
	put(1, p);
	cpu_down(2);
	h = local_heap(1);
	/* An allocation that finds no loose block takes the superblock. */
	preempt_disable();
	expect(local_enter(h), "busy");
	expect(global_fetch(&h->own, class_of(64), 0), "nothing to fetch");
	local_exit(h);
	preempt_enable();
	expect(superblock_of(p)->owner == &h->own, "not its own");
	put(1, p);
	q = get(1, 64);
	expect_said(TWICE, p, 64UL, "general");
	put(1, q);
	put(1, other);
	expect_found();
}

static void keep_on_1(void *p)
{
	put(1, p);
}

/* Kept, though free, while the owner is about to close; not in the first word. */
static void kept_before_close(void)
{
	struct superblock *sb;
	void *p[BITS_PER_LONG + 1];
	unsigned int i;

	insmod("policy=local");
	keep = get(1, 2000);
	for (i = 0; i < ARRAY_SIZE(p); i++)
		p[i] = get(0, 64);
	put_all(0, ARRAY_SIZE(p), p);
	sb = superblock_of(p[BITS_PER_LONG]);
	at_point("atomic_long_fetch_or", "", keep_on_1, p[BITS_PER_LONG]);
	give_up_empty(&general_heap, 0);
	expect_point_reached();
	expect(sb->owner == &local_heap(0)->own,
	       "a superblock with a marked block was given away");
	expect(superblock_bits(sb)[1] == 1, "its mark was lost");
	expect(!superblock_bits(sb)[0], "marks were left in another word");
	put(1, get(1, 64));
	expect_said(TWICE, p[BITS_PER_LONG], 64UL, "general");
	expect_found();
}

static void closed_before_kept(void)
{
	void *p;

	insmod("policy=local");
	keep = get(1, 2000);
	p = get(0, 64);
	at_point("test_and_set_bit", "", free_and_give_up, p);
	put(1, p);
	expect_point_reached();
	expect_said(TWICE, p, 64UL, "*");
	expect_found();
}

/* A stray's superblock finds a new owner between the detach and the collapse. */
static void stray_stays(void)
{
	void *p, *q, *other;

	insmod("policy=local");
	keep = get(1, 2000);
	q = get(0, 64);
	p = get(0, 64);
	/* CPU 3 has no local heap. */
	put(3, p);
	/* As heap_empty() does. */
	mutex_lock(&heaps_mutex);
	heap_detach(&general_heap, false);
	other = get(2, 64);
	expect(superblock_of(p)->owner == &local_heap(2)->own,
	       "CPU 2 has not taken it");
	heap_collapse(&general_heap);
	mutex_unlock(&heaps_mutex);
	expect(superblock_is_marked(superblock_of(p)), "the stray is lost");
	expect_silence();
	put(2, other);
	put(0, q);
	pass_second();
	expect_is(double_frees(), 0);
	expect_sound(2048);
	put(1, keep);
	rmmod();
}

/* Nobody has taken a stray when its owner's free comes. */
static void stray_twice(void)
{
	void *p, *other;

	insmod("policy=local");
	keep = get(1, 2000);
	other = get(0, 64);
	p = get(0, 64);
	put(3, p);
	put(0, p);
	expect_silence();
	hoardk_give_back();
	expect_said(TWICE, p, 64UL, "general");
	put(1, other);
	expect_found();
}

/* More loose blocks than a detach disperses at once. */
static void many(void)
{
	unsigned int i;
	void *p[40];

	insmod("policy=local");
	keep = get(1, 2000);
	for (i = 0; i < 40; i++)
		p[i] = get(0, 64);
	put_all(1, 40, p);
	cpu_down(1);
	hoardk_give_back();
	expect_sound(2048);
	put(0, keep);
	rmmod();
}

const struct test loose_tests[] = {
	{ "policy local: a loose block that its owner has freed as well",
	  dropped },
	{ "policy local: such a one is left for later by an NMI", not_in_nmi },
	{ "policy local: a loose block is taken before a superblock", own },
	{ "policy local: a loose block of the CPU's own, freed twice",
	  own_twice },
	{ "policy local: a second free, before the superblock is closed",
	  kept_before_close },
	{ "policy local: a second free, after the superblock was closed",
	  closed_before_kept },
	{ "policy local: a stray of a superblock that another CPU took",
	  stray_stays },
	{ "policy local: a stray that its owner has freed as well",
	  stray_twice },
	{ "policy local: a CPU with many loose blocks goes down", many },
	{ 0 }
};
