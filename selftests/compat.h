/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between kernel versions in what tests use and hoardk does not.
 */
#ifndef HOARDK_SELFTESTS_COMPAT_H
#define HOARDK_SELFTESTS_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/version.h>

/* From 6.13 on a timer gets its function when it is set up. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*fn)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = fn;
}

static inline void hrtimer_setup_on_stack(struct hrtimer *timer,
					  enum hrtimer_restart (*fn)(struct hrtimer *),
					  clockid_t clock,
					  enum hrtimer_mode mode)
{
	hrtimer_init_on_stack(timer, clock, mode);
	timer->function = fn;
}
#endif

#endif /* HOARDK_SELFTESTS_COMPAT_H */
