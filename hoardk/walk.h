/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A walk over all superblocks of an owner in bounded parts, between which the
 * owner works on: what comes, goes or changes lists meanwhile is visited, or not,
 * or in part, or twice.
 *
 * Each part is in the owner's section.  The owner stays in between, and has no
 * other walk.  All is inlined where the visitor is a constant: most of a walk are
 * empty lists, and calls of what is not known when it is compiled cost more than
 * they do.
 */
#ifndef HOARDK_WALK_H
#define HOARDK_WALK_H

#include <linux/types.h>

#include "owner.h"

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
#define WALK_WORDS	400

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

/* Lists, or bins, of a group. */
static inline unsigned int walk_rows(enum group group)
{
	switch (group) {
	case GROUP_EMPTY:
		return NR_KINDS;
	case GROUP_FULL:
		return 1;
	default:
		return NR_CLASSES;
	}
}

static inline void walk_advance(struct walk *walk)
{
	walk->entered = false;
	if (++walk->row < walk_rows(walk->group))
		return;
	walk->row = 0;
	walk->group++;
}

/* The list that a walk is at, which is not at a bin. */
static inline const struct hlist_head *walk_list(const struct walk *walk,
						 const struct owner *o)
{
	switch (walk->group) {
	case GROUP_EMPTY:
		return &o->empty[walk->row];
	case GROUP_FULL:
		return &o->full;
	default:
		return &o->lists[walk->group - FIRST_LISTED][walk->row];
	}
}

/* Visit @sb, or go on where the visitor stopped last time. */
static __always_inline unsigned int walk_visit(struct walk *walk,
					       struct owner *o,
					       struct superblock *sb,
					       const struct visitor *visitor,
					       void *arg)
{
	if (walk->visited != sb)
		walk->index = 0;
	walk->visited = sb;
	return visitor->superblock(arg, o, sb, walk);
}

/* One step on a list; how long it took, in words of bitmaps. */
static __always_inline unsigned int walk_step(struct walk *walk,
					      struct owner *o,
					      const struct visitor *visitor,
					      void *arg)
{
	struct superblock *sb;
	unsigned int words;

	if (!walk->entered) {
		walk->entered = true;
		walk->next = walk_list(walk, o)->first;
		if (visitor->list)
			visitor->list(arg, o, walk);
	}
	if (!walk->next) {
		walk_advance(walk);
		return 1;
	}
	sb = hlist_entry(walk->next, struct superblock, link);
	words = walk_visit(walk, o, sb, visitor, arg);
	if (!walk->index)
		walk->next = sb->link.next;
	return words;
}

/* The same at a bin, whose superblock may be another one by now. */
static __always_inline unsigned int walk_bin(struct walk *walk,
					     struct owner *o,
					     const struct visitor *visitor,
					     void *arg)
{
	struct superblock *sb = bin_active(&o->bins[walk->row]);
	unsigned int words = 1;

	/* Or it might begin anew for ever. */
	if (walk->index && sb != walk->visited)
		walk->index = 0;
	else if (sb)
		words = walk_visit(walk, o, sb, visitor, arg);
	if (!walk->index)
		walk_advance(walk);
	return words;
}

/* A bounded part of the walk; true while there is more. */
static __always_inline bool walk_on(struct walk *walk, struct owner *o,
				    const struct visitor *visitor, void *arg)
{
	unsigned int words = 0;

	/* What comes and goes until the next part has to tell the walk. */
	o->walk = NULL;
	while (words < WALK_WORDS) {
		if (walk->group < GROUP_ACTIVE)
			words += walk_step(walk, o, visitor, arg);
		else if (walk->group == GROUP_ACTIVE)
			words += walk_bin(walk, o, visitor, arg);
		else
			return false;
	}
	o->walk = walk;
	return true;
}

#endif /* HOARDK_WALK_H */
