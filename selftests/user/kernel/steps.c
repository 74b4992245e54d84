// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel in steps: see steps.h.
 */
#include "lock.h"
#include "mm.h"
#include "steps.h"

static LIST_HEAD(queued);
static unsigned long clock_now;
static struct rcu_head *callbacks, **callbacks_end = &callbacks;

static unsigned int interrupt_in;
static bool interrupt_held;
static bool interrupt_nmi;
static void (*interrupt_fn)(void *arg);
static void *interrupt_arg;

void steps_on_cpu(unsigned int cpu)
{
	if (this_cpu && preempt_count())
		stub_bug("a task leaves its CPU in a section");
	this_cpu = &cpus[cpu];
	this_cpu->online = true;
}

struct cpu *cpu_attach(void)
{
	steps_on_cpu(0);
	return this_cpu;
}

void cpu_run_on(unsigned int cpu, void (*fn)(void *arg), void *arg)
{
	struct cpu *self = this_cpu;

	might_sleep();
	this_cpu = &cpus[cpu];
	fn(arg);
	might_sleep();
	this_cpu = self;
}

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

/* From another CPU. */
void cpu_down(unsigned int cpu)
{
	might_sleep();
	cpus[cpu].online = false;
	cpuhp_dead(cpu);
}

void stub_resched(void)
{
	might_sleep();
}

/* Locks: with one thread and no interrupt under them, never contended. */
bool stub_trylock(struct stub_lock *lock)
{
	if (lock->state)
		return false;
	lock->state = 1;
	lock->owner = this_cpu;
	return true;
}

void stub_lock(struct stub_lock *lock)
{
	if (!stub_trylock(lock))
		stub_bug("deadlock: a lock is taken that is taken");
}

void stub_unlock(struct stub_lock *lock)
{
	if (!lock->state)
		stub_bug("a lock is released that is free");
	if (lock->owner != this_cpu)
		stub_bug("a lock is released by who has not taken it");
	lock->state = 0;
}

/* RCU: the only thread is here, and in no section. */
void stub_synchronize_rcu(void)
{
	might_sleep();
}

void stub_call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	if (in_nmi())
		stub_bug("call_rcu() in an NMI");
	head->next = NULL;
	head->func = func;
	*callbacks_end = head;
	callbacks_end = &head->next;
}

void steps_grace_period(void)
{
	struct rcu_head *head = callbacks, *next;

	might_sleep();
	callbacks = NULL;
	callbacks_end = &callbacks;
	for (; head; head = next) {
		next = head->next;
		head->func(head);
	}
}

void stub_rcu_barrier(void)
{
	steps_grace_period();
}

/* Work */
void steps_advance(unsigned long milliseconds)
{
	clock_now += milliseconds;
}

static struct work_struct *work_due(unsigned int nth)
{
	struct work_struct *w;

	list_for_each_entry(w, &queued, link)
		if (w->due <= clock_now && !nth--)
			return w;
	return NULL;
}

unsigned int steps_work_due(void)
{
	unsigned int n = 0;

	while (work_due(n))
		n++;
	return n;
}

static void work_run(void *arg)
{
	struct work_struct *w = arg;

	w->func(w);
}

/* A CPU that is down has no kworker: then it runs here. */
static void work_do(struct work_struct *w)
{
	list_del(&w->link);
	w->queued = false;
	if (w->cpu < nr_cpu_ids && cpu_online(w->cpu))
		cpu_run_on(w->cpu, work_run, w);
	else
		work_run(w);
}

void steps_do_work(unsigned int nth)
{
	struct work_struct *w = work_due(nth);

	if (w)
		work_do(w);
}

void flush_work(struct work_struct *work)
{
	might_sleep();
	while (work->queued)
		work_do(work);
}

void steps_settle(void)
{
	while (work_due(0))
		steps_do_work(0);
}

void schedule_timeout_uninterruptible(long ticks)
{
	might_sleep();
	steps_advance(ticks);
	steps_settle();
	steps_grace_period();
}

struct workqueue_struct *alloc_workqueue(const char *name, unsigned int flags,
					 int max)
{
	if (stub_slab_fails(GFP_KERNEL))
		return NULL;
	return (struct workqueue_struct *)&queued;
}

void destroy_workqueue(struct workqueue_struct *queue)
{
	steps_settle();
	if (!list_empty(&queued))
		stub_bug("a workqueue is destroyed with work on it");
}

static bool work_queue(struct work_struct *w, unsigned int cpu,
		       unsigned long delay)
{
	if (in_nmi())
		stub_bug("work is queued in an NMI");
	if (w->queued)
		return false;
	w->queued = true;
	w->cpu = cpu;
	w->due = clock_now + delay;
	list_add_tail(&w->link, &queued);
	return true;
}

bool queue_work_on(int cpu, struct workqueue_struct *queue,
		   struct work_struct *work)
{
	return work_queue(work, cpu, 0);
}

bool queue_delayed_work(struct workqueue_struct *queue,
			struct delayed_work *work, unsigned long delay)
{
	return work_queue(&work->work, nr_cpu_ids, delay);
}

bool cancel_work_sync(struct work_struct *work)
{
	bool was = work->queued;

	might_sleep();
	if (was)
		list_del(&work->link);
	work->queued = false;
	return was;
}

bool cancel_delayed_work_sync(struct delayed_work *work)
{
	return cancel_work_sync(&work->work);
}

/* Interrupts */
void steps_interrupt_after(unsigned int points, bool nmi,
			   void (*fn)(void *arg), void *arg)
{
	interrupt_nmi = nmi;
	interrupt_fn = fn;
	interrupt_arg = arg;
	interrupt_in = points;
}

void steps_interrupt_hold(bool hold)
{
	interrupt_held = hold;
}

bool steps_interrupt_cancel(void)
{
	bool waits = interrupt_in;

	interrupt_in = 0;
	return waits;
}

#ifdef STUB_INTERLEAVE
void stub_interleave(const char *function, int line, const char *what)
{
	if (interrupt_in && !interrupt_held && !--interrupt_in)
		stub_interrupt(interrupt_nmi, interrupt_fn, interrupt_arg);
}
#endif
