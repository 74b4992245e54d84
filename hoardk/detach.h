/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Taking the local heaps from CPUs: when a CPU goes down, when memory is to be
 * given back, when a heap is destroyed.  See detach.c.
 */
#ifndef HOARDK_DETACH_H
#define HOARDK_DETACH_H

#include <linux/types.h>

struct hoardk_heap;

void heap_detach_cpu(struct hoardk_heap *heap, int cpu);
void heap_detach(struct hoardk_heap *heap, bool block);
struct local_heap *detach_begin(struct hoardk_heap *heap, int cpu);
void detach_cancel(struct hoardk_heap *heap, int cpu, struct local_heap *h);
void detach_unblock(struct hoardk_heap *heap, int cpu);
void heap_collapse(struct hoardk_heap *heap);
void heap_empty(struct hoardk_heap *heap);

#endif /* HOARDK_DETACH_H */
