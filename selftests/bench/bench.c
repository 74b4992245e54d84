// SPDX-License-Identifier: GPL-2.0
/*
 * hoardk beside SLUB on one CPU: what a pair of allocation and free costs.
 *
 * Meant for a guest whose clock counts instructions (one nanosecond each), so
 * that a figure is exact and the same in every run; see tools/bench.  Each case
 * runs ROUNDS times and the least is taken: the rounds that a timer interrupt
 * or a refill fell into are not.  The loop's own two instructions are part of
 * every figure.
 *
 * insmod runs everything, or what only= names, pinned to one CPU, and leaves
 * the table in /sys/kernel/debug/hoardk_bench/results, a line `work name
 * instructions` each.
 */
#define pr_fmt(fmt) "hoardk_bench: " fmt

#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/hoardk.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#define ROUNDS		40
#define PAIRS		6400
#define BURST		64
#define BLOCK		64

static unsigned int settle_ms = 3000;
module_param(settle_ms, uint, 0444);
MODULE_PARM_DESC(settle_ms, "wait so long first, for the kernel's start-up work to end");

static unsigned int cpu;
module_param(cpu, uint, 0444);
MODULE_PARM_DESC(cpu, "where all of it runs (0)");

static char *only = "";
module_param(only, charp, 0444);
MODULE_PARM_DESC(only, "work that has this in its name (default: all)");

static struct kmem_cache *cache;
static struct hoardk_heap *heap;

/* Heaps with one check each, and one with all. */
static const unsigned int checks[] = {
	HOARDK_CHECK_OWNER, HOARDK_CHECK_REDZONE, HOARDK_CHECK_POISON,
	HOARDK_CHECK_ZERO, HOARDK_CHECK_RANDOM, HOARDK_CHECK_QUARANTINE,
	HOARDK_CHECK_ALL,
};

static struct hoardk_heap *checked[ARRAY_SIZE(checks)];
static struct dentry *folder;
static size_t variable = BLOCK;

/* The compiler must not know that the size is constant. */
#define VARIABLE READ_ONCE(variable)

#define DEFINE_PAIR(name, get, put)					\
static noinline void name(void)						\
{									\
	size_t size = VARIABLE;						\
	void *p;							\
	int i;								\
									\
	(void)size;							\
	for (i = 0; i < PAIRS; i++) {					\
		p = get;						\
		put;							\
	}								\
}

#define DEFINE_BURST(name, get, put)					\
static noinline void name(void)						\
{									\
	size_t size = VARIABLE;						\
	void *p[BURST];							\
	int i, j;							\
									\
	(void)size;							\
	for (i = 0; i < PAIRS / BURST; i++) {				\
		for (j = 0; j < BURST; j++)				\
			p[j] = get;					\
		for (j = 0; j < BURST; j++)				\
			put;						\
	}								\
}

DEFINE_PAIR(pair_hoardk, hoardk_alloc(BLOCK, GFP_KERNEL), hoardk_free(p))
DEFINE_PAIR(pair_hoardk_variable, hoardk_alloc(size, GFP_KERNEL),
	    hoardk_free(p))
DEFINE_PAIR(pair_hoardk_heap, hoardk_heap_alloc(heap, size, GFP_KERNEL),
	    hoardk_free(p))
DEFINE_PAIR(pair_hoardk_zero, hoardk_zalloc(size, GFP_KERNEL), hoardk_free(p))
DEFINE_PAIR(pair_kmalloc, kmalloc(BLOCK, GFP_KERNEL), kfree(p))
DEFINE_PAIR(pair_kmalloc_variable, kmalloc(size, GFP_KERNEL), kfree(p))
DEFINE_PAIR(pair_kmalloc_zero, kzalloc(size, GFP_KERNEL), kfree(p))
DEFINE_PAIR(pair_kmem_cache, kmem_cache_alloc(cache, GFP_KERNEL),
	    kmem_cache_free(cache, p))

#define DEFINE_CHECKED(name, i)						\
	DEFINE_PAIR(name, hoardk_heap_alloc(checked[i], size, GFP_KERNEL), \
		    hoardk_free(p))
DEFINE_CHECKED(pair_owner, 0)
DEFINE_CHECKED(pair_redzone, 1)
DEFINE_CHECKED(pair_poison, 2)
DEFINE_CHECKED(pair_zero, 3)
DEFINE_CHECKED(pair_random, 4)
DEFINE_CHECKED(pair_quarantine, 5)
DEFINE_CHECKED(pair_all_checks, 6)

DEFINE_BURST(burst_hoardk, hoardk_alloc(size, GFP_KERNEL), hoardk_free(p[j]))
DEFINE_BURST(burst_hoardk_constant, hoardk_alloc(BLOCK, GFP_KERNEL),
	     hoardk_free(p[j]))
DEFINE_BURST(burst_kmalloc_constant, kmalloc(BLOCK, GFP_KERNEL), kfree(p[j]))
DEFINE_BURST(burst_kmalloc, kmalloc(size, GFP_KERNEL), kfree(p[j]))
DEFINE_BURST(burst_kmem_cache, kmem_cache_alloc(cache, GFP_KERNEL),
	     kmem_cache_free(cache, p[j]))

static noinline void bulk_hoardk(void)
{
	void *p[BURST];
	int i;

	for (i = 0; i < PAIRS / BURST; i++) {
		if (hoardk_alloc_bulk(BLOCK, GFP_KERNEL, BURST, p) != BURST)
			return;
		hoardk_free_bulk(BURST, p);
	}
}

