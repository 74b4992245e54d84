/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hoardk_alloc() and hoardk_zalloc() of a constant size, inline: a block from the
 * current word of the bin, on the one pointer per CPU that hoardk exports.  All else
 * is left to the functions.  Included by <linux/hoardk.h>; nothing here is an
 * interface.
 *
 * Context: any.  How the busy byte makes a section: see hoardk/local.h; KCSAN would
 * have to be told, and so gets the functions.
 */
#ifndef _LINUX_HOARDK_INLINE_H
#define _LINUX_HOARDK_INLINE_H

#include <linux/align.h>
#include <linux/hoardk.h>
#include <linux/hoardk_bits.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/string.h>

/* The largest size that has a class by hoardk_class(). */
#define HOARDK_INLINE_MAX	2048

struct local_heap;

/**
 * struct hoardk_bin - struct bin, as hoardk/owner.h has it
 * @word: bits of free blocks
 * @base: the block that bit 0 stands for
 * @size: bytes a block
 */
struct hoardk_bin {
	unsigned long *word;
	void *base;
	unsigned long size;
};

/**
 * struct hoardk_front - how a struct local_heap begins; hoardk/owner.h
 * @busy: somebody is inside, or it has checks
 * @unused: not for here
 * @margin: bytes in use, less a constant
 * @floor: not for here
 * @allocs: allocations so far
 * @rest: not for here
 * @bins: where each class allocates
 */
struct hoardk_front {
	u8 busy;
	u8 unused[7];
	long margin;
	long floor;
	unsigned long allocs;
	unsigned long rest[2];
	struct hoardk_bin bins[];
};

DECLARE_PER_CPU(struct local_heap *, hoardk_local);

/* The highest bit, which compilers know of a constant; not every kernel's __fls(). */
static __always_inline size_t hoardk_log2(size_t size)
{
	return BITS_PER_LONG - 1 - __builtin_clzl(size);
}

/* The class of a size from 1 to HOARDK_INLINE_MAX: steps as hoardk/class.c says. */
static __always_inline size_t hoardk_class(size_t size)
{
	size_t log;

	if (size <= 64)
		return (size - 1) / 8;
	if (size <= 128)
		return 8 + (size - 65) / 16;
	log = hoardk_log2(size - 1);
	return 12 + (log - 7) * 8 + ((size - 1) >> (log - 3)) - 8;
}

/* The bytes of its blocks. */
static __always_inline size_t hoardk_class_size(size_t size)
{
	size_t shift;

	if (size <= 64)
		return ALIGN(size, 8);
	if (size <= 128)
		return ALIGN(size, 16);
	shift = hoardk_log2(size - 1) - 3;
	return ALIGN(size, 1UL << shift);
}

/*
 * A block of a constant @size out of the bin's word.  False, and nothing done, where
 * that is for the function.
 */
static __always_inline bool hoardk_bin_take(size_t size, void **p)
{
	struct hoardk_front *front;
	unsigned long word, bit;
	struct hoardk_bin *bin;

	preempt_disable();
	front = (struct hoardk_front *)this_cpu_read(hoardk_local);
	if (unlikely(front->busy))
		goto busy;
	front->busy = 1;
	barrier();
	bin = &front->bins[hoardk_class(size)];
	word = *bin->word;
	if (unlikely(!hoardk_take_bit(&word, &bit)))
		goto empty;
	WRITE_ONCE(*bin->word, word);
	front->margin += hoardk_class_size(size);
	front->allocs++;
	*p = bin->base + bit * hoardk_class_size(size);
	/* Or part of this is done after the section. */
	OPTIMIZER_HIDE_VAR(*p);
	barrier();
	front->busy = 0;
	preempt_enable();
	return true;

empty:
	barrier();
	front->busy = 0;
busy:
	preempt_enable();
	return false;
}

/* Is it for here? */
static __always_inline bool hoardk_is_inline(size_t size, gfp_t gfp)
{
	return __builtin_constant_p(size) && size - 1 < HOARDK_INLINE_MAX &&
	       !(gfp & GFP_ZONEMASK);
}

static __always_inline __malloc __alloc_size(1)
void *hoardk_alloc_inline(size_t size, gfp_t gfp)
{
	void *p;

	if (hoardk_is_inline(size, gfp) && !want_init_on_alloc(gfp) &&
	    likely(hoardk_bin_take(size, &p)))
		return p;
	return hoardk_alloc(size, gfp);
}

static __always_inline __malloc __alloc_size(1)
void *hoardk_zalloc_inline(size_t size, gfp_t gfp)
{
	void *p;

	if (hoardk_is_inline(size, gfp) && likely(hoardk_bin_take(size, &p)))
		return memset(p, 0, hoardk_class_size(size));
	return hoardk_zalloc(size, gfp);
}

#endif /* _LINUX_HOARDK_INLINE_H */
