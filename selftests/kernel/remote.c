// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks freed on other CPUs: they come back to their owner, whether it works
 * or sleeps, and memory does not drift.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/mm.h>

#include "test.h"

/* Kmemleak takes half a millisecond to learn of a block and to forget it. */
#define BLOCK_BYTES	(IS_ENABLED(CONFIG_DEBUG_KMEMLEAK) ? 1024 : 256)

static bool enough_cpus(void)
{
	if (num_online_cpus() > 1)
		return true;
	test_skip("needs two CPUs; boot with --cpus 4");
	return false;
}

struct load {
	unsigned int nr;
	void **p;
};

static bool load_open(struct load *load, unsigned int nr)
{
	load->nr = nr;
	load->p = kvcalloc(nr, sizeof(*load->p), GFP_KERNEL);
	return expect_not_null(load->p);
}

static void load_get(void *arg)
{
	struct load *load = arg;
	unsigned int i;

	for (i = 0; i < load->nr; i++) {
		load->p[i] = hoardk_alloc(BLOCK_BYTES, GFP_KERNEL);
		if (!expect(real_block(load->p[i])))
			return;
		*(unsigned int *)load->p[i] = i;
	}
}

static void load_free(void *arg)
{
	struct load *load = arg;
	unsigned int i;

	for (i = 0; i < load->nr; i++) {
		if (real_block(load->p[i]))
			expect_eq(*(unsigned int *)load->p[i], i);
		hoardk_free(load->p[i]);
		load->p[i] = NULL;
	}
}

/*
 * What a few superblocks for each of @cpus and for the cache of empties take.
 */
static u64 small_change(unsigned int cpus)
{
	struct stats stats;

	stats_read(&stats);
	return (cpus * (stats.value[STAT_SLACK_SUPERBLOCKS] + 2) + 16) *
	       stats.value[STAT_SUPERBLOCK_BYTES];
}

/*
 * Poll until at most @most bytes are held and no remote free waits; how many
 * ms that took.
 */
static s64 wait_settled(u64 most, unsigned int limit_ms)
{
	ktime_t began = ktime_get();
	struct stats stats;
	s64 ms;

	do {
		ms = ktime_ms_delta(ktime_get(), began);
		stats_read(&stats);
		if (stats.value[STAT_HELD_BYTES] <= most &&
		    !stats.value[STAT_REMOTE_PENDING_BYTES])
			return ms;
		msleep(20);
	} while (ms < limit_ms);
	return ms;
}

#define SLOTS	64

struct ring {
	void *slot[SLOTS];
	unsigned int total;
};

/* A pipe of one producer and one consumer; empty slots hold NULL. */
static void produce(void **slot, unsigned int i)
{
	void *p = hoardk_alloc(16 + i % 500, GFP_KERNEL);

	if (expect(real_block(p)))
		fill(p, 16 + i % 500, i);
	else
		p = ZERO_SIZE_PTR;
	while (READ_ONCE(*slot))
		cond_resched();
	/* Pairs with consume(): the block is filled. */
	smp_store_release(slot, p);
}

static void consume(void **slot, unsigned int i)
{
	void *p;

	do {
		/* Pairs with produce(). */
		p = smp_load_acquire(slot);
		cond_resched();
	} while (!p);
	if (real_block(p))
		expect(intact(p, 16 + i % 500, i));
	hoardk_free(p);
	/* The slot may be filled again only after the free. */
	smp_store_release(slot, NULL);
}

static void ring_member(unsigned int index, void *arg)
{
	struct ring *ring = arg;
	unsigned int i;

	for (i = 0; i < ring->total; i++) {
		if (index)
			consume(&ring->slot[i % SLOTS], i);
		else
			produce(&ring->slot[i % SLOTS], i);
	}
}

