// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel's locks, for threads: see lock.h.  After U. Drepper, "Futexes
 * Are Tricky" (2011), mutex 2: 1 is taken, 2 taken and perhaps waited for.
 */
#include "futex.h"
#include "lock.h"

/* Tries before a thread goes to sleep: most locks are held for less. */
#define SPINS	100

bool stub_trylock(struct stub_lock *lock)
{
	int free = 0;

	if (!__atomic_compare_exchange_n(&lock->state, &free, 1, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	__atomic_store_n(&lock->owner, this_cpu, __ATOMIC_RELAXED);
	return true;
}

void stub_lock(struct stub_lock *lock)
{
	int i;

	for (i = 0; i < SPINS; i++) {
		if (stub_trylock(lock))
			return;
		__builtin_ia32_pause();
	}
	if (this_cpu &&
	    __atomic_load_n(&lock->owner, __ATOMIC_RELAXED) == this_cpu)
		stub_bug("a lock is taken twice by one thread");
	while (__atomic_exchange_n(&lock->state, 2, __ATOMIC_ACQUIRE))
		futex_wait(&lock->state, 2);
	__atomic_store_n(&lock->owner, this_cpu, __ATOMIC_RELAXED);
}

void stub_unlock(struct stub_lock *lock)
{
	struct cpu *owner = __atomic_load_n(&lock->owner, __ATOMIC_RELAXED);
	int was;

	/* A thread may get its CPU, or lose it, while it holds the lock. */
	if (owner && this_cpu && owner != this_cpu)
		stub_bug("a lock is released by who has not taken it");
	__atomic_store_n(&lock->owner, NULL, __ATOMIC_RELAXED);
	was = __atomic_exchange_n(&lock->state, 0, __ATOMIC_RELEASE);
	if (!was)
		stub_bug("a lock is released that is free");
	if (was == 2)
		futex_wake(&lock->state);
}
