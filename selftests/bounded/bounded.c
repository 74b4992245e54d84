// SPDX-License-Identifier: GPL-2.0
/*
 * The longest sections of hoardk's operations: see Documentation/bounded.rst.
 *
 * In /sys/kernel/debug/hoardk_bounded, by writing to "do":
 *
 *   run OPERATION SIZE SUPERBLOCKS   measure one of those in worst.c
 *   open SIZE SUPERBLOCKS [CPU]      a heap full of blocks, of that CPU
 *   measure                          from here
 *   end OPERATION                    to here, what the shell does in between
 *   empty                            free the blocks
 *   close                            free all
 *
 * and "results" has a line for each: operation, size, superblocks, then the
 * longest section with preemption off and with a raw lock held (which has
 * interrupts off), each with the function where it began, and how many there
 * were.
 */
#define pr_fmt(fmt) "hoardk_bounded: " fmt

#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/hoardk.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "bounded.h"
#include "section.h"

#define RESULTS		256

struct result {
	char name[24];
	size_t size;
	unsigned long superblocks;
	struct section_most most[NR_SECTION_KINDS];
};

static struct result results[RESULTS];
static unsigned int nr_results;
static struct scene scene;
static bool is_open;
static DEFINE_MUTEX(mutex);	/* all of it */
static struct dentry *folder;

static int results_show(struct seq_file *m, void *v)
{
	const struct section_most *most;
	unsigned int i, kind;

	mutex_lock(&mutex);
	for (i = 0; i < nr_results; i++) {
		seq_printf(m, "%s %zu %lu", results[i].name, results[i].size,
			   results[i].superblocks);
		for (kind = 0; kind < NR_SECTION_KINDS; kind++) {
			most = &results[i].most[kind];
			seq_printf(m, " %llu ", most->took);
			if (most->site)
				seq_printf(m, "%ps", (void *)most->site);
			else
				seq_puts(m, "-");
			seq_printf(m, " %lu", most->times);
		}
		seq_puts(m, "\n");
	}
	mutex_unlock(&mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(results);

static int keep(const char *name)
{
	struct result *r = &results[nr_results];
	unsigned int kind;

	if (nr_results == RESULTS)
		return -ENOSPC;
	nr_results++;
	strscpy(r->name, name, sizeof(r->name));
	r->size = scene.size;
	r->superblocks = scene.superblocks;
	for (kind = 0; kind < NR_SECTION_KINDS; kind++)
		sections_most(kind, &r->most[kind]);
	return 0;
}

static int run(const char *name, size_t size, unsigned long superblocks)
{
	const struct worst *w = worst_find(name);
	int err;

	if (!w || is_open)
		return -EINVAL;
	memset(&scene, 0, sizeof(scene));
	scene.size = size;
	scene.superblocks = superblocks;
	err = scene_open(&scene, w->general);
	if (err)
		return err;
	if (w->setup)
		err = w->setup(&scene);
	if (!err) {
		sections_forget();
		err = w->run(&scene);
	}
	if (!err)
		err = keep(name);
	scene_close(&scene);
	return err;
}

static long fill_here(void *arg)
{
	return scene_fill(arg);
}

static int open_scene(size_t size, unsigned long superblocks, unsigned int cpu)
{
	int err;

	if (is_open)
		return -EBUSY;
	memset(&scene, 0, sizeof(scene));
	scene.size = size;
	scene.superblocks = superblocks;
	err = scene_open(&scene, false);
	if (err)
		return err;
	is_open = true;
	return work_on_cpu(cpu, fill_here, &scene);
}

static int command(const char *line)
{
	char name[24];
	unsigned long superblocks;
	unsigned int cpu = 0;
	size_t size;

	if (sscanf(line, "run %23s %zu %lu", name, &size, &superblocks) == 3)
		return run(name, size, superblocks);
	if (sscanf(line, "open %zu %lu %u", &size, &superblocks, &cpu) >= 2)
		return open_scene(size, superblocks, cpu);
	if (sysfs_streq(line, "measure")) {
		sections_forget();
		return 0;
	}
	if (sscanf(line, "end %23s", name) == 1)
		return keep(name);
	if (sysfs_streq(line, "empty") && is_open) {
		scene_empty(&scene);
		return 0;
	}
	if (sysfs_streq(line, "close") && is_open) {
		scene_close(&scene);
		is_open = false;
		return 0;
	}
	return -EINVAL;
}

static ssize_t do_write(struct file *file, const char __user *buf, size_t len,
			loff_t *pos)
{
	char line[64] = "";
	int err;

	if (len >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, buf, len))
		return -EFAULT;
	err = set_cpus_allowed_ptr(current, cpumask_of(0));
	if (err)
		return err;
	mutex_lock(&mutex);
	err = command(line);
	mutex_unlock(&mutex);
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	return err ? : len;
}

static const struct file_operations do_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = do_write,
};

static int __init bounded_init(void)
{
	folder = debugfs_create_dir("hoardk_bounded", NULL);
	debugfs_create_file("do", 0200, folder, NULL, &do_fops);
	debugfs_create_file("results", 0444, folder, NULL, &results_fops);
	return 0;
}

static void __exit bounded_exit(void)
{
	debugfs_remove(folder);
	if (is_open)
		scene_close(&scene);
}

module_init(bounded_init);
module_exit(bounded_exit);

MODULE_DESCRIPTION("The longest sections of hoardk's operations");
MODULE_AUTHOR("The hoardk developers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(HOARDK_NS);
