// SPDX-License-Identifier: GPL-2.0
/*
 * Heaps with checks: what is said of each mistake, and who is named to hold what.
 */
#include "detect.h"
#include "hoardk/checked.h"
#include "hoardk/quarantine.h"

#define OVERFLOW	"hoardk: overflow: %p (%d bytes, heap %s), allocated by 0x*, was written to past its end, at byte %d"
#define LATE		"hoardk: write after free: %p (100 bytes, heap general), last allocated by 0x*, was written to at byte %d while it was free"
#define TWICE		"hoardk: bad free: %p * was freed twice, the second time by *"

/* Not for the compiler to reason about, nor for AddressSanitizer. */
static noinline __attribute__((__no_sanitize__("address")))
void scribble(char *p, size_t at)
{
	WRITE_ONCE(p[at], 0x5a);
}

/* Into a block's trailer, at one of its fields. */
static void scribble_trailer(char *p, size_t field)
{
	scribble(p, superblock_of(p)->size - sizeof(struct trailer) + field);
}

/* What says whether a block is free or in use. */
static void scribble_state(char *p)
{
	scribble_trailer(p, offsetof(struct trailer, state));
}

static void parameters(void)
{
	static const char *const bad[] = {
		"checks=foo", "checks=owner,", "checks=ownerx", "checks=all,x",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		expect_is(insmod_try(bad[i]), -EINVAL);
		expect_said("hoardk: checks must be none, all, or some of *, not \"%s\"",
			    strchr(bad[i], '=') + 1);
	}
	expect_is(insmod_try("checks=owner,poison free_at_unload=1"), 0);
	expect_said("hoardk: loaded: *, checks owner,poison; frees what is live at unload");
	expect_is(general_heap.checks,
		  HOARDK_CHECK_OWNER | HOARDK_CHECK_POISON);
	rmmod();
	expect_is(insmod_try(""), 0);
	expect_said("hoardk: loaded: policy hoard, K = 32, f = 50 %%, * CPUs, checks none");
	rmmod();
}

static void attributes(void)
{
	struct hoardk_heap_attr attr = { .checks = HOARDK_CHECK_ALL + 1 };
	struct hoardk_heap *heap;

	insmod("checks=all");
	expect_is(PTR_ERR(hoardk_heap_create("bad", &attr)), -EINVAL);
	expect_said("hoardk: a heap's checks must be *");
	attr.checks = HOARDK_CHECK_NONE;
	heap = hoardk_heap_create("plain", &attr);
	expect_is(heap->checks, 0);
	hoardk_heap_destroy(heap);
	heap = hoardk_heap_create("default", NULL);
	expect_is(heap->checks, HOARDK_CHECK_ALL);
	hoardk_heap_destroy(heap);
	rmmod();
}

static void past_end(void)
{
	char *p;

	insmod("checks=redzone");
	p = get(0, 100);
	scribble(p, 100);
	put(0, p);
	expect_said(OVERFLOW, p, 100, "general", 100);
	/* Into the trailer. */
	p = get(0, 100);
	scribble_state(p);
	put(0, p);
	expect_said("hoardk: overflow: %p *", p);
	/* Into the size that stands there, and no further. */
	p = get(0, 100);
	scribble_trailer(p, offsetof(struct trailer, size) + 3);
	put(0, p);
	expect_said("hoardk: overflow: %p *", p);
	p = get(0, 20000);
	scribble(p, 20000);
	put(0, p);
	expect_said(OVERFLOW, p, 20000, "general", 20000);
	expect_is(atomic_long_read(&account.overflows), 4);
	rmmod();
	expect_silence();
}

static void late(void)
{
	char *p;

	insmod("checks=poison");
	p = get(0, 100);
	put(0, p);
	scribble(p, 17);
	expect(get(0, 100) == p, "another block");
	expect_said(LATE, p, 17);
	put(0, p);
	scribble_state(p);
	expect(get(0, 100) == p, "another block");
	expect_said("hoardk: write after free: %p *", p);
	put(0, p);
	expect_is(atomic_long_read(&account.late_writes), 2);
	rmmod();
	expect_silence();
}

