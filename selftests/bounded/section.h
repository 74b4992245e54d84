/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Times every section of hoardk that holds up its CPU.  Included before all
 * else in each file of hoardk when that is built with HOARDK_SECTIONS=y: then
 * preempt_disable() and the raw locks are also the ends of a section here.
 *
 * A section that has begun keeps interrupts off until it ends, so that what is
 * measured is hoardk's own work, not that of an interrupt that came in between.
 *
 * Any context but NMI.
 */
#ifndef HOARDK_SECTION_H
#define HOARDK_SECTION_H

#include <linux/types.h>

enum section_kind { SECTION_PREEMPT, SECTION_LOCK, NR_SECTION_KINDS };

/**
 * struct section_most - the longest section of a kind
 * @took: cycles; instructions, in a guest whose clock counts these
 * @site: where it began
 * @times: sections of this kind
 */
struct section_most {
	u64 took;
	unsigned long site;
	unsigned long times;
};

/* Preemption or interrupts are off already.  @site: 0: the caller. */
void section_begin(enum section_kind kind, unsigned long site);
void section_end(enum section_kind kind);

/* Nothing is measured meanwhile. */
void sections_forget(void);
void sections_most(enum section_kind kind, struct section_most *most);

#ifdef HOARDK_SECTIONS

/* Whatever has inline functions with sections of their own. */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/debugfs.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

/* These headers have defined it as nothing; each file has its own. */
#undef pr_fmt

#undef preempt_disable
#define preempt_disable()						\
do {									\
	preempt_count_inc();						\
	barrier();							\
	section_begin(SECTION_PREEMPT, 0);				\
} while (0)

static __always_inline void section_preempt_enable(void)
{
	section_end(SECTION_PREEMPT);
	preempt_enable();
}

#undef preempt_enable
#define preempt_enable()	section_preempt_enable()

/* Locks are taken by a function for all: the section is its caller's. */
static __always_inline unsigned long section_lock(raw_spinlock_t *lock)
{
	unsigned long flags;

	raw_spin_lock_irqsave(lock, flags);
	return flags;
}

static __always_inline void section_unlock(raw_spinlock_t *lock,
					   unsigned long flags)
{
	section_end(SECTION_LOCK);
	raw_spin_unlock_irqrestore(lock, flags);
}

#undef raw_spin_lock_irqsave
#define raw_spin_lock_irqsave(lock, flags)				\
do {									\
	flags = section_lock(lock);					\
	section_begin(SECTION_LOCK, _RET_IP_);				\
} while (0)

#undef raw_spin_unlock_irqrestore
#define raw_spin_unlock_irqrestore(lock, flags)	section_unlock(lock, flags)

#endif /* HOARDK_SECTIONS */

#endif /* HOARDK_SECTION_H */