static void pipe(void)
{
	struct ring ring = { .total = 20000 };
	struct stats before, after;
	u64 frees;

	if (!enough_cpus())
		return;
	stats_read(&before);
	team(2, ring_member, &ring);
	hoardk_give_back();
	stats_read(&after);
	frees = after.value[STAT_LOCAL_FREES] + after.value[STAT_REMOTE_FREES] -
		before.value[STAT_LOCAL_FREES] -
		before.value[STAT_REMOTE_FREES];
	expect_eq(frees, (u64)ring.total);
	/* With little slack most are the global heap's, and so freed there. */
	if (policy_is("ownership") ||
	    (policy_is("hoard") && after.value[STAT_SLACK_SUPERBLOCKS] > 8))
		expect_ge(after.value[STAT_REMOTE_FREES] -
			  before.value[STAT_REMOTE_FREES],
			  (u64)ring.total / 2);
}

/*
 * What is promised is a second.  An emulated machine on a busy host gets half a
 * second more, and no more: a slow decay must not pass for a slow host.
 */
#define SOON_MS		1500

/*
 * The owner never runs again by itself: what others freed must go home, and
 * the memory to the page allocator, without anyone asking.  A block that stays
 * keeps hoardk from just giving up everything.  The other policies keep what a
 * heap in use has; with them only the blocks must go home.
 */
static void idle_owner_shrinks(void)
{
	void *stays = hoardk_alloc(BLOCK_BYTES, GFP_KERNEL);
	u64 held, peak, most = U64_MAX;
	struct load load;
	s64 ms;

	if (policy_is("local")) {
		test_skip("policy=local leaves blocks where they were freed");
		goto out;
	}
	if (!enough_cpus() || !load_open(&load, SZ_16M / BLOCK_BYTES))
		goto out;
	/* Three CPUs take part: the others, however many, must hold nothing. */
	hoardk_give_back();
	held = stat_now(STAT_HELD_BYTES);
	on_cpu(cpu_at(1), load_get, &load);
	peak = stat_now(STAT_HELD_BYTES);
	expect_ge(peak, held + SZ_16M);
	expect_lt(small_change(3), (u64)SZ_8M);
	on_cpu(cpu_at(0), load_free, &load);
	if (policy_is("hoard"))
		most = held + small_change(3);
	ms = wait_settled(most, SOON_MS + 3500);
	results_note("%llu held bytes fell to %llu in %lld ms", peak,
		     stat_now(STAT_HELD_BYTES), ms);
	expect_le(ms, (s64)SOON_MS);
	kvfree(load.p);
out:
	hoardk_free(stays);
}

/* With nothing in use everything goes back. */
static void idle_gives_all_back(void)
{
	struct load load;
	unsigned int i;
	s64 ms;

	if (hoardk_heap_in_use(NULL)) {
		test_skip("somebody else holds blocks");
		return;
	}
	if (!load_open(&load, SZ_1M / BLOCK_BYTES))
		return;
	for (i = 0; i < num_online_cpus(); i++) {
		on_cpu(cpu_at(i), load_get, &load);
		on_cpu(cpu_at(i + i % 2), load_free, &load);
	}
	ms = wait_settled(0, SOON_MS + 3500);
	results_note("all given back after %lld ms", ms);
	expect_eq(stat_now(STAT_HELD_BYTES), 0ull);
	expect_le(ms, (s64)SOON_MS);
	kvfree(load.p);
}

static void give_back_at_once(void)
{
	struct load load;

	if (!load_open(&load, SZ_1M / BLOCK_BYTES))
		return;
	on_cpu(cpu_at(1), load_get, &load);
	on_cpu(cpu_at(0), load_free, &load);
	hoardk_give_back();
	expect_eq(stat_now(STAT_REMOTE_PENDING_BYTES), 0ull);
	if (!hoardk_heap_in_use(NULL))
		expect_eq(stat_now(STAT_HELD_BYTES), 0ull);
	kvfree(load.p);
}

static void load_nothing(void *unused)
{
}

