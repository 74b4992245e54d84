// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a function in any of the contexts a client may call hoardk from, on
 * the CPU we are on (CONTEXT_IPI: on another one), and waits for it.
 *
 * Called by the main thread or a pinned thread of a team; every call has its
 * own structure on the stack, which outlives the call.
 */
#include <linux/bottom_half.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/spinlock.h>

#include "../compat.h"
#include "test.h"

struct context_call {
	void (*fn)(void *arg);
	void *arg;
	bool done;
	struct tasklet_struct tasklet;
	struct irq_work work;
	struct hrtimer timer;
};

static DEFINE_RAW_SPINLOCK(raw_lock);

static void call_now(struct context_call *call)
{
	call->fn(call->arg);
	/* Pairs with wait_done(): then what @fn wrote is there. */
	smp_store_release(&call->done, true);
}

static void wait_done(struct context_call *call)
{
	/* Pairs with call_now(). */
	while (!smp_load_acquire(&call->done))
		cond_resched();
}

static void tasklet_fn(struct tasklet_struct *tasklet)
{
	call_now(from_tasklet((struct context_call *)NULL, tasklet, tasklet));
}

static void run_tasklet(struct context_call *call)
{
	tasklet_setup(&call->tasklet, tasklet_fn);
	tasklet_schedule(&call->tasklet);
	wait_done(call);
	tasklet_kill(&call->tasklet);
}

static void irq_work_fn(struct irq_work *work)
{
	call_now(container_of(work, struct context_call, work));
}

static void run_irq_work(struct context_call *call)
{
	call->work = IRQ_WORK_INIT_HARD(irq_work_fn);
	irq_work_queue(&call->work);
	irq_work_sync(&call->work);
	wait_done(call);
}

static enum hrtimer_restart hrtimer_fn(struct hrtimer *timer)
{
	call_now(container_of(timer, struct context_call, timer));
	return HRTIMER_NORESTART;
}

static void run_hrtimer(struct context_call *call)
{
	hrtimer_setup_on_stack(&call->timer, hrtimer_fn, CLOCK_MONOTONIC,
			       HRTIMER_MODE_REL_HARD);
	hrtimer_start(&call->timer, ns_to_ktime(1000),
		      HRTIMER_MODE_REL_HARD);
	wait_done(call);
	hrtimer_cancel(&call->timer);
	destroy_hrtimer_on_stack(&call->timer);
}

static void ipi_fn(void *data)
{
	call_now(data);
}

static void run_raw_locked(struct context_call *call)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&raw_lock, flags);
	call_now(call);
	raw_spin_unlock_irqrestore(&raw_lock, flags);
}

static void run_in_task(enum context context, struct context_call *call)
{
	unsigned long flags;

	switch (context) {
	case CONTEXT_PREEMPT_OFF:
		preempt_disable();
		call_now(call);
		preempt_enable();
		break;
	case CONTEXT_BH_OFF:
		local_bh_disable();
		call_now(call);
		local_bh_enable();
		break;
	case CONTEXT_IRQ_OFF:
		local_irq_save(flags);
		call_now(call);
		local_irq_restore(flags);
		break;
	case CONTEXT_RAW_LOCK:
		run_raw_locked(call);
		break;
	default:
		call_now(call);
	}
}

/* False if there is no way to get into @context here. */
bool context_run(enum context context, void (*fn)(void *arg), void *arg)
{
	struct context_call call = { .fn = fn, .arg = arg };

	switch (context) {
	case CONTEXT_SOFTIRQ:
		run_tasklet(&call);
		return true;
	case CONTEXT_IRQ_WORK:
		run_irq_work(&call);
		return true;
	case CONTEXT_HRTIMER:
		run_hrtimer(&call);
		return true;
	case CONTEXT_IPI:
		return !smp_call_function_single(other_cpu(), ipi_fn, &call, 1);
	case CONTEXT_NMI:
		return nmi_works() &&
		       expect(nmi_run(raw_smp_processor_id(), fn, arg));
	default:
		run_in_task(context, &call);
		return true;
	}
}

/* May hoardk not call the page allocator there? */
bool context_is_bare(enum context context)
{
	bool rt = IS_ENABLED(CONFIG_PREEMPT_RT);

	switch (context) {
	case CONTEXT_NMI:
		return true;
	case CONTEXT_RAW_LOCK:
	case CONTEXT_IRQ_WORK:
	case CONTEXT_HRTIMER:
	case CONTEXT_IPI:
		return rt || IS_ENABLED(CONFIG_PROVE_RAW_LOCK_NESTING);
	case CONTEXT_PREEMPT_OFF:
	case CONTEXT_IRQ_OFF:
		return rt;
	default:
		return false;
	}
}

int context_open(void)
{
	return nmi_open();
}

void context_close(void)
{
	nmi_close();
}
