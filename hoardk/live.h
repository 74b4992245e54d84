/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who holds what: the live blocks of heaps that track owners, grouped by call
 * stack and class, largest first.
 *
 * Task context; heaps_mutex is held, and in live_show() taken.
 */
#ifndef HOARDK_LIVE_H
#define HOARDK_LIVE_H

struct hoardk_heap;
struct seq_file;

void live_report(struct hoardk_heap *heap);
int live_show(struct seq_file *m, void *v);

#endif /* HOARDK_LIVE_H */
