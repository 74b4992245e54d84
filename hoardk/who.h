/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who called hoardk: a call stack kept in the kernel's stack depot, or where
 * there is none, and where none can be taken, the caller's address.
 *
 * Any context.  Stacks are kept for good, each once; so they may be looked at
 * without a lock.
 */
#ifndef HOARDK_WHO_H
#define HOARDK_WHO_H

#include <linux/gfp.h>
#include <linux/types.h>

int who_init(void);
unsigned long who_now(unsigned int checks, gfp_t gfp, unsigned long caller);
unsigned long who_caller(unsigned long who);
unsigned int who_frames(unsigned long who, unsigned long *frames,
			unsigned int nr);

#endif /* HOARDK_WHO_H */
