// SPDX-License-Identifier: GPL-2.0
/*
 * NMIs and interrupts in the middle of an operation: locks are only tried, what
 * cannot be done is done later.
 */
#include "detect.h"

static void *victim, *taken;

static void free_victim(void *arg)
{
	hoardk_free(victim);
}

static void alloc_some(void *size)
{
	taken = hoardk_alloc((size_t)size, GFP_ATOMIC);
}

static bool was_marked;

/* The next who has the lock drains it: so look at once. */
static void nmi_here_frees(void *arg)
{
	struct superblock *sb = superblock_of(victim);

	stub_interrupt(true, free_victim, NULL);
	was_marked = superblock_is_marked(sb);
}

static void nmi_here_allocs(void *size)
{
	stub_interrupt(true, alloc_some, size);
}

static void nmi_on_2_frees(void *arg)
{
	in_nmi_on(2, free_victim, NULL);
}

/* Policy global, the lock taken: nothing is to be had, frees wait. */
static void global_locked(void)
{
	void *p;

	insmod("policy=global");
	victim = get(0, 64);
	at_point("pool_get", "read pool->count", nmi_here_allocs,
		 (void *)64UL);
	p = get(0, 3000);
	expect_point_reached();
	expect(!taken, "an NMI got a block past a lock");
	expect_is(atomic_long_read(&account.alloc_failures), 1);
	put(0, p);
	hoardk_give_back();
	at_point("pool_get", "read pool->count", nmi_here_frees, NULL);
	p = get(0, 3000);
	expect_point_reached();
	expect(was_marked, "the block is not on its way");
	put(0, p);
	pass_second();
	expect_sound(0);
	expect_silence();
	rmmod();
}

/* Not locked: an NMI is served like an interrupt, from what is at hand. */
static void nothing_locked(void)
{
	void *p, *q;

	insmod("policy=global");
	p = get(0, 64);
	stub_interrupt(true, alloc_some, (void *)64UL);
	expect(taken, "an NMI got nothing");
	q = taken;
	/* Fresh memory and large blocks are not for an NMI. */
	stub_interrupt(true, alloc_some, (void *)3000UL);
	expect(!taken, "an NMI got fresh memory");
	stub_interrupt(true, alloc_some, (void *)40000UL);
	expect(!taken, "an NMI got a large block");
	put(0, q);
	put(0, p);
	rmmod();
}

/* The last block of a global superblock is freed while the pool is locked. */
static void pool_locked_for_global(void)
{
	void *p, *q;

	insmod(NULL);
	/* Taken for a node, so it is the global heap's. */
	victim = hoardk_alloc_node(64, GFP_KERNEL, 0);
	put(0, get(0, 3000));
	give_up_empty(&general_heap, 0);
	at_point("pool_pop", "write pool->count", nmi_here_frees, NULL);
	p = get(0, 5000);
	expect_point_reached();
	expect(superblock_of(victim)->owner == &general_heap.global.own,
	       "given to the pool past its lock");
	q = get(0, 600);
	expect_sound(hoardk_usable_size(p) + hoardk_usable_size(q));
	put(0, p);
	put(0, q);
	rmmod();
}

/* CPU 2 owes the invariant: within a second it holds again. */
static void expect_owed(void)
{
	struct local_heap *h = local_heap(2);
	struct owner *o = &h->own;

	expect(h->owes, "nothing is owed");
	expect(owner_used(o) < o->invariant, "the invariant holds");
	/* Which is no violation. */
	expect_sound(hoardk_heap_in_use(NULL));
	pass_second();
	expect(!h->owes, "still owed after a second");
	expect(owner_used(o) >= o->invariant, "still broken after a second");
}

/*
 * CPU 2 has two full superblocks; when half of one and all but @left blocks of
 * the other are free, the next free breaks the invariant.
 */
static unsigned int break_on_2(void **p, size_t size)
{
	struct owner *o;
	unsigned int i, n;

	insmod("slack=1");
	n = capacity_of(size);
	fill(2, size, p);
	fill(2, size, p + n);
	o = &local_heap(2)->own;
	for (i = 0; i < 2 * n; i++) {
		if (owner_used(o) - (long)o->bins[class_of(size)].size <
		    o->invariant)
			break;
		put(2, p[i]);
	}
	victim = p[i];
	return i + 1;
}

static void pool_locked_for_local(void)
{
	size_t size = 2000;
	unsigned int freed, n;
	void *p[64], *q;

	/* Something in the pool, so that its lock is taken. */
	freed = break_on_2(p, size);
	n = 2 * capacity_of(size);
	put(0, get(0, 100));
	give_up_empty(&general_heap, 0);
	at_point("pool_pop", "write pool->count", nmi_on_2_frees, NULL);
	q = get(0, 3000);
	expect_point_reached();
	expect_owed();
	put(0, q);
	put_all(2, n - freed, p + freed);
	rmmod();
}

static void global_locked_for_local(void)
{
	size_t size = 2000;
	unsigned int i, n;
	struct owner *o;
	void *p[64], *q;

	insmod("slack=1");
	n = capacity_of(size);
	fill(2, size, p);
	fill(2, size, p + n);
	o = &local_heap(2)->own;
	/* In turn, so that none is empty. */
	for (i = 0; i < n; i++) {
		victim = p[n + i];
		if (owner_used(o) - 2048 < o->invariant)
			break;
		put(2, victim);
		victim = p[i];
		if (owner_used(o) - 2048 < o->invariant)
			break;
		put(2, victim);
	}
	q = hoardk_alloc_node(5000, GFP_KERNEL, 0);
	at_point("pool_get", "read pool->count", nmi_on_2_frees, NULL);
	hoardk_free(hoardk_alloc_node(3000, GFP_KERNEL, 0));
	expect_point_reached();
	expect_owed();
	hoardk_free(q);
	/* What is not free yet is found by its bit. */
	for (i = 0; i < 2 * n; i++)
		if (hoardk_usable_size(p[i]))
			put(2, p[i]);
	console_clear();
	rmmod();
}

/* An interrupt finds the local heap busy. */
static void busy(void)
{
	void *p, *q;

	insmod(NULL);
	victim = get(0, 64);
	p = get(0, 64);
	/* Whatever comes first in a busy section of a refill. */
	at_point("llist_empty", "", nmi_here_frees, NULL);
	q = get(0, 3000);
	expect_point_reached();
	expect_sound(64 + hoardk_usable_size(q));
	pass_second();
	put(0, q);
	put(0, p);
	rmmod();
}

static void large_in_nmi(void)
{
	insmod(NULL);
	victim = get(0, 40000);
	stub_interrupt(true, free_victim, NULL);
	expect_is(hoardk_usable_size(victim), 0);
	console_clear();
	expect_is(atomic_long_read(&account.held.now), 40960);
	pass_second();
	expect_is(atomic_long_read(&account.held.now), 0);
	rmmod();
}

const struct test nmi_tests[] = {
	{ "NMI: the global heap is locked", global_locked },
	{ "NMI: nothing is locked, and only fresh memory is not to be had",
	  nothing_locked },
	{ "NMI: the pool is locked, a global superblock becomes empty",
	  pool_locked_for_global },
	{ "NMI: the pool is locked, the invariant is owed for a second",
	  pool_locked_for_local },
	{ "NMI: the global heap is locked, the invariant is owed for a second",
	  global_locked_for_local },
	{ "NMI: the local heap is busy", busy },
	{ "NMI: a large block is returned by the sweep", large_in_nmi },
	{ 0 }
};
