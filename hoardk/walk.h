/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A walk over all superblocks of an owner in bounded parts, between which the
 * owner works on: what comes, goes or changes lists meanwhile is visited or not,
 * or twice.
 *
 * Each part is in the owner's section.  The owner stays in between, and has no
 * other walk.
 */
#ifndef HOARDK_WALK_H
#define HOARDK_WALK_H

#include <linux/types.h>

#include "superblock.h"

struct owner;

/**
 * struct walk - where a walk is; it begins with zeroes
 * @group: of the superblocks there
 * @row: which list of these: by kind if empty, by class unless full
 * @next: to be visited next, of that list; NULL at its end
 * @entered: @next is of that list
 * @disturbed: superblocks have come, gone or changed lists
 * @index: the visitor's: of the block at which it goes on in @visited; 0 when
 *	it is done with that
 * @visited: the superblock that was visited last
 */
struct walk {
	enum group group;
	unsigned int row;
	struct hlist_node *next;
	bool entered;
	bool disturbed;
	u32 index;
	const struct superblock *visited;
};

/* A part of a walk, in words of bitmaps; a list counts for one. */
#define WALK_WORDS	512

/**
 * struct visitor - what a walk does
 * @list: on entering a list of superblocks, or NULL
 * @superblock: says how long it took, in words of bitmaps
 */
struct visitor {
	void (*list)(void *arg, const struct owner *o, const struct walk *walk);
	unsigned int (*superblock)(void *arg, const struct owner *o,
				   struct superblock *sb, struct walk *walk);
};

const struct hlist_head *walk_list(const struct walk *walk,
				   const struct owner *o);
bool walk_on(struct walk *walk, struct owner *o, const struct visitor *visitor,
	     void *arg);

#endif /* HOARDK_WALK_H */
