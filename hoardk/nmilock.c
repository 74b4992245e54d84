// SPDX-License-Identifier: GPL-2.0
/*
 * A raw spinlock that is only tried from NMI.  See nmilock.h.
 */
#include <linux/preempt.h>

#include "nmilock.h"

/* False only from NMI.  sparse cannot follow that and is told of no lock. */
bool nmi_lock(raw_spinlock_t *lock, unsigned long *flags)
{
	if (likely(!in_nmi()))
		raw_spin_lock_irqsave(lock, *flags);
	else if (!raw_spin_trylock_irqsave(lock, *flags))
		return false;
	__release(lock);
	return true;
}

void nmi_unlock(raw_spinlock_t *lock, unsigned long flags)
{
	__acquire(lock);
	raw_spin_unlock_irqrestore(lock, flags);
}
