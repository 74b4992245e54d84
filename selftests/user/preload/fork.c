// SPDX-License-Identifier: GPL-2.0
/*
 * libhoardk.so: fork().  The child sees all of the core and the stub as it was
 * when nobody was amid anything.
 *
 * Locks, in the order in which they are taken: those of work.c, heaps_mutex,
 * that of RCU's callbacks, cpus_lock and the seizing of all CPUs, liburcu's.
 * All but the last are waited for with every CPU running, so whoever has one
 * gets on: the thread of work.c never waits for anything but heaps_mutex, its
 * holder for that thread's work only, and the others for nobody.  When the CPUs
 * are frozen, their threads are in no section, so they hold no spinlock, and
 * liburcu waits for no reader.
 *
 * This is called after what the program does before a fork, and before what it
 * does after one, because it is registered at the first call of malloc().  The C
 * library takes the lock of its list of streams only then: as with any such
 * library, a fork hangs if who holds that waits for a stream whose holder waits
 * for us.
 */
#include <pthread.h>

#include "../kernel/cpu.h"
#include "../kernel/lock.h"
#include "../kernel/work.h"
#include "hoardk/heap.h"
#include "preload.h"

static void before_fork(void)
{
	work_freeze();
	mutex_lock(&heaps_mutex);
	rcu_freeze();
	cpus_freeze();
	urcu_bp_before_fork();
}

static void after_fork(bool child)
{
	cpus_thaw(child);
	rcu_thaw();
	mutex_unlock(&heaps_mutex);
	work_thaw(child);
}

static void after_fork_in_parent(void)
{
	urcu_bp_after_fork_parent();
	after_fork(false);
}

static void after_fork_in_child(void)
{
	urcu_bp_after_fork_child();
	after_fork(true);
}

void fork_init(void)
{
	if (pthread_atfork(before_fork, after_fork_in_parent,
			   after_fork_in_child))
		stub_bug("no memory for the handlers around fork()");
}
