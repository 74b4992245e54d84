/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sweep: once a period while hoardk holds memory, see to what nobody came
 * by for: pending remote frees, outboxes, idle local heaps, the pool's decay.
 */
#ifndef HOARDK_SWEEP_H
#define HOARDK_SWEEP_H

#include <linux/workqueue.h>

extern struct workqueue_struct *sweep_queue;

int sweep_init(void);
void sweep_exit(void);
void sweep_arm(void);

#endif /* HOARDK_SWEEP_H */
