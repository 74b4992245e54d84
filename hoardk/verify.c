// SPDX-License-Identifier: GPL-2.0
/*
 * The check of every structure, for tests.  Task context; takes heaps_mutex.
 *
 * The check may run at any time and holds up nobody for long.  A local heap is
 * taken from its CPU meanwhile, as for a detach, and checked as a whole; one on
 * which nothing has happened since it was found right is not looked at again.
 * The global heap is checked under its lock, a part at a time; when others keep
 * changing it in between its superblocks are still checked, but not its totals.
 */
#define pr_fmt(fmt) "hoardk: verify: " fmt

#include <linux/cpu.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/hoardk_test.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "account.h"
#include "detach.h"
#include "heap.h"
#include "remote.h"
#include "resize.h"
#include "walk.h"

/* What the check of a superblock takes besides its bitmaps, in their words. */
#define CHECK_FIXED	8

/* How often a walk over the global heap is tried again when disturbed. */
#define WALKS		8

/**
 * struct sum - what an owner's superblocks add up to
 * @held: bytes
 * @used: bytes in blocks in use
 * @empty: superblocks listed as empty
 * @bad: violations
 * @first: the first of them, to be printed when no lock is held
 * @sb: where it was, or NULL
 * @class: of @sb
 */
struct sum {
	long held;
	long used;
	unsigned int empty;
	unsigned int bad;
	const char *first;
	const void *sb;
	int class;
};

static void violation(struct sum *sum, const struct owner *o,
		      const struct superblock *sb, const char *what)
{
	if (sum->bad++)
		return;
	sum->first = what;
	sum->sb = sb;
	sum->class = sb ? sb->class : -1;
}

static unsigned int report(const struct sum *sum,
			   const struct hoardk_heap *heap, int cpu)
{
	if (sum->bad)
		pr_err("%s cpu %d superblock %p class %d: %s\n", heap->name,
		       cpu, sum->sb, sum->class, sum->first);
	return sum->bad;
}

static void check_bits(struct sum *sum, const struct owner *o,
		       const struct superblock *sb)
{
	unsigned int tail = sb->capacity % BITS_PER_LONG;

	if (tail && sb->free[sb->words - 1] >> tail)
		violation(sum, o, sb, "a free bit beyond the last block");
	if (superblock_used(sb) > sb->capacity)
		violation(sum, o, sb, "used + free is not the capacity");
	if (sb->debt < 0)
		violation(sum, o, sb, "negative debt");
}

static void check_superblock(struct sum *sum, const struct owner *o,
			     const struct superblock *sb, enum group group)
{
	sum->held += SUPERBLOCK_SIZE;
	if (sb->magic != superblock_magic(sb)) {
		violation(sum, o, NULL, "no magic");
		return;
	}
	sum->used += (long)superblock_used(sb) * sb->size;
	if (sb->owner != o || sb->heap != o->heap ||
	    sb->key != superblock_key(sb, o))
		violation(sum, o, sb, "another owner");
	if (sb->group != group)
		violation(sum, o, sb, "on the wrong list");
	if (sb->size != size_classes[sb->class].size)
		violation(sum, o, sb, "the size is not the class's");
	if ((atomic_read(&sb->remote.count) & ~REMOTE_COUNT) !=
	    remote_none(sb->class))
		violation(sum, o, sb, "remote frees count in another class");
	check_bits(sum, o, sb);
}

/*
 * Policy local: who unmarks a block that was freed twice tells the global heap,
 * but cannot tell another local heap, which sees it when it is detached.
 */
static bool unmarked_elsewhere(const struct owner *o)
{
	return o->heap->policy == HOARDK_POLICY_LOCAL && o->cpu >= 0;
}

