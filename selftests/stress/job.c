// SPDX-License-Identifier: GPL-2.0
/*
 * The coordinator: sets the job up, drives its rounds, takes it down.
 *
 * Task context of insmod.  Between rounds it alone runs, and compares what
 * hoardk says is in use with what the actors hold, to the byte.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include <linux/hoardk.h>
#include <linux/hoardk_test.h>

#include "ring.h"
#include "stress.h"

struct job job = {
	.go = __WAIT_QUEUE_HEAD_INITIALIZER(job.go),
	.done = __WAIT_QUEUE_HEAD_INITIALIZER(job.done),
};

static void round_start(enum phase phase)
{
	atomic_set(&job.arrived, 0);
	WRITE_ONCE(job.pause, false);
	job.phase = phase;
	/* Pairs with worker_main(): all that the round needs is set. */
	smp_store_release(&job.round, job.round + 1);
	wake_up_all(&job.go);
}

static bool round_over(void)
{
	/* Orders what the workers did before what we look at. */
	return atomic_read_acquire(&job.arrived) == job.nr;
}

/* Wait for the workers; stop them after @timeout or at a signal. */
static void round_finish(long timeout)
{
	long left;

	left = wait_event_interruptible_timeout(job.done, round_over(),
						timeout);
	if (left < 0)
		job.interrupted = true;
	WRITE_ONCE(job.pause, true);
	wait_event(job.done, round_over());
}

/* Each producer's blocks in slice @k of @slices. */
static u64 quota(unsigned int k, unsigned int slices, unsigned int producers)
{
	u64 each;

	if (!job.ops)
		return U64_MAX;
	/* A block is two operations: it is made and it is dropped. */
	each = max(div_u64(job.ops, 2 * producers), 1ULL);
	return div_u64(each * (k + 1), slices) - div_u64(each * k, slices);
}

static bool quota_deal(unsigned int k, unsigned int slices)
{
	unsigned int i, producers = 0;
	u64 blocks;

	for (i = 0; i < job.nr; i++)
		producers += job.workers[i]->producer;
	blocks = quota(k, slices, producers);
	for (i = 0; i < job.nr; i++)
		if (job.workers[i]->producer)
			*job.workers[i]->left = blocks;
	atomic_set(&job.producing, producers);
	return blocks;
}

static void job_rounds(void)
{
	unsigned int k, slices = job.checkpoints + 1;
	long timeout = MAX_SCHEDULE_TIMEOUT;
	u64 start;

	if (job.seconds)
		timeout = max(job.seconds * HZ / slices, 1U);
	for (k = 0; k < slices && !job.interrupted; k++) {
		if (!quota_deal(k, slices))
			continue;
		start = ktime_get_ns();
		round_start(PHASE_RUN);
		round_finish(timeout);
		job.elapsed_ns += ktime_get_ns() - start;
		stress_check();
	}
	round_start(PHASE_DRAIN);
	wait_event(job.done, round_over());
	stress_check();
}

static int workers_create(void)
{
	unsigned int cpu, i = 0;
	int error = 0;

	cpus_read_lock();
	job.nr = num_online_cpus();
	job.workers = kvcalloc(job.nr, sizeof(*job.workers), GFP_KERNEL);
	if (!job.workers)
		error = -ENOMEM;
	for_each_online_cpu(cpu) {
		struct worker *w;

		if (error)
			break;
		w = stress_worker_create(i, cpu);
		if (IS_ERR(w)) {
			error = PTR_ERR(w);
			break;
		}
		job.workers[i++] = w;
		if (job.irq)
			error = stress_irq_create(w);
	}
	cpus_read_unlock();
	return error;
}

static void workers_destroy(void)
{
	unsigned int i;

	/* All threads first: they look at each other. */
	for (i = 0; job.workers && i < job.nr && job.workers[i]; i++)
		stress_worker_stop(job.workers[i]);
	for (i = 0; job.workers && i < job.nr && job.workers[i]; i++)
		stress_worker_destroy(job.workers[i]);
	kvfree(job.workers);
}

static int tables_create(void)
{
	job.rings = kvcalloc(job.nr * job.nr, sizeof(*job.rings), GFP_KERNEL);
	job.arrays = kvcalloc(job.nr, sizeof(*job.arrays), GFP_KERNEL);
	if (!job.rings || !job.arrays)
		return -ENOMEM;
	return job.pattern->setup();
}

static void tables_destroy(void)
{
	unsigned int i;

	for (i = 0; job.rings && i < job.nr * job.nr; i++)
		kvfree(job.rings[i]);
	for (i = 0; job.arrays && i < job.nr; i++)
		kvfree(job.arrays[i]);
	kvfree(job.rings);
	kvfree(job.arrays);
}

static int job_setup(void)
{
	int error;

	stress_stamp_init();
	error = stress_shadow_init();
	if (error)
		return error;
	error = workers_create();
	if (error)
		return error;
	error = tables_create();
	if (error)
		return error;
	job.base = hoardk_heap_in_use(NULL);
	job.heap = hoardk_heap_create("stress", NULL);
	return PTR_ERR_OR_ZERO(job.heap);
}

static void heap_destroy(void)
{
	size_t live;

	if (IS_ERR_OR_NULL(job.heap))
		return;
	live = hoardk_heap_destroy(job.heap);
	if (!live)
		return;
	job.accounting_errors++;
	pr_err("the private heap still had %zu live blocks\n", live);
}

/* An errno if there is no verdict. */
int stress_job_run(void)
{
	int error = job_setup();

	if (!error)
		job_rounds();
	heap_destroy();
	if (!error)
		stress_result_judge();
	workers_destroy();
	tables_destroy();
	stress_shadow_exit();
	if (!error && job.interrupted)
		error = -EINTR;
	return error;
}
