/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Freeing, for who knows its client.
 */
#ifndef HOARDK_FREE_H
#define HOARDK_FREE_H

void free_any(const void *p, unsigned long caller);

#endif /* HOARDK_FREE_H */
