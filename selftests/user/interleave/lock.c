// SPDX-License-Identifier: GPL-2.0
/*
 * Locks: who finds one taken waits, and others go on.
 */
#include "explorer.h"

static bool is_free(void *lock)
{
	return !((struct stub_lock *)lock)->state;
}

static bool take(struct stub_lock *lock)
{
	if (lock->state)
		return false;
	lock->state = 1;
	lock->owner = this_cpu;
	clock_acquire(lock);
	return true;
}

bool stub_trylock(struct stub_lock *lock)
{
	access_sync(lock, "trylock", CALLER);
	return take(lock);
}

void stub_lock(struct stub_lock *lock)
{
	access_sync(lock, "lock", CALLER);
	while (!take(lock)) {
		if (!task_now)
			stub_bug("deadlock: a lock is taken that is taken");
		task_wait("waits for the lock", is_free, lock);
	}
}

void stub_unlock(struct stub_lock *lock)
{
	if (!lock->state)
		stub_bug("a lock is released that is free");
	if (lock->owner != this_cpu)
		stub_bug("a lock is released by who has not taken it");
	clock_release(lock);
	lock->state = 0;
	if (task_now)
		trace_add("unlock", lock, CALLER);
}
