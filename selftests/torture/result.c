// SPDX-License-Identifier: GPL-2.0
/*
 * The outcome: sums by context, heartbeat, verdict, and the file in debugfs.
 * Task context, between rounds or after the last.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "torture.h"

static const char * const context_names[CONTEXTS] = {
	"task", "softirq", "hardirq", "nmi",
};

static const char * const way_names[WAYS] = {
	"plain", "irqs_off", "bulk", "zalloc", "calloc", "memalign", "node",
	"heap", "sensitive", "realloc",
};

static struct dentry *dir;
static u64 wrong;

/* For stress_check(): nobody plays. */
void stress_tally_sum(void)
{
	unsigned int i;

	job.total = (struct tally) { 0 };
	memset(torture.by_context, 0, sizeof(torture.by_context));
	wrong = 0;
	for (i = 0; torture_player(i); i++) {
		struct player *p = torture_player(i);

		stress_tally_add(&job.total, &p->actor.tally);
		stress_tally_add(&torture.by_context[p->context],
				 &p->actor.tally);
		wrong += p->wrong;
	}
}

void torture_heartbeat(void)
{
	pr_info("seed %u: %llu rounds, %llu operations (%llu softirq, %llu hardirq, %llu NMI), %llu hotplug cycles, %llu failures injected, %llu bad frees\n",
		job.seed, torture.rounds, stress_tally_operations(&job.total),
		stress_tally_operations(&torture.by_context[SOFTIRQ]),
		stress_tally_operations(&torture.by_context[HARDIRQ]),
		stress_tally_operations(&torture.by_context[NMI]),
		torture.hotplug_cycles, torture.failures,
		wrong + torture.doubles + torture.either);
}

/* After the drain: whatever was not freed, or freed too often, is lost. */
void torture_judge(void)
{
	const struct tally *t = &job.total;

	job.lost = (s64)(t->allocs - t->frees);
	job.pass = t->allocs && !job.lost && stress_check_passed() &&
		   !job.interrupted;
	torture_heartbeat();
	pr_info("%s: %llu corrupted, %llu overlapped, %llu misaligned, %lld lost, %llu accounting errors, %llu violations\n",
		job.pass ? "pass" : "fail", t->corrupted, t->overlapped,
		t->misaligned, job.lost, job.accounting_errors, job.violations);
}

static void show_operations(struct seq_file *m)
{
	unsigned int i;

	seq_printf(m, "operations %llu\n",
		   stress_tally_operations(&job.total));
	for (i = 0; i < CONTEXTS; i++)
		seq_printf(m, "operations_%s %llu\n", context_names[i],
			   stress_tally_operations(&torture.by_context[i]));
	for (i = 0; i < WAYS; i++)
		if (job.total.made[i])
			seq_printf(m, "allocs_%s %llu\n", way_names[i],
				   job.total.made[i]);
	for (i = 0; i < WAYS; i++)
		if (job.total.dropped[i])
			seq_printf(m, "frees_%s %llu\n", way_names[i],
				   job.total.dropped[i]);
}

static void show_disturbances(struct seq_file *m)
{
	seq_printf(m, "rounds %llu\ndrains %llu\nhotplug_cycles %llu\n",
		   torture.rounds, torture.drains, torture.hotplug_cycles);
	seq_printf(m, "affinity_flips %llu\nnmis %llu\n", torture.flips,
		   torture.nmis);
	seq_printf(m, "failures_injected %llu\neaten_peak_bytes %llu\nspit_outs %llu\n",
		   torture.failures, torture.eaten_peak << PAGE_SHIFT,
		   torture.spit_outs);
	seq_printf(m, "heaps_created %llu\nheaps_left %llu\n",
		   torture.heaps_created, torture.heaps_left);
	/* hoardk must have refused as many. */
	seq_printf(m, "invalid_frees %llu\ndouble_frees %llu\n", wrong,
		   torture.doubles);
	seq_printf(m, "either_frees %llu\nrests %llu\n", torture.either,
		   torture.rests);
}

static int result_show(struct seq_file *m, void *unused)
{
	const struct tally *t = &job.total;

	seq_printf(m, "seed %u\ncpus %u\nbusted %u\n", job.seed,
		   torture.nr_sites, job.busted);
	show_operations(m);
	seq_printf(m, "allocs %llu\nfrees %llu\nreallocs %llu\n", t->allocs,
		   t->frees, t->reallocs);
	seq_printf(m, "remote_frees %llu\nalloc_failures %llu\n",
		   t->remote_frees, t->alloc_failures);
	show_disturbances(m);
	seq_printf(m, "corrupted %llu\noverlapped %llu\nmisaligned %llu\n",
		   t->corrupted, t->overlapped, t->misaligned);
	seq_printf(m, "lost %lld\naccounting_errors %llu\nviolations %llu\n",
		   job.lost, job.accounting_errors, job.violations);
	seq_printf(m, "elapsed_ms %llu\nfailed_ms %llu\n",
		   div_u64(job.elapsed_ns, NSEC_PER_MSEC), torture.failed_ms);
	seq_printf(m, "verdict %s\n", job.pass ? "pass" : "fail");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(result);

void torture_result_create(void)
{
	dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("result", 0444, dir, NULL, &result_fops);
}

void torture_result_destroy(void)
{
	debugfs_remove(dir);
}