/* CPU 0's block is freed on a CPU, its state written to, and it is freed again. */
static char *overwritten_between(unsigned int first, unsigned int again)
{
	char *p = get(0, 100);

	put(first, p);
	scribble_state(p);
	put(again, p);
	return p;
}

/* A block in quarantine is written to and freed again: it comes in twice. */
static void overwritten_held_back(void)
{
	char *p;

	insmod("checks=poison,quarantine");
	p = overwritten_between(0, 0);
	expect_said("hoardk: overflow: %p *", p);
	expect_is(quarantine_count(local_heap(0)), 2);
	pass_second();
	expect_said("hoardk: bad free: %p * was freed twice, *", p);
	expect_is(double_frees(), 1);
	expect_sound(0);
	rmmod();
}

/* The same of another CPU's block: its second way out is by the same outbox. */
static void overwritten_held_back_abroad(void)
{
	char *p, *other;

	insmod("checks=poison,quarantine");
	other = get(1, 2000);
	p = overwritten_between(1, 1);
	expect_said("hoardk: overflow: %p *", p);
	expect_is(quarantine_count(local_heap(1)), 2);
	put(1, other);
	pass_second();
	expect_said("hoardk: bad free: %p * was freed twice, *", p);
	expect_is(double_frees(), 1);
	expect_sound(0);
	rmmod();
}

/* The same of one that is on its way to its owner: its mark tells. */
static void overwritten_marked(void)
{
	char *p;

	insmod("checks=poison");
	p = overwritten_between(1, 0);
	expect_said(TWICE, p);
	expect_is(double_frees(), 1);
	pass_second();
	expect_sound(0);
	rmmod();
}

/* Of one that waits in the outbox. */
static void overwritten_in_outbox(void)
{
	char *p, *other;

	insmod("checks=poison");
	other = get(1, 2000);
	p = overwritten_between(1, 1);
	expect_last_said("hoardk: overflow: %p *", p);
	expect_is(double_frees(), 1);
	put(1, other);
	pass_second();
	expect_sound(0);
	rmmod();
}

/* Of one that another CPU keeps: the link in it is left alone. */
static void overwritten_loose(void)
{
	char *p, *other;

	insmod("policy=local checks=poison");
	other = get(1, 2000);
	p = overwritten_between(1, 1);
	expect_said(TWICE, p);
	expect(get(1, 100) == p, "another block");
	expect_said("hoardk: write after free: %p *", p);
	put(1, p);
	put(1, other);
	expect_is(double_frees(), 1);
	rmmod();
}

/* What it counts for is what U rises by. */
static void *get_counted(size_t size)
{
	size_t before = hoardk_heap_in_use(NULL);
	void *p = get(0, size);

	expect_is(hoardk_heap_in_use(NULL) - before, hoardk_block_bytes(p));
	return p;
}

static void sizes(void)
{
	char *p;

	insmod("checks=all");
	p = get_counted(100);
	expect_is(hoardk_usable_size(p), 100);
	expect_is(hoardk_size_roundup(100), 100);
	expect(hoardk_realloc(p, 80, GFP_KERNEL) == p, "it has moved");
	expect_is(hoardk_usable_size(p), 80);
	put(0, p);
	expect_is(hoardk_usable_size(p), 0);
	expect_said("hoardk: bad free: *");
	p = get_counted(30000);
	expect_is(hoardk_usable_size(p), 30000);
	expect(hoardk_realloc(p, 20000, GFP_KERNEL) == p, "it has moved");
	put(0, p);
	p = get_counted(SMALL_MAX);
	expect_is(hoardk_usable_size(p), SMALL_MAX);
	put(0, p);
	p = hoardk_zalloc(64, GFP_KERNEL);
	expect(!((unsigned long)p & 63), "%p", p);
	put(0, p);
	rmmod();
}

