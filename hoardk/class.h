/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Size classes: which block size serves a request, and how a superblock of
 * that class is laid out.  Constant after class_init(); no state, no locks,
 * any context.
 */
#ifndef HOARDK_CLASS_H
#define HOARDK_CLASS_H

#include <linux/bits.h>
#include <linux/types.h>

#define SUPERBLOCK_SHIFT	15
#define SUPERBLOCK_SIZE		BIT(SUPERBLOCK_SHIFT)

/* One bit per class must fit into a word: see struct owner; and bin_table. */
#define NR_CLASSES		59
#define SMALL_MAX		16256

/* An outbox is passed on when so many bytes wait: an eighth of a superblock. */
#define OUTBOX_BYTES		(SUPERBLOCK_SIZE / 8)

/*
 * Empty superblocks serve all classes of their kind.  Kind 0 are the classes
 * whose remote bits lie in the header's fixed part; of the few others each is a
 * kind of its own, see struct remote.
 */
#define NR_KINDS		5

/**
 * struct size_class - one block size and the superblocks that hold it
 * @size: bytes a block
 * @inverse: of the odd part of @size, modulo 2^32
 * @capacity: blocks in a superblock
 * @first: offset of block 0, a multiple of the power of two in @size
 * @words: words of the bitmap of free blocks
 * @bits_at: offset of the remote bits in the header
 * @outbox: blocks with which an outbox is full: see OUTBOX_BYTES
 * @eighth: the power of two at or below an eighth of @capacity, at least 1
 * @shift: the power of two in @size
 * @kind: see NR_KINDS
 */
struct size_class {
	u32 size;
	u32 inverse;
	u16 capacity;
	u16 first;
	u16 words;
	u16 bits_at;
	u16 outbox;
	u16 eighth;
	u8 shift;
	u8 kind;
};

extern struct size_class size_classes[NR_CLASSES];

/*
 * Where the bin of the class that serves a size is, in words: the fast path need
 * not multiply.  By (size - 1) / 8.
 */
#define BIN_WORDS		3
extern u8 bin_table[SMALL_MAX / 8];

/* The class that serves @size bytes, 1 to SMALL_MAX. */
static inline unsigned int class_of(size_t size)
{
	return bin_table[(size - 1) >> 3] / BIN_WORDS;
}

int class_of_aligned(size_t align, size_t size);
unsigned int class_min_fill_permille(void);
int class_init(void);

#endif /* HOARDK_CLASS_H */
