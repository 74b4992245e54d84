// SPDX-License-Identifier: GPL-2.0
/*
 * hoardk beside SLUB: what a pair of allocation and free costs.
 *
 * Meant for a guest whose clock counts instructions (one nanosecond each), so
 * that a figure is exact and the same in every run; see tools/bench.  Each work
 * runs ROUNDS times, in turn with the others, and the least is taken: the rounds
 * that a timer interrupt fell into are not.
 *
 * insmod runs everything, or what only= names, pinned to one CPU, and leaves
 * the table in /sys/kernel/debug/hoardk_bench/results, a line `work name
 * instructions` each.
 */
#define pr_fmt(fmt) "hoardk_bench: " fmt

#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "bench.h"

#define ROUNDS		40

static unsigned int settle_ms = 3000;
module_param(settle_ms, uint, 0444);
MODULE_PARM_DESC(settle_ms, "wait so long first, for the kernel's start-up work to end");

static unsigned int cpu;
module_param(cpu, uint, 0444);
MODULE_PARM_DESC(cpu, "where it runs (0); what takes two CPUs has any other as well");

static char *only = "";
module_param(only, charp, 0444);
MODULE_PARM_DESC(only, "work that has this in its name (default: all)");

struct kmem_cache *bench_cache;
unsigned int bench_other;

static struct work *const tables[] = { pair_works, stream_works };
static struct dentry *folder;

static struct work *first_work(unsigned int *table)
{
	*table = 0;
	return tables[0];
}

/* The next one after @w, which is in *@table; or NULL. */
static struct work *next_work(struct work *w, unsigned int *table)
{
	if ((++w)->work)
		return w;
	return ++*table < ARRAY_SIZE(tables) ? tables[*table] : NULL;
}

static bool is_nothing(const struct work *w)
{
	return !strcmp(w->name, "nothing");
}

/* What the work costs without an allocator, if that is known. */
static u64 cost_of_nothing(const struct work *of)
{
	unsigned int table;
	struct work *w;

	for (w = first_work(&table); w; w = next_work(w, &table))
		if (is_nothing(w) && !strcmp(w->work, of->work))
			return w->least;
	return 0;
}

static int results_show(struct seq_file *m, void *v)
{
	unsigned int table;
	struct work *w;
	u64 tenths;

	for (w = first_work(&table); w; w = next_work(w, &table)) {
		if (!w->least || is_nothing(w))
			continue;
		tenths = (w->least - cost_of_nothing(w)) * 10 / PAIRS;
		seq_printf(m, "%-36s %-10s %llu.%llu\n", w->work, w->name,
			   tenths / 10, tenths % 10);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(results);

/* One round of everything; rounds alternate between the allocators. */
static void run_round(void)
{
	unsigned int table;
	struct work *w;
	u64 start, took;

	for (w = first_work(&table); w; w = next_work(w, &table)) {
		if (!strstr(w->work, only) ||
		    (tables[table] == stream_works && bench_other == cpu))
			continue;
		start = ktime_get_ns();
		w->run();
		took = ktime_get_ns() - start;
		if (!w->least || took < w->least)
			w->least = took;
		cond_resched();
	}
}

static void run_all(void)
{
	unsigned int table;
	struct work *w;
	int i;

	msleep(settle_ms);
	for (i = 0; i < ROUNDS; i++)
		run_round();
	for (w = first_work(&table); w; w = next_work(w, &table))
		if (w->close)
			w->close();
}

static int __init bench_init(void)
{
	cpumask_var_t before;
	int err = -ENOMEM;

	if (cpu >= nr_cpu_ids || !cpu_online(cpu))
		return -EINVAL;
	bench_other = cpumask_any_but(cpu_online_mask, cpu);
	if (bench_other >= nr_cpu_ids)
		bench_other = cpu;
	if (!alloc_cpumask_var(&before, GFP_KERNEL))
		return -ENOMEM;
	bench_cache = kmem_cache_create("hoardk_bench", BLOCK, 0, 0, NULL);
	if (!bench_cache)
		goto out;
	err = pair_open();
	if (err)
		goto no_heap;
	cpumask_copy(before, current->cpus_ptr);
	set_cpus_allowed_ptr(current, cpumask_of(cpu));
	run_all();
	set_cpus_allowed_ptr(current, before);
	folder = debugfs_create_dir("hoardk_bench", NULL);
	debugfs_create_file("results", 0444, folder, NULL, &results_fops);
	goto out;

no_heap:
	pair_close();
	kmem_cache_destroy(bench_cache);
out:
	free_cpumask_var(before);
	return err;
}

static void __exit bench_exit(void)
{
	debugfs_remove(folder);
	pair_close();
	kmem_cache_destroy(bench_cache);
}

module_init(bench_init);
module_exit(bench_exit);

MODULE_DESCRIPTION("Instruction counts of hoardk and SLUB side by side");
MODULE_AUTHOR("The hoardk developers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(HOARDK);
