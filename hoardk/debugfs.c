// SPDX-License-Identifier: GPL-2.0
/*
 * The files in /sys/kernel/debug/hoardk: stats for programs, summary, classes,
 * cpus, heaps and live for people, verify, and give_back to write to.  Task context.
 */
#define pr_fmt(fmt) "hoardk: " fmt

#include <linux/debugfs.h>
#include <linux/hoardk_test.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "account.h"
#include "debugfs.h"
#include "heap.h"
#include "live.h"
#include "pool.h"
#include "stats.h"

#define STATS_VERSION	1

static struct dentry *folder;

/* a / b with three places; 0.000 where there is nothing to compare. */
static void show_ratio(struct seq_file *m, const char *name, long a, long b)
{
	u64 milli = b > 0 ? mul_u64_u64_div_u64(max(a, 0L), 1000, b) : 0;

	seq_printf(m, "%s %llu.%03llu\n", name, milli / 1000, milli % 1000);
}

static void show_bound(struct seq_file *m, const char *name)
{
	long bound = stats_bound_bytes();

	if (bound < 0)
		seq_printf(m, "%s inf\n", name);
	else
		show_ratio(m, name, bound, stats_peak_in_use());
}

static void show(struct seq_file *m, const char *name, long value)
{
	seq_printf(m, "%s %ld\n", name, value);
}

