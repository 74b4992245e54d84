// SPDX-License-Identifier: GPL-2.0
/*
 * Timers of a worker's CPU that make, check and drop blocks as well: one in
 * hardirq, one in softirq.  They break in on hoardk in the middle of what the
 * thread below them does, which is the point.
 *
 * Each has slots of its own, gets blocks from the thread of the CPU before and
 * gives blocks to the thread of the CPU after (a machine of one CPU: its own).
 * The worker starts and cancels its timers; a timer whose CPU went offline is
 * moved by the kernel, and never runs twice at once, so the rings keep one
 * producer and one consumer.
 */
#include <linux/kernel.h>
#include <linux/slab.h>

#include "../compat.h"
#include "ring.h"
#include "stress.h"

#define IRQ_OPS	4	/* each time the timer goes off */

static void irq_slot(struct irq *q)
{
	struct block *b = &q->slot[stress_hash(q->actor.id, q->actor.seq, 9) %
				   IRQ_SLOTS];

	if (b->p) {
		stress_block_drop(&q->actor, b);
		b->p = NULL;
	}
	/* A failure leaves the slot empty. */
	stress_block_make(&q->actor, b);
}

static enum hrtimer_restart irq_fire(struct hrtimer *timer)
{
	struct irq *q = container_of(timer, struct irq, timer);
	struct block b;
	int i;

	for (i = 0; i < IRQ_OPS; i++) {
		irq_slot(q);
		if (ring_pop(q->in, &b))
			stress_block_drop(&q->actor, &b);
		if (!ring_full(q->out) && stress_block_make(&q->actor, &b))
			ring_push(q->out, &b);
	}
	/* Not in step with the tick, nor with the other timers. */
	hrtimer_forward_now(timer, ns_to_ktime(NSEC_PER_USEC *
			    (job.irq_us + q->actor.seq % job.irq_us)));
	return HRTIMER_RESTART;
}

int stress_irq_create(struct worker *w)
{
	static const enum hrtimer_mode modes[] = {
		HRTIMER_MODE_REL_PINNED_HARD, HRTIMER_MODE_REL_PINNED_SOFT,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(w->irq); i++) {
		struct irq *q = &w->irq[i];

		q->worker = w;
		q->mode = modes[i];
		q->actor.id = job.nr * (i + 1) + w->id;
		q->actor.irq = true;
		q->in = ring_create(IRQ_RING);
		q->out = ring_create(IRQ_RING);
		if (!q->in || !q->out)
			return -ENOMEM;
		hrtimer_setup(&q->timer, irq_fire, CLOCK_MONOTONIC, q->mode);
	}
	return 0;
}

void stress_irq_destroy(struct worker *w)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(w->irq); i++) {
		kvfree(w->irq[i].in);
		kvfree(w->irq[i].out);
	}
}

void stress_irq_start(struct worker *w)
{
	ktime_t period = ns_to_ktime(NSEC_PER_USEC * job.irq_us);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(w->irq); i++)
		hrtimer_start(&w->irq[i].timer, period, w->irq[i].mode);
}

void stress_irq_stop(struct worker *w)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(w->irq); i++) {
		hrtimer_cancel(&w->irq[i].timer);
		stress_actor_flush(&w->irq[i].actor);
	}
}

/* The thread's part: one block each way with the timers next door. */
unsigned int stress_irq_exchange(struct worker *w)
{
	struct worker *next = job.workers[(w->id + 1) % job.nr];
	struct worker *prev = job.workers[(w->id + job.nr - 1) % job.nr];
	unsigned int i, done = 0;
	struct block b;

	for (i = 0; i < ARRAY_SIZE(w->irq); i++) {
		if (ring_pop(prev->irq[i].out, &b)) {
			stress_block_drop(&w->actor, &b);
			done++;
		}
		if (!ring_full(next->irq[i].in) &&
		    stress_block_make(&w->actor, &b)) {
			ring_push(next->irq[i].in, &b);
			done++;
		}
	}
	return done;
}

/* All timers are stopped: what they hold is the thread's to drop. */
void stress_irq_drain(struct worker *w)
{
	unsigned int i, k;
	struct block b;

	for (i = 0; i < ARRAY_SIZE(w->irq); i++) {
		struct irq *q = &w->irq[i];

		for (k = 0; k < IRQ_SLOTS; k++)
			if (q->slot[k].p)
				stress_block_drop(&w->actor, &q->slot[k]);
		while (ring_pop(q->in, &b))
			stress_block_drop(&w->actor, &b);
		while (ring_pop(q->out, &b))
			stress_block_drop(&w->actor, &b);
		stress_actor_drain(&q->actor);
	}
}
