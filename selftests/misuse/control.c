// SPDX-License-Identifier: GPL-2.0
/*
 * Rows that claim what is not so.  Whoever judges the facts must find each out,
 * by the fact that @convicts names.  Context: see misuse.h.
 */
#include <linux/string.h>

#include "misuse.h"

/* Nothing is wrong with this free, so it is not refused. */
static void not_refused(struct scene *s)
{
	s->side->free(scene_take(MIDDLE));
}

/* Refused, but somebody's memory has changed. */
static void changed(struct scene *s)
{
	s->side->free(scene_block(MIDDLE) + 8);
	memset(scene_block(MIDDLE) + 16, 0, 1);
	memset(scene_block(MIDDLE) + 17, 0xff, 1);
}

/* Refused, but a block is in use twice from here on. */
static void twice(struct scene *s)
{
	s->side->free(scene_block(MIDDLE) + 8);
	scene_watch(s, scene_block(MIDDLE), BLOCK_BYTES, false);
}

/* Refused, but another thing is said. */
static void other_words(struct scene *s)
{
	s->side->free(scene_block(MIDDLE) + 8);
}

static const struct row control_row[] = {
	{ "not_refused", "control: a free that is not refused", not_refused,
	  .invalid = 1, .words = "is a user address",
	  .convicts = "invalid_frees" },
	{ "changed", "control: memory that was not left alone", changed,
	  .invalid = 1, .words = "lies inside a block",
	  .convicts = "changed" },
	{ "twice", "control: a block in use twice", twice,
	  .invalid = 1, .words = "lies inside a block",
	  .convicts = "twice" },
	{ "other_words", "control: a line of other words", other_words,
	  .invalid = 1, .words = "is a user address", .convicts = "words" },
};

ROWS(control);
