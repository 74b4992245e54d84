// SPDX-License-Identifier: GPL-2.0
/*
 * Many blocks at a time: allocated and freed in runs, which are neighbours in one
 * word of a superblock's bits, without a section, a header and a counter for each.
 * Everything else goes one by one, as if there was no bulk.
 *
 * Contexts: any.  Locks: none.
 */
#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/preempt.h>

#include "alloc.h"
#include "badfree.h"
#include "free.h"
#include "heap.h"
#include "remote.h"

/* Blocks of one section, so that preemption is not off for long. */
#define BULK_BATCH	64

/* The bits of @n blocks from that of bit @first on; @n is not 0. */
static inline unsigned long run_of(unsigned int first, unsigned int n)
{
	return ~0UL >> (BITS_PER_LONG - n) << first;
}

/*
 * Up to @nr blocks, which are not 0, out of the bin's word, which is not either:
 * the first run of it.
 */
static unsigned int run_take(struct owner *o, struct bin *bin, unsigned int nr,
			     void **p)
{
	unsigned long word = *bin->word, size = bin->size;
	unsigned int first = __ffs(word), n = nr, i;
	unsigned long used = ~(word >> first);
	void *block = bin->base + first * size;

	if (used)
		n = min_t(unsigned int, n, __ffs(used));
	WRITE_ONCE(*bin->word, word & ~run_of(first, n));
	for (i = 0; i < n; i++, block += size)
		p[i] = block;
	counted(o->margin += n * size);
	counted(o->allocs += n);
	return n;
}

/*
 * Up to @nr blocks from this CPU's local heap, in one section, which has one refill at
 * most: each takes a while, and may bring a single block.
 */
static unsigned int bulk_take(unsigned int class, size_t size, unsigned int nr,
			      void **p)
{
	struct doubles d = { 0 };
	struct local_heap *h;
	bool refilled = false;
	struct bin *bin;
	unsigned int n = 0;

	preempt_disable();
	h = this_cpu_read(hoardk_local);
	if (local_enter_any(h)) {
		bin = &h->own.bins[class];
		while (n < nr) {
			if (*bin->word) {
				n += run_take(&h->own, bin, nr - n, p + n);
				continue;
			}
			if (refilled)
				break;
			p[n] = local_refill(h, class, size);
			if (!p[n])
				break;
			refilled = true;
			n++;
		}
		d = badfree_collect(&h->own);
		local_exit_any(h);
	}
	preempt_enable();
	badfree_doubles(d.n, d.block);
	return n;
}

/**
 * hoardk_alloc_bulk() - allocate many blocks of one size
 * @size: bytes each
 * @gfp: as for hoardk_alloc()
 * @nr: how many
 * @p: where the addresses go
 *
 * Context: any; sleeps only if @gfp allows it.
 * Return: how many it got, @p[0] to @p[that - 1]; fewer than @nr for want of
 * memory.
 */
unsigned int hoardk_alloc_bulk(size_t size, gfp_t gfp, unsigned int nr,
			       void **p)
{
	bool zero = want_init_on_alloc(gfp);
	bool small = size - 1 < SMALL_MAX && !general_heap.checks &&
		     !(gfp & (__GFP_DMA | __GFP_DMA32));
	unsigned int i, got, n = 0;

	while (n < nr) {
		got = small ? bulk_take(class_of(size), size,
					min(nr - n, BULK_BATCH), p + n) : 0;
		for (i = 0; (zero || HOARDK_SANITIZED) && i < got; i++)
			hand_out(p[n + i], size_classes[class_of(size)].size,
				 size, gfp, zero);
		n += got;
		if (got)
			continue;
		p[n] = alloc_any(&general_heap, size, 1, gfp, NUMA_NO_NODE,
				 _RET_IP_);
		if (!p[n])
			break;
		n++;
	}
	return n;
}
EXPORT_SYMBOL_NS_GPL(hoardk_alloc_bulk, HOARDK_NS);

/* How many of @nr pointers are of blocks that lie one behind the other. */
static inline unsigned int run_length(unsigned int nr, void **p,
				      unsigned int size)
{
	void *next = p[0];
	unsigned int n;

	for (n = 1; n < nr; n++) {
		next += size;
		if (p[n] != next)
			break;
	}
	return n;
}

/*
 * Free the first run of @nr pointers, which are not 0, if it is @h's and in use, in
 * a section of it.  How many blocks that are.
 */
static unsigned int run_put(struct local_heap *h, unsigned int nr, void **p)
{
	struct superblock *sb = superblock_of(p[0]);
	unsigned int first, n, i;
	unsigned long *word, run;
	u32 index;

	if (!superblock_is_linear(p[0]) || !superblock_is_of(sb, &h->own))
		return 0;
	index = superblock_index(sb, p[0]);
	if (!superblock_has(sb, index))
		return 0;
	first = index % BITS_PER_LONG;
	n = min_t(unsigned int, nr, BITS_PER_LONG - first);
	n = min(n, sb->capacity - index);
	n = run_length(n, p, sb->size);
	word = &sb->free[index / BITS_PER_LONG];
	run = run_of(first, n);
	if (unlikely(*word & run)) {
		/* Up to a second free. */
		n = __ffs(*word & run) - first;
		if (!n)
			return 0;
		run = run_of(first, n);
	}
	for (i = 0; HOARDK_SANITIZED && i < n; i++)
		heap_close(h->own.heap, p[i], sb->size);
	WRITE_ONCE(*word, *word | run);
	counted(h->own.local_frees += n);
	counted(h->own.margin -= (long)n * sb->size);
	sb->until -= n;
	return n;
}

/*
 * Free blocks of this CPU's local heap, and what its outbox is for, in one section,
 * until one is neither or there is more to do.  How many that were.
 */
static unsigned int bulk_put(unsigned int nr, void **p)
{
	struct doubles d = { 0 };
	struct superblock *sb;
	struct local_heap *h;
	unsigned int run, n = 0;

	preempt_disable();
	h = this_cpu_read(hoardk_local);
	if (likely(!want_init_on_free() && local_enter(h))) {
		while (n < nr) {
			sb = superblock_of(p[n]);
			run = run_put(h, nr - n, p + n);
			n += run;
			if (run) {
				if (sb->until > 0 && h->own.margin >= 0)
					continue;
				local_freed(h, sb);
			} else {
				if (!superblock_is_linear(p[n]) ||
				    !outbox_joins(h, sb, p[n]))
					break;
				if (!outbox_took(h, p[n++]))
					continue;
				outbox_flush(h);
			}
			d = badfree_collect(&h->own);
			break;
		}
		local_exit(h);
	}
	preempt_enable();
	badfree_doubles(d.n, d.block);
	return n;
}

/**
 * hoardk_free_bulk() - free many blocks
 * @nr: how many
 * @p: their addresses, each as for hoardk_free(), in any order.  Quickest in that
 *	of hoardk_alloc_bulk()
 *
 * Context: any.
 */
void hoardk_free_bulk(unsigned int nr, void **p)
{
	unsigned int n;

	while (nr) {
		n = bulk_put(min(nr, BULK_BATCH), p);
		if (!n) {
			free_any(*p, _RET_IP_);
			n = 1;
		}
		p += n;
		nr -= n;
	}
}
EXPORT_SYMBOL_NS_GPL(hoardk_free_bulk, HOARDK_NS);