static noinline void bulk_kmem_cache(void)
{
	void *p[BURST];
	int i;

	for (i = 0; i < PAIRS / BURST; i++) {
		if (kmem_cache_alloc_bulk(cache, GFP_KERNEL, BURST, p) != BURST)
			return;
		kmem_cache_free_bulk(cache, BURST, p);
	}
}

/**
 * struct work - one figure
 * @work: what is done, the same for all allocators that do it
 * @name: the allocator
 * @run: does PAIRS pairs
 * @least: nanoseconds of the best round
 */
struct work {
	const char *work;
	const char *name;
	void (*run)(void);
	u64 least;
};

static struct work works[] = {
	{ "pair of 64 bytes, constant size", "hoardk", pair_hoardk },
	{ "pair of 64 bytes, constant size", "kmalloc", pair_kmalloc },
	{ "pair of 64 bytes, variable size", "hoardk", pair_hoardk_variable },
	{ "pair of 64 bytes, variable size", "kmalloc", pair_kmalloc_variable },
	{ "pair of 64 bytes, own cache or heap", "hoardk", pair_hoardk_heap },
	{ "pair of 64 bytes, own cache or heap", "kmem_cache", pair_kmem_cache },
	{ "pair of 64 bytes, zeroed", "hoardk", pair_hoardk_zero },
	{ "pair of 64 bytes, zeroed", "kmalloc", pair_kmalloc_zero },
	{ "burst of 64, constant size", "hoardk", burst_hoardk_constant },
	{ "burst of 64, constant size", "kmalloc", burst_kmalloc_constant },
	{ "burst of 64, constant size", "kmem_cache", burst_kmem_cache },
	{ "burst of 64, then 64 frees", "hoardk", burst_hoardk },
	{ "burst of 64, then 64 frees", "kmalloc", burst_kmalloc },
	{ "burst of 64, then 64 frees", "kmem_cache", burst_kmem_cache },
	{ "bulk of 64", "hoardk", bulk_hoardk },
	{ "bulk of 64", "kmem_cache", bulk_kmem_cache },
	{ "pair of 64 bytes, checks=owner", "hoardk", pair_owner },
	{ "pair of 64 bytes, checks=redzone", "hoardk", pair_redzone },
	{ "pair of 64 bytes, checks=poison", "hoardk", pair_poison },
	{ "pair of 64 bytes, checks=zero", "hoardk", pair_zero },
	{ "pair of 64 bytes, checks=random", "hoardk", pair_random },
	{ "pair of 64 bytes, checks=quarantine", "hoardk", pair_quarantine },
	{ "pair of 64 bytes, checks=all", "hoardk", pair_all_checks },
};

static int results_show(struct seq_file *m, void *v)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(works); i++)
		if (works[i].least)
			seq_printf(m, "%-36s %-10s %llu.%llu\n", works[i].work,
				   works[i].name, works[i].least / PAIRS,
				   works[i].least * 10 / PAIRS % 10);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(results);

/* One round of everything; rounds alternate between the allocators. */
static void run_round(void)
{
	unsigned int i;
	u64 start, took;

	for (i = 0; i < ARRAY_SIZE(works); i++) {
		if (!strstr(works[i].work, only))
			continue;
		start = ktime_get_ns();
		works[i].run();
		took = ktime_get_ns() - start;
		if (!works[i].least || took < works[i].least)
			works[i].least = took;
		cond_resched();
	}
}

static void run_all(void)
{
	int i;

	msleep(settle_ms);
	for (i = 0; i < ROUNDS; i++)
		run_round();
}

static void checked_destroy(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(checks); i++)
		hoardk_heap_destroy(checked[i]);
}

static bool checked_create(void)
{
	struct hoardk_heap_attr attr = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(checks); i++) {
		attr.checks = checks[i];
		checked[i] = hoardk_heap_create("checked", &attr);
		if (IS_ERR(checked[i]))
			return false;
	}
	return true;
}

static int __init bench_init(void)
{
	cpumask_var_t before;

	if (cpu >= nr_cpu_ids || !cpu_online(cpu))
		return -EINVAL;
	if (!alloc_cpumask_var(&before, GFP_KERNEL))
		return -ENOMEM;
	cache = kmem_cache_create("hoardk_bench", BLOCK, 0, 0, NULL);
	if (!cache)
		goto no_cache;
	heap = hoardk_heap_create("bench", NULL);
	if (IS_ERR(heap) || !checked_create())
		goto no_heap;
	cpumask_copy(before, current->cpus_ptr);
	set_cpus_allowed_ptr(current, cpumask_of(cpu));
	run_all();
	set_cpus_allowed_ptr(current, before);
	free_cpumask_var(before);
	folder = debugfs_create_dir("hoardk_bench", NULL);
	debugfs_create_file("results", 0444, folder, NULL, &results_fops);
	return 0;

no_heap:
	checked_destroy();
	hoardk_heap_destroy(heap);
	kmem_cache_destroy(cache);
no_cache:
	free_cpumask_var(before);
	return -ENOMEM;
}

static void __exit bench_exit(void)
{
	debugfs_remove(folder);
	checked_destroy();
	hoardk_heap_destroy(heap);
	kmem_cache_destroy(cache);
}

module_init(bench_init);
module_exit(bench_exit);

MODULE_DESCRIPTION("Instruction counts of hoardk and SLUB side by side");
MODULE_AUTHOR("The hoardk developers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(HOARDK);
