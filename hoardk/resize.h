/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The size of a block, given any pointer.
 */
#ifndef HOARDK_RESIZE_H
#define HOARDK_RESIZE_H

#include <linux/types.h>

size_t usable_size(const void *p);

#endif /* HOARDK_RESIZE_H */
