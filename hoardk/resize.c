// SPDX-License-Identifier: GPL-2.0
/*
 * The exported functions about the size of a block.
 */
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/string.h>

#include "alloc.h"
#include "badfree.h"
#include "checked.h"
#include "heap.h"
#include "large.h"
#include "resize.h"
#include "sanitize.h"

/* The bytes at @p, and whose; 0 when @p is no live block.  Any context. */
static size_t lookup(const void *p, struct hoardk_heap **heap)
{
	struct superblock *sb = superblock_of(p);
	size_t size = 0;
	u32 index;

	preempt_disable();
	if (superblock_holds(sb, p)) {
		index = superblock_index(sb, p);
		/* A live block's bit does not change: no need of the section. */
		if (superblock_has(sb, index) && !superblock_is_free(sb, index)) {
			*heap = READ_ONCE(sb->heap);
			size = *heap && (*heap)->checks ?
			       checked_size(sb, p) : sb->size;
		}
	} else {
		size = large_size(p, heap);
	}
	preempt_enable();
	return size;
}

/* The bytes at @p, or 0; reports nothing. */
size_t usable_size(const void *p)
{
	struct hoardk_heap *heap;

	return lookup(p, &heap);
}

/**
 * hoardk_usable_size() - how many bytes of a block may be used
 * @p: as for hoardk_free()
 *
 * In a heap with checks that is exactly what was asked for.
 *
 * Context: any.
 * Return: bytes, at least what was asked for; 0 for NULL and ZERO_SIZE_PTR, and
 * for a pointer that is no live block, which is reported.
 */
size_t hoardk_usable_size(const void *p)
{
	size_t size;

	if (is_nothing(p))
		return 0;
	size = usable_size(p);
	if (likely(size))
		sanitize_open(p, size);
	else
		badfree_invalid(p, _RET_IP_);
	return size;
}
EXPORT_SYMBOL_NS_GPL(hoardk_usable_size, HOARDK_NS);

/**
 * hoardk_size_roundup() - the usable size that a request would get
 * @size: bytes
 *
 * Context: any.
 * Return: bytes; 0 for 0.
 */
size_t hoardk_size_roundup(size_t size)
{
	if (!size || general_heap.checks)
		return size;
	if (size <= SMALL_MAX)
		return size_classes[class_of(size)].size;
	return PAGE_ALIGN(size) ? : size;
}
EXPORT_SYMBOL_NS_GPL(hoardk_size_roundup, HOARDK_NS);

/* Does a block of @have bytes serve @size without waste beyond half? */
static bool fits(size_t have, size_t size)
{
	return size <= have && (size > have / 2 || have <= 16);
}

/**
 * hoardk_realloc() - change the size of a block
 * @p: as for hoardk_free(); NULL and ZERO_SIZE_PTR allocate
 * @size: bytes; 0 frees and gives ZERO_SIZE_PTR
 * @gfp: as for hoardk_alloc(); __GFP_ZERO zeroes what lies beyond the old
 *	block's usable size
 *
 * The block stays where it is when it still fits and at least half of it is
 * used, and then its alignment is what it was; a moved block has that of
 * hoardk_alloc() and stays in its heap.
 *
 * Context: any; sleeps only if @gfp allows it.
 * Return: the memory with the old contents up to the smaller size, or NULL when
 * a larger block cannot be had, and then the old one is as it was.  A pointer
 * that is no live block is reported and gives NULL.
 */
void *hoardk_realloc(const void *p, size_t size, gfp_t gfp)
{
	struct hoardk_heap *heap = &general_heap;
	size_t have;
	void *new;

	if (is_nothing(p))
		return alloc_any(heap, size, 1, gfp, NUMA_NO_NODE, _RET_IP_);
	if (!size) {
		hoardk_free(p);
		return ZERO_SIZE_PTR;
	}
	have = lookup(p, &heap);
	if (unlikely(!have || !heap)) {
		badfree_invalid(p, _RET_IP_);
		return NULL;
	}
	sanitize_open(p, have);
	if (fits(have, size)) {
		if (heap->checks)
			checked_resize(heap, p, size);
		else
			sanitize_trim(p, size, have);
		return (void *)p;
	}
	new = alloc_any(heap, size, 1, gfp, NUMA_NO_NODE, _RET_IP_);
	if (!new)
		return size <= have ? (void *)p : NULL;
	memcpy(new, p, min(have, size));
	hoardk_free(p);
	return new;
}
EXPORT_SYMBOL_NS_GPL(hoardk_realloc, HOARDK_NS);
