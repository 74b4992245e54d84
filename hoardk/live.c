// SPDX-License-Identifier: GPL-2.0
/*
 * Who holds what.  Contexts and locks: see live.h.
 *
 * Clients may go on meanwhile: a local heap is looked at on its CPU inside a
 * busy section, the global heap under its lock, large allocations under RCU.  So
 * no superblock goes away while it is looked at; what is allocated, freed or
 * moved between owners while the list is made may be in it, or not, or twice.
 */
#define pr_fmt(fmt) "hoardk: " fmt

#include <linux/cpu.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <linux/sort.h>
#include <linux/stdarg.h>
#include <linux/vmalloc.h>

#include "checked.h"
#include "heap.h"
#include "large.h"
#include "live.h"
#include "who.h"

/* Groups that are told apart, and at how many places each is looked for. */
#define GROUPS		1024
#define PROBES		32

/* At the destruction of a heap so many are named. */
#define REPORTED	10
#define DEPTH		16

/**
 * struct live_group - blocks of one size that one caller has allocated
 * @who: the caller; see who.h
 * @block: bytes of a block
 * @count: blocks; 0: the entry is unused
 * @bytes: asked for
 * @youngest: its age in milliseconds
 * @oldest: its age in milliseconds
 */
struct live_group {
	unsigned long who;
	size_t block;
	unsigned long count;
	unsigned long bytes;
	unsigned int youngest;
	unsigned int oldest;
};

/**
 * struct live - the live blocks of a heap
 * @heap: which
 * @now: jiffies when the list was begun
 * @nr: groups
 * @count: blocks, those of no group included
 * @bytes: of these
 * @named: blocks in groups
 * @groups: by a hash, then sorted
 */
struct live {
	struct hoardk_heap *heap;
	u32 now;
	unsigned int nr;
	unsigned long count;
	unsigned long bytes;
	unsigned long named;
	struct live_group groups[GROUPS];
};

/* The group's entry, or a free one for it; NULL: there is no room. */
static struct live_group *live_find(struct live *l, unsigned long who,
				    size_t block)
{
	unsigned int i, at = hash_long(who + block, ilog2(GROUPS));
	struct live_group *g;

	for (i = 0; i < PROBES; i++) {
		g = &l->groups[(at + i) % GROUPS];
		if (!g->count || (g->who == who && g->block == block))
			return g;
	}
	return NULL;
}

static void live_add(void *arg, size_t block, size_t size, unsigned long who,
		     u32 when)
{
	struct live *l = arg;
	struct live_group *g = live_find(l, who, block);
	/* What came after the list was begun has no age. */
	unsigned int age = jiffies_to_msecs(max((s32)(l->now - when), 0));

	l->count++;
	l->bytes += size;
	if (!g)
		return;
	l->named++;
	if (!g->count) {
		l->nr++;
		g->who = who;
		g->block = block;
		g->youngest = age;
	}
	g->count++;
	g->bytes += size;
	g->youngest = min(g->youngest, age);
	g->oldest = max(g->oldest, age);
}

static void live_superblock(struct superblock *sb, void *arg)
{
	struct trailer t;
	u32 i;

	for (i = 0; i < sb->capacity; i++)
		if (!superblock_is_free(sb, i) && checked_read(sb, i, &t))
			live_add(arg, sb->size, t.size, t.who, t.when);
}

/* On the CPU of the local heap. */
static int live_local(void *arg)
{
	struct live *l = arg;
	struct local_heap *h;

	preempt_disable();
	h = this_cpu_read(*l->heap->local);
	if (local_enter_any(h)) {
		owner_for_each(&h->own, live_superblock, l);
		local_exit_any(h);
	}
	preempt_enable();
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	const struct live_group *left = a, *right = b;

	if (left->bytes == right->bytes)
		return 0;
	return left->bytes < right->bytes ? 1 : -1;
}

/* CPUs do not come and go, or have no local heap. */
static void live_gather(struct live *l, struct hoardk_heap *heap)
{
	unsigned long flags;
	int cpu;

	memset(l, 0, sizeof(*l));
	l->heap = heap;
	l->now = jiffies;
	global_lock(&heap->global, &flags);
	owner_for_each(&heap->global.own, live_superblock, l);
	global_unlock(&heap->global, flags);
	for_each_online_cpu(cpu) {
		if (heap_local(heap, cpu) == &busy_heap)
			continue;
		if (cpu == raw_smp_processor_id())
			live_local(l);
		else
			smp_call_on_cpu(cpu, live_local, l, false);
	}
	large_for_each(heap, live_add, l);
	sort(l->groups, GROUPS, sizeof(l->groups[0]), by_bytes, NULL);
}

/* A line into a file, or into the log if there is none. */
static void __printf(2, 3) say(struct seq_file *m, const char *format, ...)
{
	char line[160];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (m)
		seq_printf(m, "%s\n", line);
	else
		pr_warn("%s\n", line);
}

static void say_group(struct seq_file *m, const struct live_group *g)
{
	unsigned long frames[DEPTH];
	unsigned int i, nr = who_frames(g->who, frames, DEPTH);

	say(m, "%lu bytes in %lu blocks of %zu, %u.%03u to %u.%03u s old, allocated by",
	    g->bytes, g->count, g->block, g->youngest / 1000,
	    g->youngest % 1000, g->oldest / 1000, g->oldest % 1000);
	for (i = 0; i < nr; i++)
		say(m, "  %pS", (void *)frames[i]);
}

static void say_groups(struct seq_file *m, const struct live *l,
		       unsigned int most)
{
	unsigned int i, nr = min(l->nr, most);
	unsigned long count = l->count, bytes = l->bytes;

	for (i = 0; i < nr; i++) {
		say_group(m, &l->groups[i]);
		count -= l->groups[i].count;
		bytes -= l->groups[i].bytes;
	}
	if (count)
		say(m, "and %lu more blocks, %lu bytes, of %s%u more callers",
		    count, bytes, l->named < l->count ? "at least " : "",
		    l->nr - nr);
}

/*
 * The heap goes away and no CPU has a local heap of it: what is live has been
 * forgotten.
 */
void live_report(struct hoardk_heap *heap)
{
	struct live *l = vzalloc(sizeof(*l));

	if (!l)
		return;
	live_gather(l, heap);
	if (l->count) {
		pr_warn("heap %s goes away with %lu live blocks, %lu bytes; the largest:\n",
			heap->name, l->count, l->bytes);
		say_groups(NULL, l, REPORTED);
	}
	vfree(l);
}

static void show_heap(struct seq_file *m, struct live *l,
		      struct hoardk_heap *heap)
{
	char checks[64];

	checks_name(heap->checks, checks, sizeof(checks));
	if (!(heap->checks & HOARDK_CHECK_OWNER)) {
		say(m, "heap %s: not tracked, its checks are %s", heap->name,
		    checks);
		return;
	}
	live_gather(l, heap);
	say(m, "heap %s: %lu live blocks, %lu bytes, %u callers, checks %s",
	    heap->name, l->count, l->bytes, l->nr, checks);
	say_groups(m, l, GROUPS);
}

/* The debugfs file live. */
int live_show(struct seq_file *m, void *v)
{
	struct live *l = vzalloc(sizeof(*l));
	struct hoardk_heap *heap;

	if (!l)
		return -ENOMEM;
	cpus_read_lock();
	mutex_lock(&heaps_mutex);
	list_for_each_entry(heap, &heaps, link)
		show_heap(m, l, heap);
	mutex_unlock(&heaps_mutex);
	cpus_read_unlock();
	vfree(l);
	return 0;
}
