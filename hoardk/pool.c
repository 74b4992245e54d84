// SPDX-License-Identifier: GPL-2.0
/*
 * The pool of empty superblocks.  Locks and contexts: see pool.h.
 */
#define pr_fmt(fmt) "hoardk: " fmt

#include <linux/minmax.h>
#include <linux/nodemask.h>
#include <linux/numa.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "nmilock.h"
#include "pages.h"
#include "pool.h"
#include "superblock.h"

/* How many superblocks are returned under one hold of the lock. */
#define RELEASE_BATCH	16

/**
 * struct pool - the empty superblocks of a node
 * @lock: covers the rest
 * @lists: by kind; last in, first out: the warmest first
 * @count: superblocks on @lists; read without the lock for figures
 * @idle: the lowest @count since the last decay
 */
struct pool {
	raw_spinlock_t lock;
	struct hlist_head lists[NR_KINDS];
	unsigned long count;
	unsigned long idle;
} ____cacheline_aligned_in_smp;

static struct pool *pools;

int __init pool_init(void)
{
	int node;

	pools = kcalloc(nr_node_ids, sizeof(*pools), GFP_KERNEL);
	if (!pools)
		return -ENOMEM;
	for (node = 0; node < nr_node_ids; node++)
		raw_spin_lock_init(&pools[node].lock);
	return 0;
}

/* Nobody uses the pool any more. */
void pool_exit(void)
{
	pool_release(ULONG_MAX);
	kfree(pools);
}

static struct superblock *pool_pop(struct pool *pool, unsigned int kind)
{
	struct superblock *sb;

	if (hlist_empty(&pool->lists[kind]))
		return NULL;
	sb = hlist_entry(pool->lists[kind].first, struct superblock, link);
	hlist_del_init(&sb->link);
	WRITE_ONCE(pool->count, pool->count - 1);
	pool->idle = min(pool->idle, pool->count);
	return sb;
}

/* The one that serves the fewest classes. */
static struct superblock *pool_pop_any(struct pool *pool)
{
	struct superblock *sb = NULL;
	unsigned int kind = NR_KINDS;

	while (!sb && kind)
		sb = pool_pop(pool, --kind);
	return sb;
}

/* An empty superblock of @node that may be formatted for @class; or NULL. */
struct superblock *pool_get(unsigned int class, int node)
{
	struct pool *pool = &pools[node];
	struct superblock *sb;
	unsigned long flags;

	if (!READ_ONCE(pool->count) || !nmi_lock(&pool->lock, &flags))
		return NULL;
	sb = pool_pop(pool, size_classes[class].kind);
	nmi_unlock(&pool->lock, flags);
	if (sb)
		pages_pin();
	return sb;
}

/* The same from any node, before an allocation fails. */
struct superblock *pool_get_any(unsigned int class)
{
	struct superblock *sb = NULL;
	int node;

	for_each_online_node(node) {
		sb = pool_get(class, node);
		if (sb)
			break;
	}
	return sb;
}

/*
 * Take an empty, quiet superblock that no owner holds any more.  False only
 * from NMI, when the lock is taken: then the caller keeps it.
 */
bool pool_put(struct superblock *sb)
{
	struct pool *pool = &pools[sb->node];
	unsigned long flags;

	if (!nmi_lock(&pool->lock, &flags))
		return false;
	superblock_set_noded(sb, false);
	sb->group = GROUP_NONE;
	superblock_leave(sb);
	hlist_add_head(&sb->link, &pool->lists[superblock_kind(sb)]);
	WRITE_ONCE(pool->count, pool->count + 1);
	nmi_unlock(&pool->lock, flags);
	pages_unpin();
	return true;
}

unsigned long pool_count(void)
{
	unsigned long n = 0;
	int node;

	for (node = 0; node < nr_node_ids; node++)
		n += READ_ONCE(pools[node].count);
	return n;
}

/* Return up to @nr superblocks of a node to the page allocator. */
static unsigned long pool_release_node(struct pool *pool, unsigned long nr)
{
	struct superblock *batch[RELEASE_BATCH];
	unsigned long flags, done = 0;
	unsigned int i, n;

	do {
		nmi_lock(&pool->lock, &flags);
		for (n = 0; n < RELEASE_BATCH && done + n < nr; n++) {
			batch[n] = pool_pop_any(pool);
			if (!batch[n])
				break;
		}
		nmi_unlock(&pool->lock, flags);
		for (i = 0; i < n; i++)
			pages_put_superblock(batch[i]);
		done += n;
		cond_resched();
	} while (n == RELEASE_BATCH);
	return done;
}

/* Return up to @nr superblocks; not from NMI.  Says how many it were. */
unsigned long pool_release(unsigned long nr)
{
	unsigned long done = 0;
	int node;

	for (node = 0; node < nr_node_ids && done < nr; node++)
		done += pool_release_node(&pools[node], nr - done);
	return done;
}

/* One period of the sweep is over. */
void pool_decay(void)
{
	unsigned long flags, idle, keep;
	struct pool *pool;
	int node;

	for (node = 0; node < nr_node_ids; node++) {
		pool = &pools[node];
		nmi_lock(&pool->lock, &flags);
		idle = pool->idle;
		pool->idle = pool->count;
		nmi_unlock(&pool->lock, flags);
		keep = min_t(unsigned long, idle, POOL_LIMIT) / 2;
		if (idle > keep)
			pool_release_node(pool, idle - keep);
	}
}
