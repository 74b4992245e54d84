/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reports of bad pointers.  Any context but under a lock of ours: the callers
 * note what they saw and report after they let go.
 */
#ifndef HOARDK_BADFREE_H
#define HOARDK_BADFREE_H

#include <linux/preempt.h>

#include "local.h"

void badfree_double(const void *p, unsigned long caller);
void badfree_report(unsigned long n, const void *block);
void badfree_invalid(const void *p, unsigned long caller);

/* Take over what an owner noted, inside its section.  @block: NULL: not known. */
struct doubles {
	unsigned long n;
	void *block;
};

static inline struct doubles badfree_collect(struct owner *o)
{
	struct doubles d = { o->doubles, o->double_block };

	if (unlikely(d.n)) {
		o->doubles = 0;
		o->double_block = NULL;
	}
	return d;
}

/* Out of the section: report what was collected. */
static inline void badfree_doubles(unsigned long n, const void *block)
{
	if (unlikely(n))
		badfree_report(n, block);
}

/* Leave a fast path's section, and report what was noted in it. */
static __always_inline void local_exit_report(struct local_heap *h)
{
	struct doubles d = badfree_collect(&h->own);

	local_exit(h);
	preempt_enable();
	badfree_doubles(d.n, d.block);
}

#endif /* HOARDK_BADFREE_H */
