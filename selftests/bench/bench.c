// SPDX-License-Identifier: GPL-2.0
/*
 * hoardk beside SLUB: what an allocation and a free cost, and what is held.
 *
 * Time is instructions in a guest whose clock counts these, so that a figure is
 * exact and the same in every run: who starts such a one says so by counted=1, see
 * tools/bench.  Elsewhere it is nanoseconds.
 * Each work runs ROUNDS times, in turn with the others, and the least is taken: the
 * rounds that a timer interrupt fell into are not.  Where each run begins and ends
 * is marked for tools/vm/locked.c.
 *
 * insmod runs every work, or what only= names, pinned to one CPU; or what memory=
 * names.  What came of it is in /sys/kernel/debug/hoardk_bench/: fields parted by
 * tabs.
 */
#define pr_fmt(fmt) "hoardk_bench: " fmt

#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <asm/cpufeature.h>

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
MODULE_PARM_DESC(only, "works that have this, or one of these parted by |, in their name (default: all)");

static bool counted;
module_param(counted, bool, 0444);
MODULE_PARM_DESC(counted, "this machine's clock counts instructions (N)");

static char *memory = "";
module_param(memory, charp, 0444);
MODULE_PARM_DESC(memory, "instead: chain, turns, pipe, shrink or robson, and what is held");

static unsigned int memory_cpus = 4;
module_param(memory_cpus, uint, 0444);
MODULE_PARM_DESC(memory_cpus, "that take turns in it (4)");

unsigned int memory_scale = 1;
module_param(memory_scale, uint, 0444);
MODULE_PARM_DESC(memory_scale, "chain and turns with so many times the blocks (1)");

bool memory_wait = true;
module_param(memory_wait, bool, 0444);
MODULE_PARM_DESC(memory_wait, "chain and turns wait for kicks, as if no CPU were late (Y)");

/* How many a pool keeps for bad times, which a bench does not see. */
#define RESERVE		64

struct kmem_cache *bench_cache;
mempool_t *bench_pool;
unsigned int bench_other;
bool bench_failed;

static struct work *const tables[] = {
	pair_works, size_works, mix_works, cold_works, stream_works, drain_works,
};

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

static const struct point *points_of(const struct work *w)
{
	static const struct point single[] = { { 0, PAIRS }, { } };

	return w->points ?: single;
}

static bool is_end(const struct point *p)
{
	return !p->arg && !p->pairs;
}

static int by_value(const void *a, const void *b)
{
	unsigned long x = *(unsigned long *)a, y = *(unsigned long *)b;

	return x < y ? -1 : x > y;
}

void bench_sort(unsigned long *words, size_t n)
{
	sort(words, n, sizeof(*words), by_value, NULL);
}

