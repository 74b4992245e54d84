// SPDX-License-Identifier: GPL-2.0
/*
 * Size classes, computed once at load.
 *
 * Up to 128 bytes the steps are 8 and 16 bytes; from there to 2 KiB there are
 * eight classes a doubling (waste at most 1/9); above, a class is the largest
 * multiple of 64 (of 16 for n = 5) of which n fit into a superblock, n = 15 to
 * 2, because any size in between would fit no more often.  So up to 8,128 bytes
 * the waste is at most 20.1 %, and above 34 %: 16256 bytes for 10817, where whole
 * pages would waste as much for 8193.
 * 4096 stands beside 4608 so that page-aligned pages come from superblocks.
 */
#include <linux/align.h>
#include <linux/cache.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/log2.h>
#include <linux/minmax.h>

#include "class.h"
#include "superblock.h"

/* Nothing is aligned further than to a page by its class. */
#define CLASS_ALIGN_MAX	4096

struct size_class size_classes[NR_CLASSES] __ro_after_init;
u8 bin_table[SMALL_MAX / 8] __ro_after_init;

/* The next larger block size, or 0 when it was the last. */
static u32 __init next_size(u32 size)
{
	u32 room = SUPERBLOCK_SIZE - SUPERBLOCK_HEADER_MIN;
	u32 n, next;

	if (size < 64)
		return size + 8;
	if (size < 128)
		return size + 16;
	if (size < 2048)
		return size + rounddown_pow_of_two(size) / 8;
	if (size == 4032)
		return 4096;
	for (n = room / size; n >= 2; n--) {
		next = ALIGN_DOWN(room / n, n == 5 ? 16 : 64);
		if (next > size)
			return next;
	}
	return 0;
}

/* Newton's iteration doubles the right bits each time, from 3 to 32. */
static u32 __init inverse_of(u32 odd)
{
	u32 x = odd;
	int i;

	for (i = 0; i < 4; i++)
		x *= 2 - odd * x;
	return x;
}

static void __init class_layout(struct size_class *class, u32 size)
{
	u32 align = min_t(u32, size & -size, CLASS_ALIGN_MAX);
	u32 capacity = (SUPERBLOCK_SIZE - SUPERBLOCK_HEADER_MIN) / size;

	class->size = size;
	class->shift = __ffs(size);
	class->inverse = inverse_of(size >> class->shift);
	class->outbox = DIV_ROUND_UP(OUTBOX_BYTES, size);
	do {
		class->words = DIV_ROUND_UP(capacity, BITS_PER_LONG);
		class->bits_at = superblock_bits_at(class->words);
		class->first = ALIGN(superblock_header(class->words), align);
		class->capacity = capacity;
	} while (class->first + capacity-- * size > SUPERBLOCK_SIZE);
	class->eighth = rounddown_pow_of_two(class->capacity / 8 | 1);
}

/*
 * The smallest class for @size whose blocks are all multiples of @align, a
 * power of two; negative if there is none.  At most NR_CLASSES steps.
 */
int class_of_aligned(size_t align, size_t size)
{
	unsigned int c;

	if (size > SMALL_MAX || align > CLASS_ALIGN_MAX)
		return -1;
	for (c = class_of(size); c < NR_CLASSES; c++)
		if (!(size_classes[c].size & (align - 1)))
			return c;
	return -1;
}

/* How full in bytes a superblock is at least, when all its blocks are used. */
unsigned int class_min_fill_permille(void)
{
	unsigned int c, fill, least = 1000;

	for (c = 0; c < NR_CLASSES; c++) {
		fill = size_classes[c].capacity * size_classes[c].size * 1000UL /
		       SUPERBLOCK_SIZE;
		least = min(least, fill);
	}
	return least;
}

int __init class_init(void)
{
	unsigned int c = 0, kinds = 1;
	u32 size, at = 0;

	for (size = 8; size; size = next_size(size)) {
		if (c == NR_CLASSES)
			return -EINVAL;
		class_layout(&size_classes[c], size);
		if (size_classes[c].words > REMOTE_WORDS)
			size_classes[c].kind = kinds++;
		for (; at < size; at += 8)
			bin_table[at / 8] = c * BIN_WORDS;
		c++;
	}
	return c == NR_CLASSES && kinds <= NR_KINDS && at == SMALL_MAX ?
	       0 : -EINVAL;
}
