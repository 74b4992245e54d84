// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel's workqueue, for threads: see work.h.
 *
 * Locks: start_lock is held by who makes the thread; run_lock by the thread
 * while it runs anything, so that a fork finds it idle.  Both are outside all
 * locks that work takes.  work_lock covers the queue; it is taken in sections,
 * so nobody holds it while all CPUs are frozen for a fork.
 */
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "futex.h"
#include "lock.h"
#include "mm.h"
#include "work.h"

/* Milliseconds until callbacks are looked after: then they are more. */
#define CALLBACKS_DELAY	10
/* Milliseconds between looks at pages that are not needed. */
#define PAGES_PERIOD	100
/* Of the thread; a program's own thread-local data lie there too. */
#define STACK_SIZE	(256 << 10)

bool worker_runs;
unsigned long work_min_pages;

static struct stub_lock start_lock;
static struct stub_lock run_lock;
static raw_spinlock_t work_lock;
static LIST_HEAD(queued);
static struct work_struct *running;
static pthread_t worker;
static pid_t process;
static bool stopping;
/* A fork has left CPUs behind. */
static bool dead_cpus;
/* Changes whenever the worker has something to look at. */
static int events;

static unsigned long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000UL + t.tv_nsec / 1000000;
}

/* Have the thread look again. */
void work_event(void)
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
	if (cpu < nr_cpus && cpu_online(cpu))
		cpu_run_on(cpu, work_run, w);
	else
		work_run(w);
}

/* Run what is due first; false, and *wait, if nothing is. */
static bool work_one(unsigned long *wait)
{
	struct work_struct *w;
	unsigned long flags;
	unsigned int cpu = 0;

	raw_spin_lock_irqsave(&work_lock, flags);
	w = work_next(wait);
	if (w) {
		list_del(&w->link);
		__atomic_store_n(&w->queued, false, __ATOMIC_RELAXED);
		cpu = w->cpu;
	}
	__atomic_store_n(&running, w, __ATOMIC_RELAXED);
	raw_spin_unlock_irqrestore(&work_lock, flags);
	if (!w)
		return false;
	work_dispatch(w, cpu);
	/* Pairs with cancel_work_sync(), and comes before run_lock is let go of. */
	__atomic_store_n(&running, NULL, __ATOMIC_RELEASE);
	return true;
}

/* What the system's threads do in a kernel for its pages; as worker_run(). */
static void pages_look(unsigned long *wait)
{
	static unsigned long due;
	unsigned long t = now();

	if (t >= due) {
		stub_pages_age(false);
		due = t + PAGES_PERIOD;
	}
	if (stub_pages_dirty())
		*wait = min(*wait, due - t);
}

/* Run something; false, and *wait, if nothing is due. */
static bool worker_run(unsigned long *wait, bool callbacks)
{
	bool ran;

	stub_lock(&run_lock);
	if (dead_cpus) {
		cpus_bury();
		dead_cpus = false;
	}
	ran = work_one(wait);
	if (!ran && callbacks)
		rcu_run_callbacks();
	if (!ran)
		pages_look(wait);
	stub_unlock(&run_lock);
	return ran;
}

static void *worker_main(void *arg)
{
	bool callbacks = false;
	unsigned long wait;
	struct timespec t;
	int seen;

	cpu_attach_spare();
	for (;;) {
		seen = __atomic_load_n(&events, __ATOMIC_SEQ_CST);
		if (worker_run(&wait, callbacks))
			continue;
		if (__atomic_load_n(&stopping, __ATOMIC_ACQUIRE))
			return NULL;
		callbacks = rcu_callbacks_wait();
		if (callbacks)
			wait = min(wait, CALLBACKS_DELAY);
		t = (struct timespec){ wait / 1000, wait % 1000 * 1000000 };
		syscall(SYS_futex, &events, FUTEX_WAIT_PRIVATE, seen, &t, NULL,
			0);
	}
}

/* All signals that are sent are for the program's threads. */
static bool worker_create(void)
{
	pthread_attr_t attr;
	sigset_t all, before;
	bool done;

	stopping = false;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	sigfillset(&all);
	sigdelset(&all, SIGSEGV);	/* a fault in a load that may */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	done = !pthread_create(&worker, &attr, worker_main, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return done;
}

/*
 * Make the thread if there is none, where that is possible: not in sections,
 * nor in a child of vfork(), which would take the thread with it.
 */
static void worker_want(void)
{
	if (likely(__atomic_load_n(&worker_runs, __ATOMIC_RELAXED)) ||
	    preempt_count() || !process ||
	    stub_pages_taken() + stub_vmalloc_bytes() / PAGE_SIZE <
	    work_min_pages || getpid() != process ||
	    !stub_trylock(&start_lock))
		return;
	if (!worker_runs && worker_create())
		__atomic_store_n(&worker_runs, true, __ATOMIC_RELAXED);
	stub_unlock(&start_lock);
}

struct workqueue_struct *alloc_workqueue(const char *name, unsigned int flags,
					 int max)
{
	if (stub_slab_fails(GFP_KERNEL))
		return NULL;
	process = getpid();
	return (struct workqueue_struct *)&queued;
}

void destroy_workqueue(struct workqueue_struct *queue)
{
	process = 0;
	if (!worker_runs)
		return;
	__atomic_store_n(&stopping, true, __ATOMIC_RELEASE);
	work_event();
	pthread_join(worker, NULL);
	worker_runs = false;
}

/*
 * The program's first thread ends before the process: the C library waits for
 * the last one then, and that must not be ours.
 */
void work_leave(void)
{
	process = 0;
	__atomic_store_n(&stopping, true, __ATOMIC_RELEASE);
	work_event();
}

/* Before a fork: the thread runs nothing from now on. */
void work_freeze(void)
{
	stub_lock(&start_lock);
	stub_lock(&run_lock);
}

/* After it.  @alone: in the child, where it has to be made anew. */
void work_thaw(bool alone)
{
	if (alone) {
		process = getpid();
		worker_runs = false;
		dead_cpus = true;
	}
	stub_unlock(&run_lock);
	stub_unlock(&start_lock);
}

static bool work_queue(struct work_struct *w, unsigned int cpu,
		       unsigned long delay)
{
	unsigned long flags;
	bool was;

	if (in_nmi())
		stub_bug("work is queued in an NMI");
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
		work_event();
	worker_want();
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
	return work_queue(&work->work, nr_cpus, delay);
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
	       !(worker_runs && pthread_equal(pthread_self(), worker)))
		usleep(100);
	return was;
}

static bool work_is_done(struct work_struct *work)
{
	unsigned long flags;
	bool done;

	raw_spin_lock_irqsave(&work_lock, flags);
	done = !work->queued &&
	       __atomic_load_n(&running, __ATOMIC_ACQUIRE) != work;
	raw_spin_unlock_irqrestore(&work_lock, flags);
	return done;
}

/* Where no thread can be made it would wait for ever. */
void flush_work(struct work_struct *work)
{
	might_sleep();
	worker_want();
	while (worker_runs && !work_is_done(work))
		usleep(100);
}

bool cancel_delayed_work_sync(struct delayed_work *work)
{
	return cancel_work_sync(&work->work);
}
