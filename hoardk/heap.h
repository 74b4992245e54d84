/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A heap: a global heap and a local heap per CPU, with a policy.  There is the
 * general heap, and private ones that clients create; all share the pool.
 *
 * Locks: heaps_mutex (task context) covers the list of heaps and every detach.
 * It is outermost; a global heap's lock nests inside a busy section, and the
 * pool's lock inside that.
 */
#ifndef HOARDK_HEAP_H
#define HOARDK_HEAP_H

#include <linux/hoardk.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/percpu.h>

#include "global.h"
#include "local.h"
#include "sanitize.h"

#define HEAP_NAME_MAX	32
#define SLACK_MAX	1024

/**
 * struct heap_cpu - a heap's view of a CPU, beside the pointer
 * @blocked: no local heap may be attached; global heap's lock
 */
struct heap_cpu {
	bool blocked;
};

/**
 * struct hoardk_heap - constant after creation but for @global and @classes
 * @global: the global heap
 * @local: per CPU the local heap, or &busy_heap where there is none.  Written
 *	under the global heap's lock: taken from anywhere, set by its CPU
 * @cpus: per CPU
 * @policy: see enum hoardk_policy
 * @slack: K
 * @empty_percent: f
 * @threshold: per class, the most blocks a superblock at least f empty has
 * @classes: classes that superblocks have been formatted for
 * @remote_frees: frees by contexts that found no local heap to use
 * @remote_out: their bytes
 * @strays: policy local: marked blocks that no local heap took, linked
 *	through the blocks; any context adds, heap_collapse() takes
 * @large_count: large allocations that are live
 * @large_bytes: their bytes
 * @large_allocs: large allocations so far
 * @large_frees: large allocations freed so far
 * @checks: HOARDK_CHECK_*, or 0
 * @link: on the list of heaps; heaps_mutex
 * @name: for people
 */
struct hoardk_heap {
	struct global_heap global;
	struct local_heap * __percpu *local;
	struct heap_cpu __percpu *cpus;
	enum hoardk_policy policy;
	unsigned int slack;
	unsigned int empty_percent;
	u16 threshold[NR_CLASSES];
	atomic64_t classes;
	atomic_long_t remote_frees;
	atomic_long_t remote_out;
	struct llist_head strays;
	atomic_long_t large_count;
	atomic_long_t large_bytes;
	atomic_long_t large_allocs;
	atomic_long_t large_frees;
	unsigned int checks;
	struct list_head link;
	char name[HEAP_NAME_MAX];
};

/* The general heap's per-CPU pointer: the one that is exported. */
DECLARE_PER_CPU(struct local_heap *, hoardk_local);

extern struct hoardk_heap general_heap;
extern struct list_head heaps;
extern struct mutex heaps_mutex;

/* The sanitizers are told that a block of @heap is free. */
static __always_inline void heap_close(const struct hoardk_heap *heap,
				       const void *p, size_t have)
{
	if (!HOARDK_SANITIZED)
		return;
	if (heap->policy == HOARDK_POLICY_LOCAL)
		sanitize_close_linked(p, have);
	else
		sanitize_close(p, have);
}

/*
 * May a superblock be laid out anew in a section?  Not where that takes long: with
 * checks every block gets a trailer and its poison.  Then alloc_fresh() does it.
 * In NMI there is nowhere else.
 */
static inline bool heap_may_format(const struct hoardk_heap *heap)
{
	return sanitize_may_format() && (likely(!heap->checks) || in_nmi());
}

int heap_init(enum hoardk_policy policy, unsigned int slack,
	      unsigned int empty_percent, unsigned int checks);
void heap_exit(void);
void heap_format(struct hoardk_heap *heap, struct superblock *sb,
		 unsigned int class);
void heap_attach(struct hoardk_heap *heap, gfp_t gfp);
void heap_give_back(void);
int heap_check(int policy, unsigned int slack, unsigned int empty_percent);
const char *policy_name(enum hoardk_policy policy);
int policy_parse(const char *name);
struct local_heap *heap_local(const struct hoardk_heap *heap, int cpu);
long heap_in_use(const struct hoardk_heap *heap);

#endif /* HOARDK_HEAP_H */
