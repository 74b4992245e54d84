// SPDX-License-Identifier: GPL-2.0
/*
 * Work: each CPU has a kworker, a task that may start when work is queued there
 * and the CPU is in no section.  One more does what is bound to no CPU that is
 * up.  CPUs that go down, and what runs on others, belong here too.
 *
 * Time stands still unless a scenario has it pass.
 */
#include "explorer.h"

static LIST_HEAD(queued);
static unsigned long now;
static struct work_struct *running[NR_TASKS];

static bool is_running(void *arg)
{
	unsigned int i;

	for (i = 0; i < NR_TASKS; i++)
		if (running[i] == arg)
			return true;
	return false;
}

static bool not_running(void *arg)
{
	return !is_running(arg);
}

static bool is_bound(const struct work_struct *w)
{
	return w->cpu < nr_cpu_ids && cpu_online(w->cpu);
}

/* The first work that a kworker could do. */
static struct work_struct *work_for(const struct task *t)
{
	bool unbound = task_number(t) == UNBOUND_WORKER;
	struct work_struct *w;

	list_for_each_entry(w, &queued, link) {
		if (w->due > now || is_running(w))
			continue;
		if (unbound ? !is_bound(w) : is_bound(w) && w->cpu == t->cpu)
			return w;
	}
	return NULL;
}

static bool work_ready(struct task *t)
{
	return work_for(t);
}

static void work_take(struct work_struct *w)
{
	list_del(&w->link);
	w->queued = false;
}

static void worker(void)
{
	struct task *t = task_now;
	struct work_struct *w = work_for(t);

	work_take(w);
	access_done(&w->queued, (unsigned long)w->func);
	running[task_number(t)] = w;
	clock_acquire(w);
	trace_add("work", w, (unsigned long)w->func);
	w->func(w);
	clock_release(w);
	running[task_number(t)] = NULL;
}

void queue_reset(void)
{
	static const char * const names[] = { "kworker/0", "kworker/1",
					      "kworker/2", "kworker/u" };
	unsigned int i;

	for (i = 0; i < CPU_SLOTS; i++) {
		struct task *t = &tasks[FIRST_WORKER + i];

		t->name = names[i];
		t->cpu = i;
		t->fn = worker;
		t->may_start = work_ready;
		t->used = true;
		t->repeats = true;
	}
}

/* Outside of runs: all that is due, in order, and what that queues. */
void queue_settle(void)
{
	struct work_struct *w, *due;
	struct cpu *self = this_cpu;

	do {
		due = NULL;
		list_for_each_entry(w, &queued, link)
			if (!due && w->due <= now)
				due = w;
		if (due) {
			work_take(due);
			if (is_bound(due))
				this_cpu = &cpus[due->cpu];
			due->func(due);
			this_cpu = self;
		}
	} while (due);
}

/* Enough for whatever is delayed. */
void queue_time_passes(void)
{
	now += HZ;
}

struct workqueue_struct *alloc_workqueue(const char *name, unsigned int flags,
					 int max)
{
	return (struct workqueue_struct *)&queued;
}

void destroy_workqueue(struct workqueue_struct *queue)
{
	queue_settle();
	if (!list_empty(&queued))
		stub_bug("a workqueue is destroyed with work on it");
}

static bool work_queue(struct work_struct *w, unsigned int cpu,
		       unsigned long delay, unsigned long pc)
{
	if (in_nmi())
		stub_bug("work is queued in an NMI");
	access_sync(&w->queued, "queue_work", pc);
	clock_release(w);
	if (w->queued)
		return false;
	w->queued = true;
	w->cpu = cpu;
	w->due = now + delay;
	list_add_tail(&w->link, &queued);
	return true;
}

bool queue_work_on(int cpu, struct workqueue_struct *queue,
		   struct work_struct *work)
{
	return work_queue(work, cpu, 0, CALLER);
}

bool queue_delayed_work(struct workqueue_struct *queue,
			struct delayed_work *work, unsigned long delay)
{
	return work_queue(&work->work, nr_cpu_ids, delay, CALLER);
}

bool cancel_work_sync(struct work_struct *work)
{
	bool was;

	might_sleep();
	access_sync(&work->queued, "cancel_work_sync", CALLER);
	was = work->queued;
	if (was)
		work_take(work);
	if (task_now)
		task_wait("waits for work", not_running, work);
	clock_acquire(work);
	return was;
}

void flush_work(struct work_struct *work)
{
	stub_bug("a scenario waits for a kick");
}

bool cancel_delayed_work_sync(struct delayed_work *work)
{
	return cancel_work_sync(&work->work);
}

void schedule_timeout_uninterruptible(long ticks)
{
	stub_bug("a task sleeps for memory");
}

void stub_resched(void)
{
	might_sleep();
}

static bool cpu_is_idle(void *arg)
{
	return !cpu_in_section(arg);
}

/* A CPU goes down: its tasks move here, its kworker's go on unbound. */
void cpu_down(unsigned int cpu)
{
	struct task *t;

	might_sleep();
	if (task_now) {
		task_sync();
		task_wait("waits for the CPU", cpu_is_idle, &cpus[cpu]);
	}
	trace_add("CPU goes down", NULL, CALLER);
	cpus[cpu].online = false;
	access_done(&cpus[cpu].online, CALLER);
	for (t = tasks; t < tasks + MAX_CLIENTS; t++)
		if (t->used && t->cpu == cpu)
			t->cpu = this_cpu->number;
	cpuhp_dead(cpu);
}

/* Outside of runs. */
int smp_call_on_cpu(unsigned int cpu, int (*fn)(void *arg), void *arg,
		    bool physical)
{
	struct cpu *self = this_cpu;
	int result;

	might_sleep();
	this_cpu = &cpus[cpu];
	result = fn(arg);
	this_cpu = self;
	return result;
}

struct cpu *cpu_attach(void)
{
	this_cpu = &cpus[0];
	return this_cpu;
}
