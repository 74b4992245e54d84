// SPDX-License-Identifier: GPL-2.0
/*
 * Rows that claim what is not so.  Whoever judges the facts must find each out,
 * by the fact that @convicts names.  Context: see misuse.h.
 */
#include <linux/mm.h>
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

/* The kernel warns, as it does of any single page; nothing else is wrong. */
static void kernel_warns(struct scene *s)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (!expect_not_null(page))
		return;
	get_page(page);
	slub_side.free(page_address(page));
	if (page_ref_count(page) == 2)
		put_page(page);
	put_page(page);
}

/* It does not. */
static void kernel_silent(struct scene *s)
{
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
	{ "kernel_warns", "control: a warning of the kernel", kernel_warns,
	  .convicts = "kernel" },
	{ "kernel_silent", "control: no warning of the kernel", kernel_silent,
	  .kernel = "free_large_kmalloc", .convicts = "kernel" },
};

ROWS(control);
