// SPDX-License-Identifier: GPL-2.0
/*
 * Figures.  Task context.  The counters of other CPUs are read as they change,
 * so sums are exact only while nothing allocates or frees.
 */
#include <linux/build_bug.h>
#include <linux/math64.h>
#include <linux/string.h>

#include "account.h"
#include "class.h"
#include "heap.h"
#include "large.h"
#include "pool.h"
#include "quarantine.h"
#include "stats.h"

struct account account;

static void add_owner(const struct owner *o, struct stats *s)
{
	unsigned int c;

	s->in_use += owner_in_use(o);
	s->pending += owner_pending(o);
	s->superblock_bytes += READ_ONCE(o->held_bytes);
	s->overhead += READ_ONCE(o->overhead);
	s->block_bytes += READ_ONCE(o->held_bytes) - READ_ONCE(o->overhead);
	s->empty += READ_ONCE(o->nr_empty) * (long)SUPERBLOCK_SIZE / 1000 *
		    class_min_fill_permille();
	s->allocs += READ_ONCE(o->allocs);
	s->local_frees += READ_ONCE(o->local_frees);
	s->remote_frees += READ_ONCE(o->remote_frees);
	/*
	 * Requested sizes are not kept.  Each refill looks at one request, and
	 * the average waste seen is taken for all blocks of its class here.
	 */
	for (c = 0; c < NR_CLASSES; c++)
		s->waste += (long)READ_ONCE(o->superblocks[c]) *
			    size_classes[c].capacity * READ_ONCE(o->waste[c]) / 8;
}

/* The share of the free blocks is not known by class: take the average. */
static void scale_waste(struct stats *s)
{
	if (s->block_bytes > 0)
		s->waste = mul_u64_u64_div_u64(s->waste, max(s->in_use, 0L),
					       s->block_bytes);
}

void stats_of_heap(const struct hoardk_heap *heap, struct stats *s)
{
	const struct local_heap *h;
	long out = atomic_long_read(&heap->remote_out);
	int cpu;

	memset(s, 0, sizeof(*s));
	add_owner(&heap->global.own, s);
	s->global = s->superblock_bytes >> SUPERBLOCK_SHIFT;
	for_each_possible_cpu(cpu) {
		h = heap_local(heap, cpu);
		if (h == &busy_heap)
			continue;
		add_owner(&h->own, s);
		s->quarantine += quarantine_bytes(h);
		s->overhead += LOCAL_HEAP_BYTES + (h->loose ? PAGE_SIZE : 0) +
			       (h->quarantine ? PAGE_SIZE : 0);
	}
	s->local = (s->superblock_bytes >> SUPERBLOCK_SHIFT) - s->global;
	s->in_use -= out;
	s->pending += out;
	scale_waste(s);
	s->remote_frees += atomic_long_read(&heap->remote_frees);
	s->allocs += atomic_long_read(&heap->large_allocs);
	s->local_frees += atomic_long_read(&heap->large_frees);
	s->large = atomic_long_read(&heap->large_bytes);
	s->in_use += s->large;
}

static void add_stats(struct stats *sum, const struct stats *s)
{
	const long *from = (const long *)s;
	long *to = (long *)sum;
	size_t i;

	BUILD_BUG_ON(sizeof(*s) % sizeof(long));
	for (i = 0; i < sizeof(*s) / sizeof(long); i++)
		to[i] += from[i];
}

/* All heaps, and those that are gone; the peaks are brought up to date. */
void stats_gather(struct stats *sum)
{
	struct hoardk_heap *heap;
	struct stats s;

	memset(sum, 0, sizeof(*sum));
	mutex_lock(&heaps_mutex);
	list_for_each_entry(heap, &heaps, link) {
		stats_of_heap(heap, &s);
		add_stats(sum, &s);
	}
	mutex_unlock(&heaps_mutex);
	sum->allocs += atomic_long_read(&account.retired_allocs);
	sum->local_frees += atomic_long_read(&account.retired_local_frees);
	sum->remote_frees += atomic_long_read(&account.retired_remote_frees);
	sum->overhead += large_overhead();
	figure_raise(&account.in_use, sum->in_use);
	figure_raise(&account.owned, sum->in_use + sum->pending);
}

static long peak_of(struct figure *f)
{
	return atomic_long_read(&f->peak);
}

/*
 * Peak U: as published, which may be off by S for each owner, but no more than
 * there ever was to be in use.
 */
long stats_peak_in_use(void)
{
	return min(peak_of(&account.in_use), peak_of(&account.held));
}

/* By classes: holds whatever the requests, and needs no figure but U's. */
static long bound_by_classes(long owned)
{
	return owned / 1000 * peak_of(&account.class_factor) +
	       peak_of(&account.class_fixed);
}

/* By local heaps: what the global heaps held is taken as measured. */
static long bound_by_locals(long owned)
{
	return owned / 1000 * peak_of(&account.local_factor) +
	       peak_of(&account.local_fixed) + peak_of(&account.global_held);
}

/*
 * The most that A can have been, in bytes: the lesser of two bounds, which
 * Documentation/design.rst derives; negative when there is none (policy local).
 */
long stats_bound_bytes(void)
{
	long owned = max(peak_of(&account.owned), stats_peak_in_use()) + 999;
	long bound = bound_by_classes(owned);

	if (peak_of(&account.unbounded))
		return -1;
	if (!peak_of(&account.other_policies))
		bound = min(bound, bound_by_locals(owned));
	return bound + peak_of(&account.large) + peak_of(&account.released) +
	       peak_of(&account.pooled) + peak_of(&account.noded) +
	       peak_of(&account.fresh);
}
