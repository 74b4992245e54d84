/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stub kernel's time and work: jiffies.h and workqueue.h.  One thread runs
 * all work, on the CPU it was queued for by seizing that (see cpu.h), and RCU's
 * callbacks; in steps the driver does (see steps.h).
 *
 * That thread is made when work is queued from where one may sleep, and not
 * before the stub holds work_min_pages: a program that has little stays alone
 * in its process, if this is asked for.
 */
#ifndef STUB_WORK_H
#define STUB_WORK_H

#include "cpu.h"
#include "list.h"

/* In a second; the unit of delays. */
#define HZ			1000
#define jiffies			stub_jiffies()
#define jiffies_to_msecs(j)	((unsigned int)(j))
unsigned long stub_jiffies(void);

struct work_struct;
struct workqueue_struct;

typedef void (*work_func_t)(struct work_struct *work);

/**
 * struct work_struct - all but @func: the lock of work.c
 * @func: what to do
 * @link: on the list of what is queued
 * @queued: it is on the list
 * @cpu: where; that of no CPU: anywhere
 * @due: when, in milliseconds since the start
 */
struct work_struct {
	work_func_t func;
	struct list_head link;
	bool queued;
	unsigned int cpu;
	unsigned long due;
};

struct delayed_work {
	struct work_struct work;
};

#define DECLARE_DELAYED_WORK(name, fn) \
	struct delayed_work name = { .work.func = fn }
#define INIT_WORK(w, fn)	(*(w) = (struct work_struct){ .func = fn })
#define WQ_MEM_RECLAIM		0

struct workqueue_struct *alloc_workqueue(const char *name, unsigned int flags,
					 int max);
void destroy_workqueue(struct workqueue_struct *queue);
bool queue_work_on(int cpu, struct workqueue_struct *queue,
		   struct work_struct *work);
bool queue_delayed_work(struct workqueue_struct *queue,
			struct delayed_work *work, unsigned long delay);
bool cancel_work_sync(struct work_struct *work);
void flush_work(struct work_struct *work);
bool cancel_delayed_work_sync(struct delayed_work *work);

extern bool worker_runs;
extern unsigned long work_min_pages;

void work_event(void);
void work_freeze(void);
void work_thaw(bool alone);
void work_leave(void);

/* Without a thread to run it, it is worth queueing again. */
static inline bool delayed_work_pending(struct delayed_work *work)
{
#ifndef STUB_STEPS
	if (!__atomic_load_n(&worker_runs, __ATOMIC_RELAXED))
		return false;
#endif
	return __atomic_load_n(&work->work.queued, __ATOMIC_RELAXED);
}

#endif /* STUB_WORK_H */
