/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stub kernel's rcupdate.h: liburcu's, which knows threads that nobody
 * registered, interrupts by signals, and fork.  A section with preemption off
 * is a read-side section, and there is no other kind: see preempt_disable().
 *
 * In steps it is the steps' own: see steps.h.
 */
#ifndef STUB_RCU_H
#define STUB_RCU_H

#include <stdbool.h>

#ifdef STUB_STEPS
struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
};

#else
#define _LGPL_SOURCE
#include <urcu-bp.h>
#include <urcu/call-rcu.h>

#undef rcu_read_lock
#undef rcu_read_unlock
#undef synchronize_rcu
#undef call_rcu
#undef rcu_barrier
#endif

#define rcu_read_lock()		preempt_disable()
#define rcu_read_unlock()	preempt_enable()
#define synchronize_rcu()	stub_synchronize_rcu()
#define call_rcu(head, func)	stub_call_rcu(head, func)
#define rcu_barrier()		stub_rcu_barrier()

void stub_synchronize_rcu(void);
void stub_call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));
void stub_rcu_barrier(void);
bool rcu_callbacks_wait(void);
void rcu_run_callbacks(void);
void rcu_freeze(void);
void rcu_thaw(void);

#endif /* STUB_RCU_H */