/* Held back, freed twice meanwhile, more than there is room for, and let go. */
static void held_back(void)
{
	void *p, *q[600];
	unsigned int i;

	insmod("checks=quarantine");
	p = get(0, 100);
	put(0, p);
	for (i = 0; i < ARRAY_SIZE(q); i++) {
		q[i] = get(0, 100);
		expect(q[i] != p, "it was handed out again");
	}
	put(0, p);
	expect_said(TWICE, p);
	for (i = 0; i < ARRAY_SIZE(q); i++)
		put(i % 2, q[i]);
	pass_second();
	expect_sound(0);
	rmmod();
}

/*
 * A ring full of small blocks has no room for large ones, for each of which a few
 * leave: all comes back in the end.
 */
static void held_back_sizes(void)
{
	void *small[2 * QUARANTINE_BLOCKS], *large[60];
	unsigned int i, j;

	insmod("checks=quarantine");
	for (i = 0; i < ARRAY_SIZE(large); i++)
		large[i] = get(0, 12000);
	for (j = 0; j < ARRAY_SIZE(small); j++)
		small[j] = get(0, 100);
	for (j = 0; j < ARRAY_SIZE(small); j++)
		put(0, small[j]);
	expect_is(quarantine_count(local_heap(0)), QUARANTINE_BLOCKS);
	for (i = 0; i < ARRAY_SIZE(large); i++) {
		put(0, large[i]);
		expect(quarantine_bytes(local_heap(0)) <= QUARANTINE_BYTES,
		       "more is held back than may be");
	}
	expect(quarantine_bytes(local_heap(0)) > QUARANTINE_BYTES / 2,
	       "little is held back");
	pass_second();
	expect_is(quarantine_count(local_heap(0)), 0);
	expect_sound(0);
	rmmod();
}

/* By the other policies the sweep lets blocks go, but keeps superblocks. */
static void held_back_ownership(void)
{
	void *keep, *p;

	insmod("policy=ownership checks=quarantine");
	keep = get(0, 3000);
	p = get(0, 100);
	put(0, p);
	expect_is(quarantine_count(local_heap(0)), 1);
	pass_second();
	expect_is(quarantine_count(local_heap(0)), 0);
	expect_is(local_heap(0)->own.held_bytes, 2 * SUPERBLOCK_SIZE);
	put(0, keep);
	pass_second();
	expect_sound(0);
	rmmod();
}

/*
 * An empty superblock of another class is not made one of this class in a section,
 * where its trailers and poison would take long, but by way of the pool.  No fresh one
 * is taken.
 */
static void laid_out_outside(void)
{
	void *p[24], *other;
	unsigned int i;
	long held;

	insmod("checks=poison");
	for (i = 0; i < ARRAY_SIZE(p); i++)
		p[i] = get(0, 3000);
	for (i = 0; i < ARRAY_SIZE(p); i++)
		put(0, p[i]);
	expect(local_heap(0)->own.nr_empty, "none is empty");
	held = atomic_long_read(&account.held.now);
	other = get(0, 1000);
	for (i = 0; i < ARRAY_SIZE(p); i++)
		if (superblock_of(p[i]) == superblock_of(other))
			break;
	expect(i < ARRAY_SIZE(p), "the empty one was not taken");
	expect_is(atomic_long_read(&account.held.now), held);
	put(0, other);
	expect_sound(0);
	rmmod();
}

/* No memory for a ring of blocks: then the CPU has no local heap. */
static void quarantine_fails(void)
{
	void *p;

	insmod("checks=quarantine");
	fail_request(2, 1);
	p = get(0, 100);
	put(0, p);
	fail_request(0, 0);
	rmmod();
}

static void show_live(char *text, size_t size)
{
	FILE *out = fmemopen(text, size, "w");

	expect(stub_debugfs_show("live", out), "no file");
	fclose(out);
}

