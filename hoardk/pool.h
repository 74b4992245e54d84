/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pool: empty superblocks of each NUMA node, shared by all heaps, and within
 * their kind by all classes.
 *
 * Everything goes through the pool on its way out, and only the sweep, the
 * shrinker and a request give superblocks back to the page allocator: so no
 * hot path calls RCU, and memory that was just given up serves the next taker.
 * The sweep returns what lay idle for a whole period beyond POOL_LIMIT at once
 * and half of the rest, and all as soon as no heap holds anything: a bounded
 * cache that decays to nothing.
 *
 * Lock: one raw spinlock a node, innermost, interrupts off.  Any context; from
 * NMI the lock is only tried.
 */
#ifndef HOARDK_POOL_H
#define HOARDK_POOL_H

#include <linux/types.h>

struct superblock;

/* Superblocks a node's pool may keep beyond one period of the sweep. */
#define POOL_LIMIT	32

int pool_init(void);
void pool_exit(void);
struct superblock *pool_get(unsigned int class, int node);
struct superblock *pool_get_any(unsigned int class);
bool pool_put(struct superblock *sb);
unsigned long pool_count(void);
unsigned long pool_release(unsigned long nr);
void pool_decay(void);

#endif /* HOARDK_POOL_H */
