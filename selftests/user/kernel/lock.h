/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stub kernel's locks: spinlock.h and mutex.h.  One word, a futex where it
 * is contended; checked: who takes a lock twice, or releases another's, or
 * sleeps in a section, is told.
 */
#ifndef STUB_LOCK_H
#define STUB_LOCK_H

#include "cpu.h"

/**
 * struct stub_lock - 0 free, 1 taken, 2 taken and waited for
 * @state: see above
 * @owner: who took it
 */
struct stub_lock {
	int state;
	struct cpu *owner;
};

typedef struct stub_lock raw_spinlock_t;

struct mutex {
	struct stub_lock lock;
};

#define DEFINE_RAW_SPINLOCK(name)	raw_spinlock_t name = { 0 }
#define DEFINE_MUTEX(name)		struct mutex name = { { 0 } }
#define raw_spin_lock_init(lock)	(*(lock) = (raw_spinlock_t){ 0 })

void stub_lock(struct stub_lock *lock);
bool stub_trylock(struct stub_lock *lock);
void stub_unlock(struct stub_lock *lock);

#define raw_spin_lock_irqsave(lock, flags) do {				\
	preempt_disable();						\
	(flags) = local_irq_save_flags();				\
	stub_lock(lock);						\
} while (0)

#define raw_spin_trylock_irqsave(lock, flags) ({			\
	bool got;							\
	preempt_disable();						\
	(flags) = local_irq_save_flags();				\
	got = stub_trylock(lock);					\
	if (!got) {							\
		local_irq_restore(flags);				\
		preempt_enable();					\
	}								\
	got; })

#define raw_spin_unlock_irqrestore(lock, flags) do {			\
	stub_unlock(lock);						\
	local_irq_restore(flags);					\
	preempt_enable();						\
} while (0)

static inline void mutex_lock(struct mutex *mutex)
{
	might_sleep();
	stub_lock(&mutex->lock);
}

static inline bool mutex_trylock(struct mutex *mutex)
{
	return stub_trylock(&mutex->lock);
}

static inline void mutex_unlock(struct mutex *mutex)
{
	stub_unlock(&mutex->lock);
}

#define lockdep_assert_held(mutex) do {					\
	if (!__atomic_load_n(&(mutex)->lock.state, __ATOMIC_RELAXED))	\
		stub_bug("%s(): " #mutex " is not held", __func__);	\
} while (0)

#endif /* STUB_LOCK_H */
