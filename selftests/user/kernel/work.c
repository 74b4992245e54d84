// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel's workqueue, for threads: see work.h.  One thread, made with
 * the queue.  work_lock covers all; it is taken in sections, so that nobody
 * holds it while all CPUs are frozen for a fork.
 */
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "futex.h"
#include "lock.h"
#include "mm.h"
#include "work.h"

static raw_spinlock_t work_lock;
static LIST_HEAD(queued);
static struct work_struct *running;
static pthread_t worker;
static bool stopping;
/* Changes whenever the worker has something to look at. */
static int events;

static unsigned long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000UL + t.tv_nsec / 1000000;
}

static void event(void)
{
	__atomic_fetch_add(&events, 1, __ATOMIC_SEQ_CST);
	futex_wake(&events);
}

/* Locked: what is due, or NULL and *wait in milliseconds. */
static struct work_struct *work_next(unsigned long *wait)
{
	struct work_struct *w;
	unsigned long t = now();

	*wait = 1000;
	list_for_each_entry(w, &queued, link) {
		if (w->due <= t)
			return w;
		*wait = min(*wait, w->due - t);
	}
	return NULL;
}

static void work_run(void *arg)
{
	struct work_struct *w = arg;

	w->func(w);
}

/* A CPU that is down has no kworker: then it runs anywhere. */
static void work_dispatch(struct work_struct *w, unsigned int cpu)
{
	if (cpu < nr_cpu_ids && cpu_online(cpu))
		cpu_run_on(cpu, work_run, w);
	else
		work_run(w);
}

static void *worker_main(void *arg)
{
	struct work_struct *w;
	unsigned long flags, wait;
	struct timespec t;
	unsigned int cpu = 0;
	int seen;

	cpu_attach_spare();
	for (;;) {
		seen = __atomic_load_n(&events, __ATOMIC_SEQ_CST);
		raw_spin_lock_irqsave(&work_lock, flags);
		w = work_next(&wait);
		if (w) {
			list_del(&w->link);
			__atomic_store_n(&w->queued, false, __ATOMIC_RELAXED);
			cpu = w->cpu;
		}
		__atomic_store_n(&running, w, __ATOMIC_RELAXED);
		raw_spin_unlock_irqrestore(&work_lock, flags);
		if (w) {
			work_dispatch(w, cpu);
			continue;
		}
		if (__atomic_load_n(&stopping, __ATOMIC_ACQUIRE))
			return NULL;
		t = (struct timespec){ wait / 1000, wait % 1000 * 1000000 };
		syscall(SYS_futex, &events, FUTEX_WAIT_PRIVATE, seen, &t, NULL,
			0);
	}
}

static void worker_start(void)
{
	stopping = false;
	if (pthread_create(&worker, NULL, worker_main, NULL))
		stub_bug("no thread for the workqueue");
}

struct workqueue_struct *alloc_workqueue(const char *name, unsigned int flags,
					 int max)
{
	if (stub_memory_fails && stub_memory_fails(-1))
		return NULL;
	worker_start();
	return (struct workqueue_struct *)&queued;
}

void destroy_workqueue(struct workqueue_struct *queue)
{
	__atomic_store_n(&stopping, true, __ATOMIC_RELEASE);
	event();
	pthread_join(worker, NULL);
}

/* After a fork the child's worker has to be made anew. */
void work_after_fork(void)
{
	running = NULL;
	worker_start();
}

static bool work_queue(struct work_struct *w, unsigned int cpu,
		       unsigned long delay)
{
	unsigned long flags;
	bool was;

	raw_spin_lock_irqsave(&work_lock, flags);
	was = w->queued;
	if (!was) {
		w->cpu = cpu;
		w->due = now() + delay;
		__atomic_store_n(&w->queued, true, __ATOMIC_RELAXED);
		list_add_tail(&w->link, &queued);
	}
	raw_spin_unlock_irqrestore(&work_lock, flags);
	if (!was)
		event();
	return !was;
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

/* Not queued any more when this returns, and not running. */
bool cancel_work_sync(struct work_struct *work)
{
	unsigned long flags;
	bool was;

	might_sleep();
	raw_spin_lock_irqsave(&work_lock, flags);
	was = work->queued;
	if (was) {
		list_del(&work->link);
		__atomic_store_n(&work->queued, false, __ATOMIC_RELAXED);
	}
	raw_spin_unlock_irqrestore(&work_lock, flags);
	while (__atomic_load_n(&running, __ATOMIC_ACQUIRE) == work &&
	       !pthread_equal(pthread_self(), worker))
		usleep(100);
	return was;
}

bool cancel_delayed_work_sync(struct delayed_work *work)
{
	return cancel_work_sync(&work->work);
}
