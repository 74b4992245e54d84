/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The size of a block, given any pointer.
 */
#ifndef HOARDK_RESIZE_H
#define HOARDK_RESIZE_H

#include <linux/slab.h>
#include <linux/types.h>

/* What a free may be given without having been allocated. */
static inline bool is_nothing(const void *p)
{
	return !p || p == ZERO_SIZE_PTR;
}

size_t usable_size(const void *p);

#endif /* HOARDK_RESIZE_H */
