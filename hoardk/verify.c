// SPDX-License-Identifier: GPL-2.0
/*
 * The check of every structure, for tests.  Task context; takes heaps_mutex.
 *
 * A local heap is checked on its CPU inside a busy section, the global heap
 * under its lock: so the check may run at any time, though it is not bounded
 * and holds up its CPU.  A local heap on which nothing has happened since it
 * was found right is not looked at again.
 */
#define pr_fmt(fmt) "hoardk: verify: " fmt

#include <linux/cpu.h>
#include <linux/export.h>
#include <linux/hoardk_test.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/smp.h>

#include "heap.h"
#include "remote.h"

/**
 * struct sum - what an owner's superblocks add up to
 * @held: bytes
 * @used: bytes in blocks in use
 * @bad: violations
 * @first: the first of them, to be printed when no lock is held
 * @sb: where it was, or NULL
 * @class: of @sb
 */
struct sum {
	long held;
	long used;
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

static void check_empty(struct sum *sum, const struct owner *o)
{
	struct superblock *sb;
	unsigned int k, n = 0;

	for (k = 0; k < NR_KINDS; k++)
		hlist_for_each_entry(sb, &o->empty[k], link) {
			if (superblock_kind(sb) != k)
				violation(sum, o, sb, "kind of list");
			check_listed(sum, o, sb, GROUP_EMPTY);
			n++;
		}
	if (n != o->nr_empty)
		violation(sum, o, NULL, "number of empty superblocks");
}

static void check_lists(struct sum *sum, const struct owner *o)
{
	struct superblock *sb;
	unsigned int c, g;

	hlist_for_each_entry(sb, &o->full, link)
		check_listed(sum, o, sb, GROUP_FULL);
	check_empty(sum, o);
	for (g = 0; g < NR_LISTED; g++)
		for (c = 0; c < NR_CLASSES; c++) {
			const struct hlist_head *list = &o->lists[g][c];

			if (hlist_empty(list) == !!(o->nonempty[g] & BIT_ULL(c)))
				violation(sum, o, NULL, "nonempty mask");
			hlist_for_each_entry(sb, list, link) {
				if (sb->class != c)
					violation(sum, o, sb, "class of list");
				check_listed(sum, o, sb, g + FIRST_LISTED);
			}
		}
}

/* The owner's section. */
static void check_owner(struct sum *sum, const struct owner *o, bool owes)
{
	struct superblock *sb;
	unsigned int c;

	check_lists(sum, o);
	for (c = 0; c < NR_CLASSES; c++) {
		sb = bin_active(&o->bins[c]);
		if (sb)
			check_superblock(sum, o, sb, GROUP_ACTIVE);
	}
	if (sum->held != o->held_bytes)
		violation(sum, o, NULL, "a_i is not what its superblocks are");
	if (o->heap->policy != HOARDK_POLICY_LOCAL &&
	    sum->used != o->used_bytes)
		violation(sum, o, NULL, "u_i is not what its blocks are");
	if (o->used_bytes < o->invariant && !owes)
		violation(sum, o, NULL, "the invariant does not hold");
}

/* On the CPU of the local heap. */
static int verify_local(void *arg)
{
	struct hoardk_heap *heap = arg;
	struct sum sum = { 0 };
	struct local_heap *h;
	int cpu;

	preempt_disable();
	cpu = smp_processor_id();
	h = this_cpu_read(*heap->local);
	if (local_enter_any(h)) {
		check_owner(&sum, &h->own, h->owes);
		if (!sum.bad)
			h->verified = local_operations(h) + 1;
		local_exit_any(h);
	}
	preempt_enable();
	return report(&sum, heap, cpu);
}

static unsigned int verify_heap(struct hoardk_heap *heap)
{
	struct global_heap *g = &heap->global;
	const struct local_heap *h;
	struct sum sum = { 0 };
	unsigned long flags;
	unsigned int bad;
	int cpu;

	global_lock(g, &flags);
	check_owner(&sum, &g->own, false);
	global_unlock(g, flags);
	bad = report(&sum, heap, -1);
	for_each_online_cpu(cpu) {
		h = heap_local(heap, cpu);
		if (h == &busy_heap || h->verified == local_operations(h) + 1)
			continue;
		if (cpu == raw_smp_processor_id())
			bad += verify_local(heap);
		else
			bad += smp_call_on_cpu(cpu, verify_local, heap, false);
	}
	return bad;
}

/* See hoardk_test.h. */
unsigned int hoardk_verify(void)
{
	struct hoardk_heap *heap;
	unsigned int bad = 0;

	cpus_read_lock();
	mutex_lock(&heaps_mutex);
	list_for_each_entry(heap, &heaps, link)
		bad += verify_heap(heap);
	mutex_unlock(&heaps_mutex);
	cpus_read_unlock();
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

/* See hoardk_test.h. */
void hoardk_give_back(void)
{
	heap_give_back();
}
EXPORT_SYMBOL_NS_GPL(hoardk_give_back, HOARDK);
