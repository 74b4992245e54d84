/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What hoardk exports to its own selftests, and to nobody else.
 */
#ifndef _LINUX_HOARDK_TEST_H
#define _LINUX_HOARDK_TEST_H

#include <linux/types.h>

struct hoardk_heap;

/*
 * Check every structure of hoardk: used + free = capacity, each superblock on
 * exactly one list, u_i and a_i right, the invariant of each local heap.  The
 * figures of a CPU are exact only while nothing allocates or frees on it.
 * Task context; returns how many violations were found and prints the first.
 */
unsigned int hoardk_verify(void);

/*
 * Bytes that clients of @heap (NULL: the general heap) hold now.  A sum over
 * CPUs: off while blocks or superblocks are on their way between them, as after
 * remote frees until the kicks they caused are done.
 */
size_t hoardk_heap_in_use(struct hoardk_heap *heap);

/*
 * Bytes of @heap that were freed remotely and are not drained yet; the same holds
 * for them.
 */
size_t hoardk_heap_pending(struct hoardk_heap *heap);

/*
 * Wait until every kick is done that @heap's local heaps were given before.  Task
 * context, sleeps.
 */
void hoardk_heap_await_kicks(struct hoardk_heap *heap);

/*
 * What a live block counts for in U: more than hoardk_usable_size() says in a heap
 * with checks.  Any context.
 */
size_t hoardk_block_bytes(const void *p);

/* A, of all heaps: what hoardk holds from the page allocator.  Exact; any context. */
size_t hoardk_held_bytes(void);

/* What a write to debugfs give_back does: drain all, return all empties. */
void hoardk_give_back(void);

#endif /* _LINUX_HOARDK_TEST_H */
