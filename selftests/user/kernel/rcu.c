// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel's RCU, for threads: liburcu's, with what ThreadSanitizer has
 * to be told, since it does not see into that library.
 *
 * Each section ends by a release on its CPU's slot (see preempt_enable()): a
 * grace period acquires all.
 */
#include "cpu.h"

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

#ifdef __SANITIZE_THREAD__
/* The callbacks that wait, so that each runs after grace_period_seen(). */
struct callback {
	struct rcu_head rcu;
	struct rcu_head *head;
	void (*func)(struct rcu_head *head);
};

static void callback_run(struct rcu_head *rcu)
{
	struct callback *c = container_of(rcu, struct callback, rcu);

	__tsan_acquire(c);
	grace_period_seen();
	c->func(c->head);
	free(c);
}

void stub_call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	struct callback *c = malloc(sizeof(*c));

	*c = (struct callback){ .head = head, .func = func };
	__tsan_release(c);
	urcu_bp_call_rcu(&c->rcu, callback_run);
}
#else
void stub_call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	urcu_bp_call_rcu(head, func);
}
#endif

void stub_rcu_barrier(void)
{
	might_sleep();
	urcu_bp_barrier();
}
