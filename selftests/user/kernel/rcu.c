// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel's RCU, for threads: liburcu's, with what ThreadSanitizer has
 * to be told, since it does not see into that library.
 *
 * Each section ends by a release on its CPU's slot (see preempt_enable()), those
 * of threads that are no CPU on one for all: a grace period acquires all.
 *
 * Callbacks are run by the thread of work.c, or by who waits for all of them;
 * liburcu's own thread for that would allocate memory when it starts, and a
 * fork would have to wait until it looks up from its sleep.
 */
#include "lock.h"
#include "mm.h"
#include "work.h"

/* What waits for a grace period, the latest first. */
static struct cds_wfcq_node *callbacks;
/* Held while callbacks run. */
static struct stub_lock callbacks_lock;

static void grace_period_seen(void)
{
#ifdef __SANITIZE_THREAD__
	unsigned int i;

	for (i = 0; i < STUB_SLOTS; i++)
		__tsan_acquire(&cpus[i]);
#endif
}

void stub_synchronize_rcu(void)
{
	might_sleep();
	urcu_bp_synchronize_rcu();
	grace_period_seen();
}

void stub_call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	struct cds_wfcq_node *first;

	if (in_nmi())
		stub_bug("call_rcu() in an NMI");
	head->func = func;
	first = __atomic_load_n(&callbacks, __ATOMIC_RELAXED);
	do {
		head->next.next = first;
	} while (!__atomic_compare_exchange_n(&callbacks, &first, &head->next,
					      false, __ATOMIC_RELEASE,
					      __ATOMIC_RELAXED));
	if (!first)
		work_event();
}

bool rcu_callbacks_wait(void)
{
	return __atomic_load_n(&callbacks, __ATOMIC_RELAXED);
}

void rcu_run_callbacks(void)
{
	struct cds_wfcq_node *node;
	struct rcu_head *head;

	stub_lock(&callbacks_lock);
	node = __atomic_exchange_n(&callbacks, NULL, __ATOMIC_ACQUIRE);
	if (node)
		stub_synchronize_rcu();
	while (node) {
		head = container_of(node, struct rcu_head, next);
		node = node->next;
		head->func(head);
	}
	stub_unlock(&callbacks_lock);
}

void stub_rcu_barrier(void)
{
	might_sleep();
	rcu_run_callbacks();
}

/* Around a fork: nobody is amid callbacks. */
void rcu_freeze(void)
{
	stub_lock(&callbacks_lock);
}

void rcu_thaw(void)
{
	stub_unlock(&callbacks_lock);
}
