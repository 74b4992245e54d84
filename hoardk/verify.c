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

#include "detach.h"
#include "heap.h"
#include "remote.h"

/* Where a walk may be: at a list, then at a bin. */
#define WALK_LISTS	(1 + NR_KINDS + NR_LISTED * NR_CLASSES)
#define WALK_END	(WALK_LISTS + NR_CLASSES)

/*
 * A part of a walk, in words of bitmaps; a superblock counts for WALK_FIXED
 * more, a list for one.
 */
#define WALK_WORDS	512
#define WALK_FIXED	8

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
	if (sb->magic != ((unsigned long)sb ^ SUPERBLOCK_MAGIC)) {
		violation(sum, o, NULL, "no magic");
		return;
	}
	sum->used += (long)superblock_used(sb) * sb->size;
	if (sb->owner != o || sb->heap != o->heap)
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

/* The list that a walk is at, and which group is on it. */
static const struct hlist_head *walk_list(const struct owner *o,
					  unsigned int at, enum group *group)
{
	if (!at) {
		*group = GROUP_FULL;
		return &o->full;
	}
	at--;
	if (at < NR_KINDS) {
		*group = GROUP_EMPTY;
		return &o->empty[at];
	}
	at -= NR_KINDS;
	*group = FIRST_LISTED + at / NR_CLASSES;
	return &o->lists[at / NR_CLASSES][at % NR_CLASSES];
}

/* A list is right as a whole. */
static void check_head(struct sum *sum, const struct owner *o,
		       const struct hlist_head *list, enum group group,
		       unsigned int class)
{
	if (group == GROUP_EMPTY || group == GROUP_FULL)
		return;
	if (hlist_empty(list) ==
	    !!(o->nonempty[group - FIRST_LISTED] & BIT_ULL(class)))
		violation(sum, o, NULL, "nonempty mask");
}

static void check_member(struct sum *sum, const struct owner *o,
			 const struct superblock *sb, unsigned int at,
			 enum group group)
{
	if (group == GROUP_EMPTY) {
		sum->empty++;
		if (superblock_kind(sb) != at - 1)
			violation(sum, o, sb, "kind of list");
	} else if (group != GROUP_FULL) {
		if (sb->class != (at - 1 - NR_KINDS) % NR_CLASSES)
			violation(sum, o, sb, "class of list");
	}
	check_listed(sum, o, sb, group);
}

/* One step on a list; how long it takes, in words of bitmaps. */
static unsigned int walk_step(struct sum *sum, const struct owner *o,
			      struct walk *walk)
{
	const struct hlist_head *list;
	struct superblock *sb;
	enum group group;

	list = walk_list(o, walk->at, &group);
	if (!walk->entered) {
		walk->entered = true;
		walk->next = list->first;
		check_head(sum, o, list, group,
			   (walk->at - 1 - NR_KINDS) % NR_CLASSES);
	}
	if (!walk->next) {
		walk->entered = false;
		walk->at++;
		return 1;
	}
	sb = hlist_entry(walk->next, struct superblock, link);
	walk->next = sb->link.next;
	check_member(sum, o, sb, walk->at, group);
	return WALK_FIXED + sb->words;
}

static unsigned int walk_bin(struct sum *sum, const struct owner *o,
			     struct walk *walk)
{
	unsigned int class = walk->at++ - WALK_LISTS;
	struct superblock *sb = bin_active(&o->bins[class]);

	if (!sb)
		return 1;
	check_superblock(sum, o, sb, GROUP_ACTIVE);
	return WALK_FIXED + sb->words;
}

/* A bounded part of the walk; true while there is more.  The owner's section. */
static bool walk_on(struct sum *sum, const struct owner *o, struct walk *walk)
{
	unsigned int words = 0;

	while (words < WALK_WORDS) {
		if (walk->at < WALK_LISTS)
			words += walk_step(sum, o, walk);
		else if (walk->at < WALK_END)
			words += walk_bin(sum, o, walk);
		else
			return false;
	}
	return true;
}

/* After an undisturbed walk. */
static void check_totals(struct sum *sum, const struct owner *o, bool owes)
{
	if (sum->empty != o->nr_empty)
		violation(sum, o, NULL, "number of empty superblocks");
	if (sum->held != o->held_bytes)
		violation(sum, o, NULL, "a_i is not what its superblocks are");
	if (o->heap->policy != HOARDK_POLICY_LOCAL &&
	    sum->used != o->used_bytes)
		violation(sum, o, NULL, "u_i is not what its blocks are");
	if (o->used_bytes < o->invariant && !owes)
		violation(sum, o, NULL, "the invariant does not hold");
}

/* Nobody else works on @h: it has been taken from its CPU. */
static unsigned int verify_local(struct local_heap *h)
{
	struct sum sum = { 0 };
	struct walk walk = { 0 };

	while (walk_on(&sum, &h->own, &walk))
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
	bool more;

	global_lock(g, &flags);
	before = operations(o);
	for (;;) {
		o->walk = NULL;
		more = walk_on(sum, o, &walk);
		if (!more)
			break;
		o->walk = &walk;
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
EXPORT_SYMBOL_NS_GPL(hoardk_verify, HOARDK);

/* See hoardk_test.h. */
size_t hoardk_heap_in_use(struct hoardk_heap *heap)
{
	long bytes;

	mutex_lock(&heaps_mutex);
	bytes = heap_in_use(heap ? : &general_heap);
	mutex_unlock(&heaps_mutex);
	return bytes;
}
EXPORT_SYMBOL_NS_GPL(hoardk_heap_in_use, HOARDK);

static long owner_pending(const struct owner *o)
{
	return READ_ONCE(o->remote_out) - READ_ONCE(o->drained);
}

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
EXPORT_SYMBOL_NS_GPL(hoardk_heap_pending, HOARDK);

/* See hoardk_test.h. */
void hoardk_give_back(void)
{
	heap_give_back();
}
EXPORT_SYMBOL_NS_GPL(hoardk_give_back, HOARDK);
