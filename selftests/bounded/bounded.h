/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The worst cases of hoardk's operations, for hoardk_bounded.ko.  Task context,
 * on CPU 0, one at a time.
 */
#ifndef HOARDK_BOUNDED_H
#define HOARDK_BOUNDED_H

#include <linux/types.h>

#define SCENE_CLASSES	64

struct hoardk_heap;
struct local_heap;

/**
 * struct scene - what an operation finds
 * @size: bytes a block
 * @superblocks: how many, full of such blocks
 * @heap: they are of this private heap; NULL: of the general heap
 * @p: the blocks; NULL where one is free
 * @nr: of these
 * @per: blocks in a superblock
 * @every: a block of each class
 * @none: what a CPU's pointer is when it has no local heap
 * @aside: the local heap that CPU 0 has stepped aside from, or NULL
 */
struct scene {
	size_t size;
	unsigned long superblocks;
	struct hoardk_heap *heap;
	void **p;
	unsigned long nr;
	unsigned long per;
	void *every[SCENE_CLASSES];
	struct local_heap *none;
	struct local_heap *aside;
};

/**
 * struct worst - an operation in its worst case
 * @name: of both
 * @setup: makes it; or NULL
 * @run: what is measured; may destroy the heap and clear scene.heap
 * @general: blocks of the general heap
 */
struct worst {
	const char *name;
	int (*setup)(struct scene *s);
	int (*run)(struct scene *s);
	bool general;
};

const struct worst *worst_find(const char *name);
int scene_open(struct scene *s, bool general);
void scene_close(struct scene *s);
int scene_fill(struct scene *s);
void scene_empty(struct scene *s);

#endif /* HOARDK_BOUNDED_H */
