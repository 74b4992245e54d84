/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A raw spinlock, interrupts off, that is only tried from NMI: the code that
 * an NMI interrupted may hold it.
 */
#ifndef HOARDK_NMILOCK_H
#define HOARDK_NMILOCK_H

#include <linux/spinlock.h>

bool nmi_lock(raw_spinlock_t *lock, unsigned long *flags);
void nmi_unlock(raw_spinlock_t *lock, unsigned long flags);

#endif /* HOARDK_NMILOCK_H */
