// SPDX-License-Identifier: GPL-2.0
/*
 * hoardk_stress: one job of many threads that make, hand on, check and drop
 * blocks of hoardk.
 *
 * insmod does the whole job and returns 0 when it is done; whether hoardk held
 * is in /sys/kernel/debug/hoardk_stress/result, verdict last.  An error of
 * insmod means that there was no job: bad parameters (the log says what is
 * accepted), no memory to set it up, or a signal.
 *
 * hoardk_heap_in_use() is compared to the byte, so nothing else may use the
 * general heap meanwhile.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hoardk.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>

#include "stress.h"

#define MAX_SIZE	65536U
#define MAX_LIVE	1000000U

static char *pattern = "all";
module_param(pattern, charp, 0444);
MODULE_PARM_DESC(pattern, "pairs, all (default), ring, rotate, larson or chain");

static unsigned int seconds;
module_param(seconds, uint, 0444);
MODULE_PARM_DESC(seconds, "how long; without seconds= and ops= 5, chain: until its stages are done");

static unsigned long ops;
module_param(ops, ulong, 0444);
MODULE_PARM_DESC(ops, "how many operations, over all threads, timers not counted");

static unsigned int seed = 1;
module_param(seed, uint, 0444);
MODULE_PARM_DESC(seed, "chooses sizes and ways");

static unsigned int min_size;
module_param(min_size, uint, 0444);
MODULE_PARM_DESC(min_size, "smallest block; 0: the pattern's default");

static unsigned int max_size;
module_param(max_size, uint, 0444);
MODULE_PARM_DESC(max_size, "largest block, up to 65536; 0: the pattern's default");

static char *sizes = "default";
module_param(sizes, charp, 0444);
MODULE_PARM_DESC(sizes, "log (each doubling alike), uniform, or default (the pattern's)");

static unsigned int live;
module_param(live, uint, 0444);
MODULE_PARM_DESC(live, "blocks a thread may hold, chain: of a stage; 0: the pattern's default");

static unsigned int stages = 16;
module_param(stages, uint, 0444);
MODULE_PARM_DESC(stages, "chain: how many, without seconds= and ops=");

static unsigned int batch = 32;
module_param(batch, uint, 0444);
MODULE_PARM_DESC(batch, "operations between two looks at the scheduler, 1 to 1024");

static unsigned int checkpoints = 3;
module_param(checkpoints, uint, 0444);
MODULE_PARM_DESC(checkpoints, "how often all stop within the run to compare figures, up to 1000");

static bool irq;
module_param(irq, bool, 0444);
MODULE_PARM_DESC(irq, "also from timers in hardirq and softirq on each CPU");

static unsigned int irq_us = 500;
module_param(irq_us, uint, 0444);
MODULE_PARM_DESC(irq_us, "how often the timers go off, 50 to 100000 microseconds");

static bool large;
module_param(large, bool, 0444);
MODULE_PARM_DESC(large, "one block in 256 has 16 to 128 KiB");

static bool mix = true;
module_param(mix, bool, 0444);
MODULE_PARM_DESC(mix, "all functions of the API (default), or hoardk_alloc() and hoardk_free() alone");

static unsigned int busted;
module_param(busted, uint, 0444);
MODULE_PARM_DESC(busted, "a control that must fail: 1 corrupt, 2 lose, 3 free twice, 4 overlap");

static int take_pattern(void)
{
	job.pattern = stress_pattern_find(pattern);
	if (!job.pattern)
		return refuse("pattern=", "pairs, all, ring, rotate, larson, chain");
	job.live = live ?: job.pattern->live;
	job.min_size = min_size ?: job.pattern->min_size;
	job.max_size = max_size ?: max(job.pattern->max_size, job.min_size);
	if (!strcmp(sizes, "log"))
		job.uniform = false;
	else if (!strcmp(sizes, "uniform"))
		job.uniform = true;
	else if (!strcmp(sizes, "default"))
		job.uniform = job.pattern->uniform;
	else
		return refuse("sizes=", "log, uniform, default");
	if (job.min_size > job.max_size || job.max_size > MAX_SIZE)
		return refuse("min_size=, max_size=",
			      "1 <= min_size <= max_size <= 65536");
	if (job.live > MAX_LIVE)
		return refuse("live=", "1 to 1000000, 0 for the default");
	return 0;
}

static int take_length(void)
{
	if (seconds && ops)
		return refuse("seconds= with ops=", "one of the two");
	if (seconds > 100000)
		return refuse("seconds=", "1 to 100000");
	if (ops == 1)
		return refuse("ops=", "2 or more");
	if (!stages || stages > 10000)
		return refuse("stages=", "1 to 10000");
	if (checkpoints > 1000)
		return refuse("checkpoints=", "0 to 1000");
	job.seconds = seconds;
	job.ops = ops;
	job.checkpoints = checkpoints;
	if (seconds || ops)
		return 0;
	if (!strcmp(job.pattern->name, "chain"))
		job.ops = 2ULL * stages * job.live;
	else
		job.seconds = 5;
	return 0;
}

static int take_rest(void)
{
	if (!batch || batch > 1024)
		return refuse("batch=", "1 to 1024");
	if (irq_us < 50 || irq_us > 100000)
		return refuse("irq_us=", "50 to 100000");
	if (busted > 4)
		return refuse("busted=", "0 (none) to 4");
	if (busted && job.max_size < 32)
		return refuse("max_size= with busted=", "32 or more");
	job.seed = seed;
	job.batch = batch;
	job.irq = irq;
	job.irq_us = irq_us;
	job.large = large;
	job.mix = mix;
	job.busted = busted;
	return 0;
}

/* What may be live at once, by a generous guess, within half the memory. */
static int check_memory(void)
{
	u64 holders = job.pattern->rotates ? 1 : 2 * num_online_cpus();
	u64 size = (job.min_size + job.max_size) / 2 + sizeof(struct block);

	if (holders * job.live * size <= (u64)totalram_pages() * PAGE_SIZE / 2)
		return 0;
	return refuse("live= times the sizes", "at most half of the memory");
}

static int __init stress_init(void)
{
	int error;

	error = take_pattern() ?: take_length() ?: take_rest() ?:
		check_memory();
	if (error)
		return error;
	error = stress_job_run();
	if (error) {
		stress_busted_exit();
		return error;
	}
	stress_result_create();
	return 0;
}

static void __exit stress_exit(void)
{
	stress_result_destroy();
	stress_busted_exit();
}

module_init(stress_init);
module_exit(stress_exit);

MODULE_DESCRIPTION("Stress test of hoardk");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(HOARDK_NS);