static void check_listed(struct sum *sum, const struct owner *o,
			 const struct superblock *sb, enum group group)
{
	unsigned int used = superblock_used(sb);

	check_superblock(sum, o, sb, group);
	if (group == GROUP_EMPTY && used)
		violation(sum, o, sb, "in use, but listed as empty");
	if (group == GROUP_FULL && used != sb->capacity)
		violation(sum, o, sb, "not full, but listed as full");
	if (group != GROUP_EMPTY && used && sb->until <= 0)
		violation(sum, o, sb, "a change of group was missed");
	if (group != GROUP_EMPTY && !used && superblock_is_quiet(sb) &&
	    !unmarked_elsewhere(o))
		violation(sum, o, sb, "empty and quiet, but not listed so");
}

/* A list is right as a whole. */
static void check_list(void *sum, const struct owner *o,
		       const struct walk *walk)
{
	if (walk->group == GROUP_EMPTY || walk->group == GROUP_FULL)
		return;
	if (hlist_empty(walk_list(walk, o)) ==
	    !!(o->nonempty[walk->group - FIRST_LISTED] & BIT_ULL(walk->row)))
		violation(sum, o, NULL, "nonempty mask");
}

static unsigned int check_member(void *arg, const struct owner *o,
				 struct superblock *sb, struct walk *walk)
{
	enum group group = walk->group;
	struct sum *sum = arg;

	if (group == GROUP_ACTIVE) {
		check_superblock(sum, o, sb, group);
		return CHECK_FIXED + sb->words;
	}
	if (group == GROUP_EMPTY) {
		sum->empty++;
		if (superblock_kind(sb) != walk->row)
			violation(sum, o, sb, "kind of list");
	} else if (group != GROUP_FULL && sb->class != walk->row) {
		violation(sum, o, sb, "class of list");
	}
	check_listed(sum, o, sb, group);
	return CHECK_FIXED + sb->words;
}

static const struct visitor checks = { check_list, check_member };

/* After an undisturbed walk. */
static void check_totals(struct sum *sum, const struct owner *o, bool owes)
{
	if (sum->empty != o->nr_empty)
		violation(sum, o, NULL, "number of empty superblocks");
	if (sum->held != o->held_bytes)
		violation(sum, o, NULL, "a_i is not what its superblocks are");
	if (o->heap->policy != HOARDK_POLICY_LOCAL &&
	    sum->used != owner_used(o))
		violation(sum, o, NULL, "u_i is not what its blocks are");
	if (owner_used(o) < o->invariant && !owes)
		violation(sum, o, NULL, "the invariant does not hold");
}

/* Nobody else works on @h: it has been taken from its CPU. */
static unsigned int verify_local(struct local_heap *h)
{
	struct sum sum = { 0 };
	struct walk walk = { 0 };

	while (walk_on(&walk, &h->own, &checks, &sum))
		cond_resched();
	check_totals(&sum, &h->own, h->owes);
	if (!sum.bad)
		h->verified = local_operations(h) + 1;
	return report(&sum, h->own.heap, h->own.cpu);
}

static unsigned long operations(const struct owner *o)
{
	return o->allocs + o->local_frees;
}

/*
 * One walk over the global heap, whose lock is let go of in between.  True if
 * nothing happened there meanwhile; only then the totals say something.
 */
static bool walk_global(struct sum *sum, struct global_heap *g)
{
	struct owner *o = &g->own;
	struct walk walk = { 0 };
	unsigned long flags, before;

	global_lock(g, &flags);
	before = operations(o);
	while (walk_on(&walk, o, &checks, sum)) {
		global_unlock(g, flags);
		cond_resched();
		global_lock(g, &flags);
	}
	walk.disturbed |= operations(o) != before;
	if (!walk.disturbed)
		check_totals(sum, o, false);
	global_unlock(g, flags);
	return !walk.disturbed;
}

/* What is small enough for one part of a walk is never disturbed. */
static unsigned int verify_global(struct global_heap *g)
{
	struct sum sum;
	int i;

	for (i = 0; i < WALKS; i++) {
		sum = (struct sum){ 0 };
		if (walk_global(&sum, g) || sum.bad)
			break;
	}
	return report(&sum, g->own.heap, -1);
}

/*
 * The local heaps are taken from their CPUs for as long as they are looked at:
 * blocks that come back wait, and the CPUs allocate from the global heap.
 */
