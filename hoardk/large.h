/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Large allocations: what no size class serves, and small requests when no
 * superblock can be had.  Whole pages, recorded in a hash that also validates
 * frees.
 *
 * Lookup and the claim of a free are lock-free (RCU and an exchange), so a free
 * is safe in any context; what may not run there is left to the sweep.
 * Locks: a raw spinlock per stripe of the hash, innermost.
 */
#ifndef HOARDK_LARGE_H
#define HOARDK_LARGE_H

#include <linux/gfp.h>
#include <linux/types.h>

struct hoardk_heap;

enum large_verdict { LARGE_FREED, LARGE_FREED_BEFORE, LARGE_UNKNOWN };

int large_init(void);
void large_exit(void);
bool large_is_possible(size_t size, size_t align);
void *large_alloc(struct hoardk_heap *heap, size_t size, size_t align,
		  gfp_t gfp, int node, unsigned long caller);
enum large_verdict large_free(const void *p);
size_t large_size(const void *p, struct hoardk_heap **heap);
size_t large_drop(struct hoardk_heap *heap, size_t *bytes);
void large_for_each(const struct hoardk_heap *heap,
		    void (*fn)(void *arg, size_t have, size_t size,
			       unsigned long who, u32 when), void *arg);
void large_reap(void);
size_t large_overhead(void);

#endif /* HOARDK_LARGE_H */
