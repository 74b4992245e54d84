// SPDX-License-Identifier: GPL-2.0
/*
 * hoardk_misuse: one row of the table of misuses, done to hoardk or to SLUB.
 *
 * insmod does it, and /sys/kernel/debug/hoardk_misuse/result then has the facts
 * and, as want_NAME, what hoardk must do.  Without case= there are the names of
 * the rows.  The module may take the kernel down, with side=slub: the console
 * says how far it came.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "misuse.h"

static char *case_name = "";
module_param_named(case, case_name, charp, 0444);
MODULE_PARM_DESC(case, "the row; none: list them");

static char *side_name = "hoardk";
module_param_named(side, side_name, charp, 0444);
MODULE_PARM_DESC(side, "hoardk (default) or slub");

static const struct rows *const groups[] = {
	&foreign_rows, &freed_rows, &argument_rows, &control_rows,
};

static struct scene scene;
static const struct row *row;
static struct dentry *dir;
static const char *broken;
static int broken_line;

/* Of the helpers: what must hold for a row to mean anything.  Any context. */
bool test_expect(const char *file, int line, bool holds, const char *got_text,
		 const char *op, const char *want_text, u64 got, u64 want)
{
	if (!holds && !cmpxchg(&broken, NULL, kbasename(file)))
		broken_line = line;
	return holds;
}

static const struct row *find_row(const char *name)
{
	unsigned int g, i;

	for (g = 0; g < ARRAY_SIZE(groups); g++)
		for (i = 0; i < groups[g]->nr; i++)
			if (!strcmp(groups[g]->row[i].name, name))
				return &groups[g]->row[i];
	return NULL;
}

static void show_rows(struct seq_file *m)
{
	unsigned int g, i;

	for (g = 0; g < ARRAY_SIZE(groups); g++)
		for (i = 0; i < groups[g]->nr; i++)
			seq_printf(m, "%s %s\n",
				   groups[g]->row[i].convicts ? "control" :
				   "row", groups[g]->row[i].name);
}

/* Of what kfree() refuses hoardk hears nothing: the kernel warns. */
static void show_words(struct seq_file *m)
{
	bool refused = scene.facts.refused;
	const char *kernel = refused ? "free_large_kmalloc" : row->kernel;

	seq_printf(m, "words %s\nkernel_words %s\n",
		   refused ? "" : row->words ?: "", kernel ?: "");
}

static void show_wants(struct seq_file *m)
{
	unsigned int released = scene.facts.refused ? 0 : row->released;

	if (row->either)
		seq_printf(m, "want_bad_frees %u\n", row->either);
	else
		seq_printf(m, "want_invalid_frees %u\nwant_double_frees %u\n",
			   row->invalid, row->doubles);
	seq_printf(m, "want_answer %s\n", row->answer ?: "none");
	seq_printf(m, "want_races %u\nwant_changed %u\n", row->races,
		   row->changed);
	seq_printf(m, "want_twice %u\nwant_overlapping 0\n", row->twice);
	seq_printf(m, "want_released %u\n", released);
	seq_puts(m, "want_violations 0\nwant_broken none\n");
	/* Where a block is in use twice nobody can free it. */
	if (!row->twice)
		seq_puts(m, "want_left 0\n");
}

static int result_show(struct seq_file *m, void *unused)
{
	const struct facts *facts = &scene.facts;

	if (!row) {
		show_rows(m);
		return 0;
	}
	seq_printf(m, "title %s\nconvicts %s\nanswer %s\n", row->title,
		   row->convicts ?: "", facts->answer ?: "none");
	seq_printf(m, "twice %u\noverlapping %u\nchanged %u\nreleased %u\n",
		   facts->twice, facts->overlapping, facts->changed,
		   facts->released);
	seq_printf(m, "races %u\nviolations %u\n", facts->races,
		   facts->violations);
	if (broken)
		seq_printf(m, "broken %s:%d\n", broken, broken_line);
	else
		seq_puts(m, "broken none\n");
	show_wants(m);
	show_words(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(result);

static int __init misuse_init(void)
{
	row = find_row(case_name);
	if (*case_name && !row) {
		pr_err("case=%s is not acceptable; accepted: the rows that it lists without case=\n",
		       case_name);
		return -EINVAL;
	}
	if (!strcmp(side_name, "hoardk")) {
		scene.side = &hoardk_side;
	} else if (!strcmp(side_name, "slub")) {
		scene.side = &slub_side;
	} else {
		pr_err("side=%s is not acceptable; accepted: hoardk, slub\n",
		       side_name);
		return -EINVAL;
	}
	if (row) {
		set_cpus_allowed_ptr(current, cpumask_of(cpu_at(0)));
		if (scene_open(&scene)) {
			pr_info("misuse: %s\n", row->title);
			row->run(&scene);
			scene_probe(&scene);
			scene_settle();
		}
		pr_info("done\n");
	}
	dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("result", 0444, dir, NULL, &result_fops);
	return 0;
}

static void __exit misuse_exit(void)
{
	debugfs_remove(dir);
}

module_init(misuse_init);
module_exit(misuse_exit);

MODULE_DESCRIPTION("Misuses of hoardk, and of SLUB");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(HOARDK_NS);
