/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Allocation from any heap, for the exported functions.
 */
#ifndef HOARDK_ALLOC_H
#define HOARDK_ALLOC_H

#include <linux/gfp.h>
#include <linux/types.h>

#include "sanitize.h"

struct hoardk_heap;

/* A block of @have bytes goes to its client: zeroed if @zero, all of it. */
static __always_inline void *hand_out(void *p, size_t have, size_t size,
				      gfp_t gfp, bool zero)
{
	sanitize_open(p, have);
	if (zero)
		sanitize_fill(p, 0, have);
	else
		sanitize_unset(p, have, gfp);
	sanitize_trim(p, size, have);
	sanitize_register(p, size, gfp);
	return p;
}

void *alloc_any(struct hoardk_heap *heap, size_t size, size_t align, gfp_t gfp,
		int node, unsigned long caller);

#endif /* HOARDK_ALLOC_H */
