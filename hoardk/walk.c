// SPDX-License-Identifier: GPL-2.0
/*
 * A walk over an owner.  Contexts: see walk.h.
 */
#include "owner.h"
#include "walk.h"

/* Lists, or bins, of a group. */
static unsigned int rows_of(enum group group)
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

static void walk_advance(struct walk *walk)
{
	walk->entered = false;
	if (++walk->row < rows_of(walk->group))
		return;
	walk->row = 0;
	walk->group++;
}

/* The list that a walk is at, which is not at a bin. */
const struct hlist_head *walk_list(const struct walk *walk,
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
static unsigned int walk_visit(struct walk *walk, struct owner *o,
			       struct superblock *sb,
			       const struct visitor *visitor, void *arg)
{
	if (walk->visited != sb)
		walk->index = 0;
	walk->visited = sb;
	return visitor->superblock(arg, o, sb, walk);
}

/* One step on a list; how long it took, in words of bitmaps. */
static unsigned int walk_step(struct walk *walk, struct owner *o,
			      const struct visitor *visitor, void *arg)
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

static unsigned int walk_bin(struct walk *walk, struct owner *o,
			     const struct visitor *visitor, void *arg)
{
	struct superblock *sb = bin_active(&o->bins[walk->row]);
	unsigned int words = 1;

	if (sb)
		words = walk_visit(walk, o, sb, visitor, arg);
	else
		walk->index = 0;
	if (!walk->index)
		walk_advance(walk);
	return words;
}

/* A bounded part of the walk; true while there is more. */
bool walk_on(struct walk *walk, struct owner *o, const struct visitor *visitor,
	     void *arg)
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
