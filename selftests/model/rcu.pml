/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RCU for the models: synchronize_rcu() waits for the CPUs that have preemption
 * off when it starts, until each has had it on once.  A section here begins
 * with its first access and ends with its last, which only makes the wait
 * shorter.  Whoever has sections needs a number, me; two may wait, 0 and 1.
 */
byte readers;		/* a bit for each CPU with preemption off */
byte awaited[2];	/* a bit for each that is waited for */

#define preempt_is_off(cpu)	(readers >> cpu & 1)

inline preempt_disable()
{
	readers = readers | 1 << me
}

inline preempt_enable()
{
	readers = readers & ~(1 << me);
	awaited[0] = awaited[0] & ~(1 << me);
	awaited[1] = awaited[1] & ~(1 << me)
}

inline synchronize_rcu(i)
{
	awaited[i] = readers;
	awaited[i] == 0
}
