/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who holds what: the live blocks of heaps that track owners, grouped by call
 * stack and class, largest first.
 *
 * Task context; heaps_mutex is held, and for the file taken.
 */
#ifndef HOARDK_LIVE_H
#define HOARDK_LIVE_H

#include <linux/fs.h>

struct hoardk_heap;

void live_report(struct hoardk_heap *heap);
extern const struct file_operations live_fops;

#endif /* HOARDK_LIVE_H */
