// SPDX-License-Identifier: GPL-2.0
/*
 * A worker: the thread of one CPU, which takes part in every round.
 *
 * Its CPU may go offline; the kernel then moves the thread and forgets where
 * it was, so it asks for its own CPU again every now and then.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "ring.h"
#include "stress.h"

#define PIN_EVERY	64	/* steps */
#define SPINS		8	/* idle steps before it sleeps */

/*
 * Not while the CPU is away; any other will do meanwhile.  Nor while it is on its way:
 * then the scheduler grants what was asked for and leaves the thread where it is, and
 * migrate_enable() warns of that when it finds it there.  It goes on working meanwhile,
 * while hoardk takes its CPU's heap away.
 */
static void worker_pin(struct worker *w)
{
	if (raw_smp_processor_id() == w->cpu)
		return;
	if (!cpus_read_trylock())
		return;
	if (cpu_online(w->cpu))
		set_cpus_allowed_ptr(current, cpumask_of(w->cpu));
	cpus_read_unlock();
}

static void worker_run(struct worker *w)
{
	unsigned int steps = 0, idle = 0, done;

	if (job.irq)
		stress_irq_start(w);
	while (!READ_ONCE(job.pause) && atomic_read(&job.producing)) {
		done = job.pattern->step(w);
		if (job.irq)
			done += stress_irq_exchange(w);
		if (++steps % PIN_EVERY == 0)
			worker_pin(w);
		idle = done ? 0 : idle + 1;
		if (idle <= SPINS)
			cond_resched();
		else
			usleep_range(20, 100);
	}
	if (job.irq)
		stress_irq_stop(w);
	stress_actor_flush(&w->actor);
}

/* Everything that is this worker's to drop, now that nobody makes any. */
static void worker_drain(struct worker *w)
{
	struct block b, *array = job.arrays[w->id];
	unsigned int i;

	for (i = 0; i < job.nr; i++) {
		struct ring *r = stress_ring(i, w->id);

		while (r && ring_pop(r, &b)) {
			stress_block_drop(&w->actor, &b);
			cond_resched();
		}
	}
	for (i = 0; array && i < job.live; i++) {
		if (array[i].p)
			stress_block_drop(&w->actor, &array[i]);
		array[i].p = NULL;
		cond_resched();
	}
	if (job.irq)
		stress_irq_drain(w);
	stress_actor_drain(&w->actor);
}

static int worker_main(void *arg)
{
	struct worker *w = arg;
	unsigned int round = 0;

	for (;;) {
		wait_event_idle(job.go, READ_ONCE(job.round) != round ||
				kthread_should_stop());
		if (kthread_should_stop())
			return 0;
		/* Pairs with round_start() in job.c. */
		round = smp_load_acquire(&job.round);
		worker_pin(w);
		if (job.phase == PHASE_RUN)
			worker_run(w);
		else
			worker_drain(w);
		/* Full barrier: who sees all arrived sees what they did. */
		if (atomic_inc_return(&job.arrived) == job.nr)
			wake_up(&job.done);
	}
}

struct worker *stress_worker_create(unsigned int id, unsigned int cpu)
{
	struct worker *w;

	w = kvzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return ERR_PTR(-ENOMEM);
	w->id = id;
	w->cpu = cpu;
	w->actor.id = id;
	w->left = job.pattern->rotates ? &job.left : &w->own_left;
	w->producer = !job.pattern->rotates || !id;

	w->task = kthread_create_on_node(worker_main, w, cpu_to_node(cpu),
					 "hoardk_stress/%u", cpu);
	if (IS_ERR(w->task)) {
		void *error = w->task;

		kvfree(w);
		return error;
	}
	wake_up_process(w->task);
	return w;
}

void stress_worker_stop(struct worker *w)
{
	kthread_stop(w->task);
}

void stress_worker_destroy(struct worker *w)
{
	if (job.irq)
		stress_irq_destroy(w);
	kvfree(w);
}