/* What the clock of the results counts. */
static int clock_show(struct seq_file *m, void *v)
{
	if (counted)
		seq_puts(m, "instructions\n");
	else if (boot_cpu_has(X86_FEATURE_HYPERVISOR))
		seq_puts(m, "nanoseconds of a virtual machine\n");
	else
		seq_puts(m, "nanoseconds\n");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(clock);

/* A line `work arg allocator pairs time` each, in the order of the runs. */
static int results_show(struct seq_file *m, void *v)
{
	const struct point *p;
	unsigned int table, i;
	struct work *w;

	for (w = first_work(&table); w; w = next_work(w, &table)) {
		p = points_of(w);
		for (i = 0; w->least[0] && !is_end(&p[i]); i++)
			seq_printf(m, "%s\t%u\t%s\t%u\t%llu\n", w->work,
				   p[i].arg, w->name, point_pairs(&p[i]),
				   w->least[i]);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(results);

DEFINE_SHOW_ATTRIBUTE(layout);
DEFINE_SHOW_ATTRIBUTE(reuse);
DEFINE_SHOW_ATTRIBUTE(memory);

/* The largest that hoardk has a class for, and what comes just above. */
#define WASTE_MOST	SZ_16K

/* A line `bytes hoardk kmalloc` each: what a block for them has. */
static int waste_show(struct seq_file *m, void *v)
{
	size_t size;

	for (size = 8; size <= WASTE_MOST; size += 8)
		seq_printf(m, "%zu\t%zu\t%zu\n", size,
			   hoardk_size_roundup(size), kmalloc_size_roundup(size));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(waste);

/* For who counts from outside: nothing else has this instruction. */
static __always_inline void mark_begin(void)
{
	asm volatile("nopl 0x484b0001(%%rax)" ::: "memory");
}

static __always_inline void mark_end(void)
{
	asm volatile("nopl 0x484b0000(%%rax)" ::: "memory");
}

static void run_point(const struct work *w, const struct point *p, u64 *least)
{
	u64 start, took;

	if (w->prepare)
		w->prepare(p);
	if (bench_failed)
		return;
	start = ktime_get_ns();
	mark_begin();
	w->run(p);
	mark_end();
	took = ktime_get_ns() - start;
	if (!*least || took < *least)
		*least = took;
	cond_resched();
}

static bool takes_two(const struct work *table)
{
	return table == stream_works || table == drain_works;
}

/* Has @work a name that only= asks for? */
static bool is_wanted(const struct work *w)
{
	const char *part = only, *at;
	size_t length;

	do {
		length = strcspn(part, "|");
		for (at = w->work; *at; at++)
			if (!strncmp(at, part, length))
				return true;
		part += length;
	} while (*part++);
	return false;
}

/* One round of everything; rounds alternate between the allocators. */
static void run_round(void)
{
	const struct point *p;
	unsigned int table, i;
	struct work *w;

	for (w = first_work(&table); w; w = next_work(w, &table)) {
		if (!is_wanted(w) ||
		    (takes_two(tables[table]) && bench_other == cpu))
			continue;
		p = points_of(w);
		for (i = 0; !is_end(&p[i]); i++)
			run_point(w, &p[i], &w->least[i]);
	}
}

static void run_works(void)
{
	unsigned int table;
	struct work *w;
	int i;

	msleep(settle_ms);
	for (i = 0; i < ROUNDS; i++)
		run_round();
	for (w = first_work(&table); w; w = next_work(w, &table))
		if (w->keeps)
			w->run(NULL);
	if (!*only)
		reuse_run();
	if (bench_other != cpu)
		layout_run();
}

static int run_all(void)
{
	cpumask_var_t before;

	if (*memory)
		return memory_run(memory, memory_cpus);
	if (!alloc_cpumask_var(&before, GFP_KERNEL))
		return -ENOMEM;
	cpumask_copy(before, current->cpus_ptr);
	set_cpus_allowed_ptr(current, cpumask_of(cpu));
	run_works();
	set_cpus_allowed_ptr(current, before);
	free_cpumask_var(before);
	return bench_failed ? -ENOMEM : 0;
}

static void show_all(void)
{
	folder = debugfs_create_dir("hoardk_bench", NULL);
	if (*memory) {
		debugfs_create_file("memory", 0444, folder, NULL, &memory_fops);
		return;
	}
	debugfs_create_file("clock", 0444, folder, NULL, &clock_fops);
	debugfs_create_file("results", 0444, folder, NULL, &results_fops);
	debugfs_create_file("lines", 0444, folder, NULL, &layout_fops);
	debugfs_create_file("waste", 0444, folder, NULL, &waste_fops);
	if (!*only)
		debugfs_create_file("reuse", 0444, folder, NULL, &reuse_fops);
}

static void close_all(void)
{
	memory_close();
	cold_close();
	size_close();
	pair_close();
	mempool_destroy(bench_pool);
	kmem_cache_destroy(bench_cache);
}

static int open_all(void)
{
	int err;

	bench_cache = kmem_cache_create("hoardk_bench", BLOCK, 0, 0, NULL);
	if (!bench_cache)
		return -ENOMEM;
	bench_pool = mempool_create_slab_pool(RESERVE, bench_cache);
	if (!bench_pool)
		return -ENOMEM;
	mix_open();
	err = pair_open() ?: size_open();
	return err ?: cold_open();
}

static int __init bench_init(void)
{
	int err;

	if (cpu >= nr_cpu_ids || !cpu_online(cpu) || !memory_cpus || !memory_scale)
		return -EINVAL;
	bench_other = cpumask_any_but(cpu_online_mask, cpu);
	if (bench_other >= nr_cpu_ids)
		bench_other = cpu;
	err = open_all() ?: run_all();
	if (err)
		close_all();
	else
		show_all();
	return err;
}

static void __exit bench_exit(void)
{
	debugfs_remove(folder);
	close_all();
}

module_init(bench_init);
module_exit(bench_exit);

MODULE_DESCRIPTION("hoardk and SLUB side by side: instructions and memory");
MODULE_AUTHOR("The hoardk developers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(HOARDK_NS);
