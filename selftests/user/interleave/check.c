// SPDX-License-Identifier: GPL-2.0
/*
 * What must be so when all tasks of a scenario have run, all work they queued
 * is done and all callbacks have run.
 */
#include "hoardk/account.h"
#include "hoardk/heap.h"
#include "hoardk/remote.h"
#include "module.h"
#include "scenario.h"

/* What waits longest: a kick forwards to an owner that has to be kicked. */
#define SWEEPS	3

static bool is_on(const struct llist_node *list, const struct llist_node *node)
{
	for (; list; list = list->next)
		if (list == node)
			return true;
	return false;
}

/* Calls @fn for each owner of superblocks there is. */
static bool owners_any(bool (*fn)(struct owner *o, const void *arg),
		       const void *arg)
{
	struct hoardk_heap *heap;
	struct local_heap *h;
	int cpu;

	list_for_each_entry(heap, &heaps, link) {
		if (fn(&heap->global.own, arg))
			return true;
		for_each_possible_cpu(cpu) {
			h = *per_cpu_ptr(heap->local, cpu);
			if (h != &busy_heap && fn(&h->own, arg))
				return true;
		}
	}
	return false;
}

static bool has_queued(struct owner *o, const void *node)
{
	return is_on(o->pending.first, node) || is_on(o->drain, node);
}

static bool has_undrained(struct owner *o, const void *arg)
{
	return o->drain || o->pending.first;
}

static bool has_pending(struct owner *o, const void *arg)
{
	return has_undrained(o, NULL) ||
	       (o->cpu >= 0 && local_of(o)->outbox.sb);
}

/* Whoever adds to a global heap's list sees to it that it is drained. */
static bool has_undrained_global(struct owner *o, const void *arg)
{
	return o->cpu < 0 && has_undrained(o, NULL);
}

/* A kick that is not under way any more must not seem to be. */
static bool is_kicked_for_ever(struct owner *o, const void *arg)
{
	return o->cpu >= 0 && local_of(o)->kicked;
}

static unsigned int marked(const struct superblock *sb)
{
	unsigned int w, n = 0;

	for (w = 0; w < sb->words; w++)
		n += hweight_long(superblock_bits(sb)[w]);
	return n;
}

/* Nobody is on the way: what is marked is counted, what is counted queued. */
static void check_superblock(const struct superblock *sb)
{
	const struct remote *remote = &sb->remote;
	const struct hoardk_heap *heap = sb->heap;
	int count = remote->count.counter & REMOTE_COUNT;

	if (!sb->owner || heap->policy == HOARDK_POLICY_LOCAL)
		return;
	if (count &&
	    !owners_any(has_queued, &remote->pending))
		fail("a superblock with remote frees is queued nowhere");
	/* A second free may have counted what a format had unmarked. */
	if (count < (int)marked(sb) + sb->debt ||
	    (!scenario->bad && count > (int)marked(sb) + sb->debt))
		fail("%u blocks are marked, %d counted, the debt is %d",
		     marked(sb), count, sb->debt);
}

static void check_superblocks(void)
{
	struct superblock *sb = (void *)memory_start;

	for (; (char *)sb < memory_start + memory_given();
	     sb = (void *)sb + SUPERBLOCK_SIZE)
		if (memory_is_taken(sb) && superblock_holds(sb, sb))
			check_superblock(sb);
}

static void check_quiet(void)
{
	if (owners_any(is_kicked_for_ever, NULL))
		fail("no kick is under way, and none can be made");
	if (!scenario->nmi && owners_any(has_undrained_global, NULL))
		fail("a global heap has remote frees, and nobody comes by");
	if (scenario->kicks && owners_any(has_undrained, NULL))
		fail("remote frees wait, and nobody has been kicked");
	check_superblocks();
}

static long in_use(void)
{
	struct hoardk_heap *heap;
	long sum = 0;

	list_for_each_entry(heap, &heaps, link)
		sum += hoardk_heap_in_use(heap);
	return sum;
}

static void check_structures(const char *when)
{
	if (hoardk_verify())
		fail("%s: hoardk_verify() complains", when);
}

static void check_blocks(const char *when)
{
	long bytes = in_use();

	blocks_check();
	if (scenario->late)
		return;
	if (bytes != blocks_bytes())
		fail("%s: in use are %ld bytes, not %ld", when, bytes,
		     blocks_bytes());
}

static void check_bad(void)
{
	long n = atomic_long_read(&account.double_frees) +
		 atomic_long_read(&account.invalid_frees);

	if (n > scenario->bad || (n < scenario->bad && !scenario->unsure))
		fail("%ld bad frees are counted, not %u", n, scenario->bad);
}

/* Time passes, and the sweep sees to what nobody came by for. */
static void sweep(void)
{
	unsigned int i;

	for (i = 0; i < SWEEPS; i++) {
		queue_time_passes();
		queue_settle();
	}
	rcu_barrier();
	if (owners_any(has_pending, NULL))
		fail("remote frees are never drained");
}

static void unload(void)
{
	hoardk_give_back();
	check_bad();
	if (in_use())
		fail("nothing is live, but %ld bytes are in use", in_use());
	if (stub_module_refs.counter)
		fail("%ld references to the module are left",
		     stub_module_refs.counter);
	if (stub_module_unload())
		fail("the module cannot be unloaded");
	if (memory_taken())
		fail("%lu pages are not given back", memory_taken());
}

void check_end(void)
{
	bool pending;

	on_cpu(0);
	check_quiet();
	check_structures("at the end");
	/* A second free counts until an outbox is flushed. */
	if (!scenario->bad)
		check_blocks("at the end");
	pending = owners_any(has_pending, NULL);
	sweep();
	if (pending)
		check_structures("after the sweep");
	check_blocks("after the sweep");
	blocks_give_all();
	unload();
}