static int stats_show(struct seq_file *m, void *v)
{
	long held, peak_held, peak_use, external;
	struct stats s;

	stats_gather(&s);
	held = atomic_long_read(&account.held.now);
	peak_held = atomic_long_read(&account.held.peak);
	peak_use = stats_peak_in_use();
	external = s.block_bytes - s.empty - (s.in_use - s.large) - s.pending;
	seq_printf(m, "version: %d\n", STATS_VERSION);
	show(m, "cpus", num_online_cpus());
	show(m, "superblock_bytes", SUPERBLOCK_SIZE);
	show(m, "slack_superblocks", general_heap.slack);
	show(m, "in_use_bytes", s.in_use);
	show(m, "held_bytes", held);
	show(m, "peak_in_use_bytes", peak_use);
	show(m, "peak_held_bytes", peak_held);
	show_ratio(m, "fragmentation", held, s.in_use);
	show_ratio(m, "blowup", peak_held, peak_use);
	show_bound(m, "blowup_bound");
	show(m, "internal_fragmentation_bytes", s.waste);
	show(m, "external_fragmentation_bytes", max(external, 0L));
	show(m, "overhead_bytes", s.overhead);
	show(m, "large_bytes", s.large);
	show(m, "remote_pending_bytes", s.pending);
	show(m, "allocs", s.allocs);
	show(m, "local_frees", s.local_frees);
	show(m, "remote_frees", s.remote_frees);
	show(m, "superblocks_local", s.local);
	show(m, "superblocks_global", s.global);
	show(m, "superblocks_empty", pool_count());
	show(m, "moves_to_global",
	     atomic_long_read(&account.moves_to_global));
	show(m, "moves_to_local", atomic_long_read(&account.moves_to_local));
	show(m, "invalid_frees", atomic_long_read(&account.invalid_frees));
	show(m, "double_frees", atomic_long_read(&account.double_frees));
	show(m, "alloc_failures", atomic_long_read(&account.alloc_failures));
	show(m, "overflows", atomic_long_read(&account.overflows));
	show(m, "writes_after_free", atomic_long_read(&account.late_writes));
	show(m, "quarantine_bytes", s.quarantine);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

/* In KiB, but what is less than a superblock in bytes. */
static void show_size(struct seq_file *m, const char *name, long bytes)
{
	if (bytes && bytes < (long)SUPERBLOCK_SIZE)
		seq_printf(m, "%-34s %12ld bytes\n", name, bytes);
	else
		seq_printf(m, "%-34s %12ld KiB\n", name, bytes >> 10);
}

static int summary_show(struct seq_file *m, void *v)
{
	struct stats s;

	stats_gather(&s);
	seq_printf(m, "policy %s, K = %u superblocks, f = %u %%, %u CPUs\n\n",
		   policy_name(general_heap.policy), general_heap.slack,
		   general_heap.empty_percent, num_online_cpus());
	show_size(m, "in use (U)", s.in_use);
	show_size(m, "held (A)", atomic_long_read(&account.held.now));
	show_size(m, "peak in use", stats_peak_in_use());
	show_size(m, "peak held", atomic_long_read(&account.held.peak));
	show_ratio(m, "blowup (peak held / peak in use)       ",
		   atomic_long_read(&account.held.peak),
		   stats_peak_in_use());
	show_bound(m, "its bound                              ");
	if (stats_peak_in_use() < (long)SUPERBLOCK_SIZE)
		seq_puts(m, "(less than a superblock was ever in use: no meaningful ratio)\n");
	show_size(m, "internal fragmentation (estimate)", s.waste);
	show_size(m, "overhead", s.overhead);
	show_size(m, "large allocations", s.large);
	show_size(m, "freed remotely, not drained", s.pending);
	seq_puts(m, "\n");
	seq_printf(m, "%-34s %12ld\n", "allocations", s.allocs);
	seq_printf(m, "%-34s %12ld\n", "local frees", s.local_frees);
	seq_printf(m, "%-34s %12ld\n", "remote frees", s.remote_frees);
	seq_printf(m, "%-34s %12ld\n", "superblocks in local heaps", s.local);
	seq_printf(m, "%-34s %12ld\n", "superblocks in the global heap",
		   s.global);
	seq_printf(m, "%-34s %12ld\n", "superblocks empty, in the pool",
		   pool_count());
	seq_printf(m, "%-34s %12ld\n", "moves to the global heap",
		   atomic_long_read(&account.moves_to_global));
	seq_printf(m, "%-34s %12ld\n", "moves to a local heap",
		   atomic_long_read(&account.moves_to_local));
	seq_printf(m, "%-34s %12ld\n", "bad frees refused",
		   atomic_long_read(&account.invalid_frees) +
		   atomic_long_read(&account.double_frees));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(summary);

/* Superblocks of a class in all heaps. */
static unsigned long class_superblocks(unsigned int class)
{
	struct hoardk_heap *heap;
	unsigned long n = 0;
	int cpu;

	list_for_each_entry(heap, &heaps, link) {
		n += READ_ONCE(heap->global.own.superblocks[class]);
		for_each_possible_cpu(cpu)
			n += READ_ONCE(heap_local(heap, cpu)->own.superblocks[class]);
	}
	return n;
}

static int classes_show(struct seq_file *m, void *v)
{
	const struct size_class *k;
	unsigned int c;

	seq_printf(m, "%5s %6s %9s %11s %12s\n", "class", "bytes", "capacity",
		   "superblocks", "held KiB");
	mutex_lock(&heaps_mutex);
	for (c = 0; c < NR_CLASSES; c++) {
		unsigned long n = class_superblocks(c);

		k = &size_classes[c];
		if (n)
			seq_printf(m, "%5u %6u %9u %11lu %12lu\n", c, k->size,
				   k->capacity, n,
				   n * SUPERBLOCK_SIZE >> 10);
	}
	mutex_unlock(&heaps_mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(classes);

static void show_owner(struct seq_file *m, const char *heap, const char *where,
		       const struct owner *o)
{
	seq_printf(m, "%-16s %8s %12ld %12ld %12lu %12lu %12lu\n", heap, where,
		   owner_used_seen(o) >> 10,
		   READ_ONCE(o->held_bytes) >> 10, READ_ONCE(o->allocs),
		   READ_ONCE(o->local_frees), READ_ONCE(o->remote_frees));
}

static int cpus_show(struct seq_file *m, void *v)
{
	const struct local_heap *h;
	struct hoardk_heap *heap;
	char where[16];
	int cpu;

	seq_printf(m, "%-16s %8s %12s %12s %12s %12s %12s\n", "heap", "cpu",
		   "u KiB", "a KiB", "allocs", "local frees", "remote frees");
	mutex_lock(&heaps_mutex);
	list_for_each_entry(heap, &heaps, link) {
		show_owner(m, heap->name, "global", &heap->global.own);
		for_each_possible_cpu(cpu) {
			h = heap_local(heap, cpu);
			if (h == &busy_heap)
				continue;
			snprintf(where, sizeof(where), "%d", cpu);
			show_owner(m, heap->name, where, &h->own);
		}
	}
	mutex_unlock(&heaps_mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cpus);

static int heaps_show(struct seq_file *m, void *v)
{
	struct hoardk_heap *heap;
	struct stats s;

	seq_printf(m, "%-32s %-10s %4s %4s %12s %12s %12s %12s %12s\n", "heap",
		   "policy", "K", "f", "in use", "held", "allocs",
		   "local frees", "remote frees");
	mutex_lock(&heaps_mutex);
	list_for_each_entry(heap, &heaps, link) {
		stats_of_heap(heap, &s);
		seq_printf(m, "%-32s %-10s %4u %4u %12ld %12ld %12ld %12ld %12ld\n",
			   heap->name, policy_name(heap->policy), heap->slack,
			   heap->empty_percent, s.in_use,
			   s.superblock_bytes + s.large, s.allocs,
			   s.local_frees, s.remote_frees);
	}
	mutex_unlock(&heaps_mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(heaps);

static int verify_show(struct seq_file *m, void *v)
{
	unsigned int n = hoardk_verify();

	if (n)
		seq_printf(m, "%u violations; the first ones are in the kernel log\n",
			   n);
	else
		seq_puts(m, "ok\n");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(verify);

static ssize_t give_back_write(struct file *file, const char __user *buf,
			       size_t len, loff_t *pos)
{
	unsigned int value;
	int err = kstrtouint_from_user(buf, len, 10, &value);

	if (err || value != 1) {
		pr_err("give_back takes 1: drain all, and return all empty superblocks\n");
		return -EINVAL;
	}
	hoardk_give_back();
	return len;
}

static const struct file_operations give_back_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = give_back_write,
};

void hoardk_debugfs_init(void)
{
	folder = debugfs_create_dir("hoardk", NULL);
	debugfs_create_file("stats", 0444, folder, NULL, &stats_fops);
	debugfs_create_file("summary", 0444, folder, NULL, &summary_fops);
	debugfs_create_file("classes", 0444, folder, NULL, &classes_fops);
	debugfs_create_file("cpus", 0444, folder, NULL, &cpus_fops);
	debugfs_create_file("heaps", 0444, folder, NULL, &heaps_fops);
	debugfs_create_file("live", 0400, folder, NULL, &live_fops);
	debugfs_create_file("verify", 0444, folder, NULL, &verify_fops);
	debugfs_create_file("give_back", 0200, folder, NULL, &give_back_fops);
}

void hoardk_debugfs_exit(void)
{
	debugfs_remove(folder);
}