static void holders(void)
{
	static char text[16384];
	struct hoardk_heap_attr attr = { .checks = HOARDK_CHECK_NONE };
	struct hoardk_heap *heap, *plain;
	unsigned int i;
	void *p[8];

	insmod("checks=owner");
	plain = hoardk_heap_create("plain", &attr);
	heap = hoardk_heap_create("leaky", NULL);
	stub_client = 0x1000;
	p[0] = get(0, 100);
	p[1] = get(1, 50000);
	p[2] = get(2, 200);
	/* No longer live. */
	put(2, p[2]);
	for (i = 0; i < 12; i++) {
		stub_client = 0x2000 + i;
		expect(hoardk_heap_alloc(heap, 1000 * (i + 1), GFP_KERNEL),
		       "no memory");
	}
	show_live(text, sizeof(text));
	expect(strstr(text, "heap general: 2 live blocks, 50100 bytes, 2 callers, checks owner\n"),
	       "%s", text);
	expect(strstr(text, "\n50000 bytes in 1 blocks of 53248, "), "%s",
	       text);
	expect(strstr(text, "\n100 bytes in 1 blocks of 128, "), "%s", text);
	expect(strstr(text, "\n  0x1000"), "%s", text);
	expect(strstr(text, "heap plain: not tracked: that takes checks=owner, and it has none\n"),
	       "%s", text);
	expect(strstr(text, "heap leaky: 12 live blocks, 78000 bytes, "), "%s",
	       text);
	expect_silence();
	expect_is(hoardk_heap_destroy(heap), 12);
	expect_last_said("hoardk: and 2 more blocks, 3000 bytes, of 2 more callers");
	expect_is(hoardk_heap_destroy(plain), 0);
	put(0, p[0]);
	put(1, p[1]);
	rmmod();
}

/* The kernel would warn, and torture fail, if it were not told not to. */
static bool quietly_fails(int order, gfp_t gfp)
{
	expect(gfp & __GFP_NOWARN, "the kernel would warn");
	return true;
}

/* What has nothing live has nothing to say. */
static void holders_unlisted(void)
{
	struct hoardk_heap_attr attr = { .checks = HOARDK_CHECK_OWNER };
	static const char said[] =
		"hoardk: heap leaky goes away with 1024 bytes in use, and no memory to say whose";
	struct hoardk_heap *heap, *unused;
	static char text[4096];
	FILE *out = fmemopen(text, sizeof(text), "w");

	insmod("");
	unused = hoardk_heap_create("unused", &attr);
	heap = hoardk_heap_create("leaky", &attr);
	expect(hoardk_heap_alloc(heap, 1000, GFP_KERNEL), "no memory");
	stub_memory_fails = quietly_fails;
	expect(!stub_debugfs_show("live", out), "live was shown");
	expect_is(hoardk_heap_destroy(unused), 0);
	expect_silence();
	expect_is(hoardk_heap_destroy(heap), 1);
	expect_last_said(said);
	stub_memory_fails = NULL;
	fclose(out);
	rmmod();
}

const struct test checked_tests[] = {
	{ "bad words for checks are refused", parameters },
	{ "a heap's checks are its own or the module's", attributes },
	{ "a write past the end is said once, with its place", past_end },
	{ "a write after the free is said once, with its place", late },
	{ "in quarantine, overwritten and freed again", overwritten_held_back },
	{ "in another CPU's quarantine, the same", overwritten_held_back_abroad },
	{ "on its way to its owner, overwritten and freed again", overwritten_marked },
	{ "in an outbox, overwritten and freed again", overwritten_in_outbox },
	{ "kept by another CPU, overwritten and freed again", overwritten_loose },
	{ "usable is what was asked for", sizes },
	{ "a block in quarantine is not handed out, nor freed again", held_back },
	{ "a quarantine of small blocks makes way for large ones", held_back_sizes },
	{ "a quarantine is let go of by each policy", held_back_ownership },
	{ "a superblock is laid out anew outside of sections", laid_out_outside },
	{ "a heap works where no quarantine can be had", quarantine_fails },
	{ "live blocks are named by caller and class, the largest first", holders },
	{ "where there is no memory to name them, that is said", holders_unlisted },
	{ }
};