/* The part of A that waits neither in the pool nor to be returned. */
static u64 held_by_heaps(void)
{
	struct stats stats;

	stats_read(&stats);
	return (stats.value[STAT_SUPERBLOCKS_LOCAL] +
		stats.value[STAT_SUPERBLOCKS_GLOBAL]) *
	       stats.value[STAT_SUPERBLOCK_BYTES];
}

/*
 * The CPUs take turns at allocating, and all is freed elsewhere.  If an owner
 * had to come by before its blocks return, every CPU would keep a full load.
 * At most an eighth of a heap is not drained yet when its owner is kicked, so
 * heaps hold U / (1/2 - 1/8) at most, and small change.  What has come back to
 * the pool does not count: only time takes it from there, another node cannot
 * use it, and how long a grace period takes is the host's affair.  @turns: for
 * each CPU; @pause_ms: what late kicks get after each.
 */
static void take_turns(unsigned int turns, unsigned int pause_ms)
{
	struct load load;
	unsigned int round;
	u64 most = 0;

	if (!policy_is("hoard")) {
		test_skip("only policy=hoard bounds the blowup");
		return;
	}
	if (!enough_cpus() || !load_open(&load, SZ_16M / BLOCK_BYTES))
		return;
	for (round = 0; round < turns * num_online_cpus(); round++) {
		on_cpu(cpu_at(round), load_get, &load);
		most = max(most, held_by_heaps());
		on_cpu(cpu_at(round + 1), load_free, &load);
		/* However busy it is: a kick that takes long lets others pass. */
		on_cpu(cpu_at(round), load_nothing, NULL);
		hoardk_heap_await_kicks(NULL);
		if (pause_ms)
			msleep(pause_ms);
	}
	results_note("16 MiB in use, at most %llu bytes held by heaps", most);
	expect_le(most, SZ_16M * 8ull / 3 +
			small_change(num_online_cpus()));
	expect_eq(hoardk_verify(), 0u);
	kvfree(load.p);
}

static void rotating_producers(void)
{
	take_turns(3, 100);
}

/* Without a pause only kicks, no time, bring the blocks home. */
static void kicked_owners(void)
{
	take_turns(4, 0);
}

#define LIVE	400

struct mesh {
	unsigned int rounds;
	void *slot[8][LIVE];
};

/*
 * Everybody swaps blocks with everybody: what an exchange brings out of a slot
 * may be from any CPU, and is freed here.
 */
static void mesh_member(unsigned int index, void *arg)
{
	struct mesh *mesh = arg;
	struct rnd_state rnd;
	unsigned int i;

	prandom_seed_state(&rnd, test_seed + index);
	for (i = 0; i < mesh->rounds; i++) {
		unsigned int row = below(&rnd, num_online_cpus()) % 8;
		unsigned int column = below(&rnd, LIVE);
		size_t size = 24 + column * 4;
		void *p = hoardk_alloc(size, GFP_KERNEL);

		if (expect(real_block(p)))
			fill(p, size, row * LIVE + column);
		p = xchg(&mesh->slot[row][column], p);
		if (p)
			expect(intact(p, size, row * LIVE + column));
		hoardk_free(p);
		cond_resched();
	}
}

static void mesh(void)
{
	struct mesh *mesh = kvzalloc(sizeof(*mesh), GFP_KERNEL);
	unsigned int i;

	if (!expect_not_null(mesh))
		return;
	mesh->rounds = 8000;
	team(min(num_online_cpus(), 8u), mesh_member, mesh);
	expect_eq(hoardk_verify(), 0u);
	for (i = 0; i < 8; i++)
		hoardk_free_bulk(LIVE, mesh->slot[i]);
	kvfree(mesh);
}

static const struct test_case remote_cases[] = {
	{ "pipe", pipe },
	{ "idle_owner_shrinks", idle_owner_shrinks },
	{ "idle_gives_all_back", idle_gives_all_back },
	{ "give_back_at_once", give_back_at_once },
	{ "rotating_producers", rotating_producers },
	{ "kicked_owners", kicked_owners },
	{ "mesh", mesh },
};

TEST_SUITE(remote);
