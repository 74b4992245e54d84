// SPDX-License-Identifier: GPL-2.0
/*
 * A walk over an owner.  Contexts: see walk.h.
 */
#include "owner.h"
#include "walk.h"

/* Where a walk may be: at a list, then at a bin. */
#define WALK_LISTS	(1 + NR_KINDS + NR_LISTED * NR_CLASSES)
#define WALK_END	(WALK_LISTS + NR_CLASSES)

/*
 * The list that a walk is at, or NULL when it is at a bin; which group is there,
 * and of which kind (if empty) or class (unless full).
 */
const struct hlist_head *walk_list(const struct owner *o,
				   const struct walk *walk, enum group *group,
				   unsigned int *row)
{
	unsigned int at = walk->at;

	*row = 0;
	if (!at) {
		*group = GROUP_FULL;
		return &o->full;
	}
	at--;
	if (at < NR_KINDS) {
		*group = GROUP_EMPTY;
		*row = at;
		return &o->empty[at];
	}
	at -= NR_KINDS;
	*row = at % NR_CLASSES;
	if (walk->at >= WALK_LISTS) {
		*group = GROUP_ACTIVE;
		return NULL;
	}
	*group = FIRST_LISTED + at / NR_CLASSES;
	return &o->lists[at / NR_CLASSES][*row];
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
	unsigned int words, row;
	enum group group;

	if (!walk->entered) {
		walk->entered = true;
		walk->next = walk_list(o, walk, &group, &row)->first;
		if (visitor->list)
			visitor->list(arg, o, walk);
	}
	if (!walk->next) {
		walk->entered = false;
		walk->at++;
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
	struct superblock *sb = bin_active(&o->bins[walk->at - WALK_LISTS]);
	unsigned int words = 1;

	if (sb)
		words = walk_visit(walk, o, sb, visitor, arg);
	else
		walk->index = 0;
	if (!walk->index)
		walk->at++;
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
		if (walk->at < WALK_LISTS)
			words += walk_step(walk, o, visitor, arg);
		else if (walk->at < WALK_END)
			words += walk_bin(walk, o, visitor, arg);
		else
			return false;
	}
	o->walk = walk;
	return true;
}
