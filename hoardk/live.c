// SPDX-License-Identifier: GPL-2.0
/*
 * Who holds what.  Contexts and locks: see live.h.
 *
 * Clients may go on meanwhile: a local heap is looked at on its CPU in busy
 * sections, the global heap under its lock, large allocations under RCU, all of
 * it in bounded parts.  So no superblock goes away while it is looked at; what is
 * allocated, freed or moved while the list is made may be in it, or not, or twice;
 * so may be what lies in the same superblock.
 *
 * The file is made when it is opened, and printed from that.
 */
#define pr_fmt(fmt) "hoardk: " fmt

#include <linux/cpu.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <linux/sort.h>
#include <linux/stdarg.h>
#include <linux/vmalloc.h>

#include "checked.h"
#include "heap.h"
#include "large.h"
#include "live.h"
#include "walk.h"
#include "who.h"

/* Groups that are told apart, and at how many places each is looked for. */
#define GROUPS		1024
#define PROBES		32

/* Blocks looked at in one go, and what that takes of a part of a walk. */
#define LIVE_BLOCKS	32
#define LIVE_WORDS	(WALK_WORDS / 2)

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
 * @next: heap's list, or NULL
 * @name: the heap's
 * @checks: the heap's
 * @now: jiffies when the list was begun
 * @nr: groups
 * @count: blocks, those of no group included
 * @bytes: of these
 * @named: blocks in groups
 * @walk: over the owner that is being looked at
 * @local: of the heap
 * @groups: by a hash, then sorted; none if the heap is not tracked
 */
struct live {
	struct live *next;
	char name[HEAP_NAME_MAX];
	unsigned int checks;
	u32 now;
	unsigned int nr;
	unsigned long count;
	unsigned long bytes;
	unsigned long named;
	struct walk walk;
	struct local_heap * __percpu *local;
	struct live_group groups[];
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

static unsigned int live_superblock(void *arg, const struct owner *o,
				    struct superblock *sb, struct walk *walk)
{
	u32 i, end = min(walk->index + LIVE_BLOCKS, sb->capacity);
	struct live *l = arg;
	struct trailer t;

	if (sb->group == GROUP_EMPTY)
		return sb->words;
	for (i = walk->index; i < end; i++)
		if (!superblock_is_free(sb, i) && checked_read(sb, i, &t))
			live_add(l, sb->size, t.size, t.who, t.when);
	walk->index = end < sb->capacity ? end : 0;
	return LIVE_WORDS;
}

static const struct visitor visitor = { .superblock = live_superblock };

/*
 * By a worker of the local heap's CPU, which stays there between the parts, as the
 * local heap does while heaps_mutex is held.
 */
static int live_local(void *arg)
{
	struct live *l = arg;
	struct local_heap *h;
	bool more;

	l->walk = (struct walk){ 0 };
	do {
		more = false;
		preempt_disable();
		h = this_cpu_read(*l->local);
		if (local_enter_any(h)) {
			more = walk_on(&l->walk, &h->own, &visitor, l);
			local_exit_any(h);
		}
		preempt_enable();
		cond_resched();
	} while (more);
	return 0;
}

static void live_global(struct live *l, struct global_heap *g)
{
	unsigned long flags;
	bool more;

	l->walk = (struct walk){ 0 };
	do {
		global_lock(g, &flags);
		more = walk_on(&l->walk, &g->own, &visitor, l);
		global_unlock(g, flags);
		cond_resched();
	} while (more);
}

static int by_bytes(const void *a, const void *b)
{
	const struct live_group *left = a, *right = b;

	if (left->bytes == right->bytes)
		return 0;
	return left->bytes < right->bytes ? 1 : -1;
}

/* Who asks is told where there is no memory: that is no bug for the kernel to warn of. */
static struct live *live_create(const struct hoardk_heap *heap)
{
	unsigned int groups = heap->checks & HOARDK_CHECK_OWNER ? GROUPS : 0;
	struct live *l = __vmalloc(sizeof(*l) + groups * sizeof(l->groups[0]),
				   GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);

	if (!l)
		return NULL;
	strscpy(l->name, heap->name, sizeof(l->name));
	l->checks = heap->checks;
	l->local = heap->local;
	return l;
}

/* CPUs do not come and go, or have no local heap. */
static void live_gather(struct live *l, struct hoardk_heap *heap)
{
	int cpu;

	l->now = jiffies;
	live_global(l, &heap->global);
	for_each_online_cpu(cpu) {
		if (heap_local(heap, cpu) == &busy_heap)
			continue;
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
	struct live *l = live_create(heap);
	long bytes;

	if (!l) {
		bytes = heap_in_use(heap);
		if (bytes)
			pr_warn("heap %s goes away with %ld bytes in use, and no memory to say whose\n",
				heap->name, bytes);
		return;
	}
	live_gather(l, heap);
	if (l->count) {
		pr_warn("heap %s goes away with %lu live blocks, %lu bytes; the largest:\n",
			l->name, l->count, l->bytes);
		say_groups(NULL, l, REPORTED);
	}
	vfree(l);
}

static void live_release_all(struct live *l)
{
	struct live *next;

	for (; l; l = next) {
		next = l->next;
		vfree(l);
	}
}

/* A list of each heap; false when there is no memory. */
static bool live_gather_all(struct live **first)
{
	struct live **last = first;
	struct hoardk_heap *heap;
	bool done = true;

	*first = NULL;
	cpus_read_lock();
	mutex_lock(&heaps_mutex);
	list_for_each_entry(heap, &heaps, link) {
		*last = live_create(heap);
		if (!*last) {
			done = false;
			break;
		}
		if (heap->checks & HOARDK_CHECK_OWNER)
			live_gather(*last, heap);
		last = &(*last)->next;
	}
	mutex_unlock(&heaps_mutex);
	cpus_read_unlock();
	return done;
}

static void show_heap(struct seq_file *m, const struct live *l)
{
	char checks[64];

	checks_name(l->checks, checks, sizeof(checks));
	if (!(l->checks & HOARDK_CHECK_OWNER)) {
		say(m, "heap %s: not tracked: that takes checks=owner, and it has %s",
		    l->name, checks);
		return;
	}
	say(m, "heap %s: %lu live blocks, %lu bytes, %u callers, checks %s",
	    l->name, l->count, l->bytes, l->nr, checks);
	say_groups(m, l, GROUPS);
}

static int live_show(struct seq_file *m, void *v)
{
	const struct live *l;

	for (l = m->private; l; l = l->next)
		show_heap(m, l);
	return 0;
}

static int live_open(struct inode *inode, struct file *file)
{
	struct live *first;
	int err = -ENOMEM;

	if (live_gather_all(&first))
		err = single_open(file, live_show, first);
	if (err)
		live_release_all(first);
	return err;
}

static int live_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;

	live_release_all(m->private);
	return single_release(inode, file);
}

/* The debugfs file live. */
const struct file_operations live_fops = {
	.owner = THIS_MODULE,
	.open = live_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = live_release,
};
