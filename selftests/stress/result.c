// SPDX-License-Identifier: GPL-2.0
/*
 * The outcome: sums, verdict, and the file in debugfs.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "stress.h"

static struct dentry *dir;

/* Only while the workers rest. */
void stress_tally_sum(void)
{
	unsigned int i, k;

	job.total = (struct tally) { 0 };
	job.irq_operations = 0;
	for (i = 0; i < job.nr; i++) {
		struct worker *w = job.workers[i];

		stress_tally_add(&job.total, &w->actor.tally);
		for (k = 0; k < ARRAY_SIZE(w->irq); k++) {
			struct tally *t = &w->irq[k].actor.tally;

			stress_tally_add(&job.total, t);
			job.irq_operations += stress_tally_operations(t);
		}
	}
}

/* After the drain: whatever was not freed, or freed too often, is lost. */
void stress_result_judge(void)
{
	const struct tally *t = &job.total;

	job.lost = (s64)(t->allocs - t->frees);
	job.pass = t->allocs && !job.lost && stress_check_passed() &&
		   !job.interrupted;
	pr_info("%s: pattern %s seed %u threads %u: %llu operations, %llu remote frees, %llu in interrupts, %llu corrupted, %llu overlapped, %llu misaligned, %lld lost, %llu accounting errors, %llu violations, %llu failed allocations\n",
		job.pass ? "pass" : "fail", job.pattern->name, job.seed,
		job.nr, stress_tally_operations(t), t->remote_frees,
		job.irq_operations, t->corrupted, t->overlapped, t->misaligned,
		job.lost, job.accounting_errors, job.violations,
		t->alloc_failures);
}

static int result_show(struct seq_file *m, void *unused)
{
	const struct tally *t = &job.total;
	u64 operations = stress_tally_operations(t);

	seq_printf(m, "pattern %s\nseed %u\nthreads %u\n", job.pattern->name,
		   job.seed, job.nr);
	seq_printf(m, "live %u\nmin_size %u\nmax_size %u\nbusted %u\n",
		   job.live, job.min_size, job.max_size, job.busted);
	seq_printf(m, "operations %llu\nallocs %llu\nfrees %llu\nreallocs %llu\n",
		   operations, t->allocs, t->frees, t->reallocs);
	seq_printf(m, "remote_frees %llu\nirq_operations %llu\n",
		   t->remote_frees, job.irq_operations);
	seq_printf(m, "alloc_failures %llu\ncorrupted %llu\noverlapped %llu\n",
		   t->alloc_failures, t->corrupted, t->overlapped);
	seq_printf(m, "misaligned %llu\nlost %lld\n", t->misaligned, job.lost);
	seq_printf(m, "accounting_errors %llu\nviolations %llu\n",
		   job.accounting_errors, job.violations);
	seq_printf(m, "peak_in_use_bytes %ld\nelapsed_ns %llu\n",
		   atomic_long_read(&job.peak), job.elapsed_ns);
	seq_printf(m, "ops_per_second %llu\ncheckpoints %llu\n",
		   mul_u64_u64_div_u64(operations, NSEC_PER_SEC,
				       max(job.elapsed_ns, 1ULL)),
		   job.checked);
	seq_printf(m, "verdict %s\n", job.pass ? "pass" : "fail");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(result);

void stress_result_create(void)
{
	dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("result", 0444, dir, NULL, &result_fops);
}

void stress_result_destroy(void)
{
	debugfs_remove(dir);
}