static unsigned int verify_heap(struct hoardk_heap *heap,
				struct local_heap **taken)
{
	unsigned int bad = verify_global(&heap->global);
	const struct local_heap *h;
	bool any = false;
	int cpu;

	for_each_possible_cpu(cpu) {
		h = heap_local(heap, cpu);
		taken[cpu] = NULL;
		if (h == &busy_heap || h->verified == local_operations(h) + 1)
			continue;
		taken[cpu] = detach_begin(heap, cpu);
		any |= !!taken[cpu];
	}
	if (!any)
		return bad;
	/* Every section that still uses one has preemption off. */
	synchronize_rcu();
	for_each_possible_cpu(cpu) {
		if (!taken[cpu])
			continue;
		bad += verify_local(taken[cpu]);
		detach_cancel(heap, cpu, taken[cpu]);
	}
	return bad;
}

/* See hoardk_test.h. */
unsigned int hoardk_verify(void)
{
	struct hoardk_heap *heap;
	struct local_heap **taken;
	unsigned int bad = 0;

	taken = kvcalloc(nr_cpu_ids, sizeof(*taken), GFP_KERNEL | __GFP_NOFAIL);
	cpus_read_lock();
	mutex_lock(&heaps_mutex);
	list_for_each_entry(heap, &heaps, link)
		bad += verify_heap(heap, taken);
	mutex_unlock(&heaps_mutex);
	cpus_read_unlock();
	kvfree(taken);
	return bad;
}
EXPORT_SYMBOL_NS_GPL(hoardk_verify, HOARDK_NS);

/* See hoardk_test.h. */
size_t hoardk_heap_in_use(struct hoardk_heap *heap)
{
	long bytes;

	mutex_lock(&heaps_mutex);
	bytes = heap_in_use(heap ? : &general_heap);
	mutex_unlock(&heaps_mutex);
	return bytes;
}
EXPORT_SYMBOL_NS_GPL(hoardk_heap_in_use, HOARDK_NS);

/* See hoardk_test.h. */
size_t hoardk_heap_pending(struct hoardk_heap *heap)
{
	long bytes;
	int cpu;

	heap = heap ? : &general_heap;
	mutex_lock(&heaps_mutex);
	bytes = owner_pending(&heap->global.own) +
		atomic_long_read(&heap->remote_out);
	for_each_possible_cpu(cpu)
		bytes += owner_pending(&heap_local(heap, cpu)->own);
	mutex_unlock(&heaps_mutex);
	return max(bytes, 0L);
}
EXPORT_SYMBOL_NS_GPL(hoardk_heap_pending, HOARDK_NS);

/* See hoardk_test.h.  A kick takes no mutex; a detach, which ends one, does. */
void hoardk_heap_await_kicks(struct hoardk_heap *heap)
{
	struct local_heap *h;
	int cpu;

	heap = heap ? : &general_heap;
	mutex_lock(&heaps_mutex);
	for_each_possible_cpu(cpu) {
		h = heap_local(heap, cpu);
		if (h != &busy_heap)
			flush_work(&h->kick);
	}
	mutex_unlock(&heaps_mutex);
}
EXPORT_SYMBOL_NS_GPL(hoardk_heap_await_kicks, HOARDK_NS);

/* See hoardk_test.h. */
size_t hoardk_block_bytes(const void *p)
{
	const struct superblock *sb = superblock_of(p);
	size_t size = 0;

	preempt_disable();
	if (superblock_holds(sb, p))
		size = sb->size;
	preempt_enable();
	return size ? : PAGE_ALIGN(usable_size(p));
}
EXPORT_SYMBOL_NS_GPL(hoardk_block_bytes, HOARDK_NS);

/* See hoardk_test.h. */
size_t hoardk_held_bytes(void)
{
	return atomic_long_read(&account.held.now);
}
EXPORT_SYMBOL_NS_GPL(hoardk_held_bytes, HOARDK_NS);

/* See hoardk_test.h. */
void hoardk_give_back(void)
{
	heap_give_back();
}
EXPORT_SYMBOL_NS_GPL(hoardk_give_back, HOARDK_NS);
