/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Allocation from any heap, for the exported functions.
 */
#ifndef HOARDK_ALLOC_H
#define HOARDK_ALLOC_H

#include <linux/gfp.h>
#include <linux/types.h>

struct hoardk_heap;

void *alloc_any(struct hoardk_heap *heap, size_t size, size_t align, gfp_t gfp,
		int node, unsigned long caller);

#endif /* HOARDK_ALLOC_H */
