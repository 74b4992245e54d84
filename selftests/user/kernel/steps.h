/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stub kernel in steps: one thread, which says on which CPU it is, when
 * queued work is done, when a grace period ends and what time it is.  So a
 * history of calls is the same each time it is played.
 *
 * For programs compiled with STUB_STEPS; steps.c takes the place of threads.c,
 * lock.c, rcu.c and work.c.
 */
#ifndef STUB_STEPS_H
#define STUB_STEPS_H

#include "work.h"

/* Go to a CPU, which comes up if it is down. */
void steps_on_cpu(unsigned int cpu);
/* How many works are queued and due; do the @nth of them on its CPU. */
unsigned int steps_work_due(void);
void steps_do_work(unsigned int nth);
/* All that is due, in order, and what that queues. */
void steps_settle(void);
/* The callbacks that wait get their grace period. */
void steps_grace_period(void);
void steps_advance(unsigned long milliseconds);
/*
 * At the @points-th access to shared memory from now, an interrupt or NMI on
 * this CPU calls @fn.  For what is compiled with STUB_INTERLEAVE.
 */
void steps_interrupt_after(unsigned int points, bool nmi,
			   void (*fn)(void *arg), void *arg);
/* It waits meanwhile, and does not count. */
void steps_interrupt_hold(bool hold);
/* It is not wanted any more; true if it has not come. */
bool steps_interrupt_cancel(void);

#endif /* STUB_STEPS_H */
