// SPDX-License-Identifier: GPL-2.0
/*
 * What AddressSanitizer says of a client that touches what is not its own: with
 * CONFIG_KASAN_GENERIC each block is open for the bytes asked for, and closed
 * while free.  Each test has a control: the same access while it is right.
 */
#include "detect.h"

#if CONFIG_KASAN_GENERIC

#define POISON	"use-after-poison"

/* Not for the compiler to reason about. */
static noinline void touch(char *p)
{
	WRITE_ONCE(*p, 1);
}

static void small(bool bad)
{
	char *p, *other;

	insmod(NULL);
	other = get(0, 100);
	p = get(0, 100);
	if (!bad)
		touch(p);
	put(0, p);
	if (bad)
		touch(p);
	put(0, other);
	rmmod();
}

static void large(bool bad)
{
	char *p;

	insmod(NULL);
	p = get(0, 40000);
	if (!bad)
		touch(p + 39999);
	/* So that the pages are still there. */
	stub_interrupt(true, (void (*)(void *))hoardk_free, p);
	if (bad)
		touch(p + 39999);
	rmmod();
}

static void returned(bool bad)
{
	char *p;

	insmod(NULL);
	p = get(0, 40000);
	if (!bad)
		touch(p);
	put(0, p);
	if (bad)
		touch(p);
	rmmod();
}

static void remote(bool bad)
{
	char *p;

	insmod(NULL);
	p = get(0, 100);
	if (!bad)
		touch(p);
	put(1, p);
	/* It has arrived, or not. */
	if (bad)
		touch(p);
	rmmod();
}

static void outbox(bool bad)
{
	char *p, *keep;

	insmod(NULL);
	keep = get(1, 2000);
	p = get(0, 100);
	if (!bad)
		touch(p);
	put(1, p);
	expect(local_heap(1)->outbox.sb, "it does not wait");
	if (bad)
		touch(p);
	put(1, keep);
	rmmod();
}

static void loose(bool bad)
{
	char *p, *keep;

	insmod("policy=local");
	keep = get(1, 2000);
	p = get(0, 100);
	if (!bad)
		touch(p + 8);
	put(1, p);
	if (bad)
		touch(p + 8);
	put(1, keep);
	rmmod();
}

static void destroyed(bool bad)
{
	struct hoardk_heap *heap;
	char *p;

	insmod(NULL);
	heap = hoardk_heap_create("mine", NULL);
	p = hoardk_heap_alloc(heap, 100, GFP_KERNEL);
	if (!bad)
		touch(p);
	hoardk_heap_destroy(heap);
	steps_grace_period();
	if (bad)
		touch(p);
	rmmod();
}

static void beyond(bool bad)
{
	char *p;

	insmod(NULL);
	p = get(0, 100);
	expect_is(hoardk_size_roundup(100), 112);
	touch(p + 99 + bad);
	put(0, p);
	rmmod();
}

static void beyond_large(bool bad)
{
	char *p;

	insmod(NULL);
	p = get(0, 40000);
	touch(p + 39999 + bad);
	put(0, p);
	rmmod();
}

/* The block before it ends with padding. */
static void before(bool bad)
{
	char *p, *q;

	insmod(NULL);
	q = get(0, 100);
	p = get(0, 100);
	expect_is(p - q, 112);
	touch(p - bad);
	put(0, p);
	put(0, q);
	rmmod();
}

/* Whoever asks how much there is may use it. */
static void padding(bool bad)
{
	char *p;

	insmod(NULL);
	p = get(0, 100);
	if (!bad)
		expect_is(hoardk_usable_size(p), 112);
	touch(p + 111);
	put(0, p);
	rmmod();
}

static void shrunk(bool bad)
{
	char *p, *q;

	insmod(NULL);
	p = get(0, 100);
	q = hoardk_realloc(p, 80, GFP_KERNEL);
	expect_is(q, p);
	touch(q + 79 + bad);
	put(0, q);
	rmmod();
}

/* A free block that was never handed out. */
static void never(bool bad)
{
	char *p;

	insmod(NULL);
	p = get(0, 100);
	touch(p + (bad ? 112 : 0));
	put(0, p);
	rmmod();
}

/*
 * So that no other test leaks: what insmod lost, say, when it failed.  Of several
 * at most the last is still in a register or in what was the stack.
 */
static void leak(void)
{
	static char *p;
	int i;

	for (i = 0; i < 16; i++)
		WRITE_ONCE(p, malloc(100));
	WRITE_ONCE(p, NULL);
}

/* A test and its control. */
#define DEFINE_BOTH(name)						\
static void name##_bad(void)						\
{									\
	name(true);							\
}									\
									\
static void name##_good(void)						\
{									\
	name(false);							\
}

DEFINE_BOTH(small)
DEFINE_BOTH(large)
DEFINE_BOTH(returned)
DEFINE_BOTH(remote)
DEFINE_BOTH(outbox)
DEFINE_BOTH(loose)
DEFINE_BOTH(destroyed)
DEFINE_BOTH(beyond)
DEFINE_BOTH(beyond_large)
DEFINE_BOTH(before)
DEFINE_BOTH(padding)
DEFINE_BOTH(shrunk)
DEFINE_BOTH(never)

const struct test poison_tests[] = {
	{ "poison: a small block after its free", small_bad,
	  POISON },
	{ "control: a small block after its free, rightly", small_good },
	{ "poison: a large block after its free", large_bad,
	  POISON },
	{ "control: a large block after its free, rightly", large_good },
	{ "poison: a large block that was returned", returned_bad,
	  POISON },
	{ "control: a large block that was returned, rightly", returned_good },
	{ "poison: a block freed remotely", remote_bad,
	  POISON },
	{ "control: a block freed remotely, rightly", remote_good },
	{ "poison: a block in an outbox", outbox_bad,
	  POISON },
	{ "control: a block in an outbox, rightly", outbox_good },
	{ "poison: a loose block, beyond its link", loose_bad,
	  POISON },
	{ "control: a loose block, beyond its link, rightly", loose_good },
	{ "poison: a block of a destroyed heap", destroyed_bad,
	  POISON },
	{ "control: a block of a destroyed heap, rightly", destroyed_good },
	{ "poison: beyond the bytes asked for", beyond_bad,
	  POISON },
	{ "control: beyond the bytes asked for, rightly", beyond_good },
	{ "poison: beyond the bytes asked for, large", beyond_large_bad,
	  POISON },
	{ "control: beyond the bytes asked for, large, rightly", beyond_large_good },
	{ "poison: before the block", before_bad,
	  POISON },
	{ "control: before the block, rightly", before_good },
	{ "poison: padding that nobody asked about", padding_bad,
	  POISON },
	{ "control: padding that nobody asked about, rightly", padding_good },
	{ "poison: beyond a block made smaller in place", shrunk_bad,
	  POISON },
	{ "control: beyond a block made smaller in place, rightly", shrunk_good },
	{ "poison: a block never handed out", never_bad,
	  POISON },
	{ "control: a block never handed out, rightly", never_good },
	{ "control: memory of the C library that leaks is found", leak,
	  "LeakSanitizer: detected memory leaks" },
	{ 0 }
};

#else
const struct test poison_tests[] = { { 0 } };
#endif
