// SPDX-License-Identifier: GPL-2.0
/*
 * The inline allocation of constant sizes: that the header and hoardk mean the same.
 */
#undef HOARDK_INLINE
#define HOARDK_INLINE 1
#include "detect.h"

static void same_classes(void)
{
	size_t size;

	insmod(NULL);
	for (size = 1; size <= HOARDK_INLINE_MAX; size++) {
		expect_is(hoardk_class(size), class_of(size));
		expect_is(hoardk_class_size(size),
			  size_classes[class_of(size)].size);
	}
	rmmod();
}

/* As in a table of allocators. */
static void *(*by_pointer)(size_t size, gfp_t gfp) = hoardk_alloc;

/* From the bin's word without a call, and else by the function. */
static void takes(void)
{
	struct owner *o;
	void *p[6];

	/* Who looks at each block is told by the functions alone. */
	if (HOARDK_SANITIZED)
		return;

	insmod(NULL);
	p[0] = hoardk_alloc(64, GFP_KERNEL);
	o = &local_heap(0)->own;
	expect_is(o->allocs, 1);
	p[1] = hoardk_alloc(64, GFP_KERNEL);
	expect(p[1] == p[0] + 64, "not the next block");
	expect_is(o->allocs, 2);
	expect_sound(128);
	p[2] = p[1] + 64;
	memset(p[2], 0xa5, 64);
	p[4] = hoardk_zalloc(50, GFP_KERNEL);
	expect(p[4] != p[2], "another class");
	expect(hoardk_zalloc(60, GFP_KERNEL) == p[2], "not the next block");
	expect(!memchr_inv(p[2], 0, 64), "not zero");
	/* Busy: as in an interrupt. */
	o->busy = LOCAL_BUSY;
	p[3] = hoardk_alloc(64, GFP_ATOMIC);
	o->busy = 0;
	expect(superblock_owner(superblock_of(p[3])) != o, "in the middle");
	p[5] = READ_ONCE(by_pointer)(64, GFP_KERNEL);
	expect(p[5] == p[2] + 64, "not the next block");
	put_all(0, 6, p);
	expect_silence();
	rmmod();
}

const struct test inline_tests[] = {
	{ "inline: the classes are hoardk's", same_classes },
	{ "inline: out of the word, or by the function", takes },
	{ 0 }
};
