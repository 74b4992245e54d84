/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Checks of a heap: behind each small block stands a trailer that says whether
 * it is in use, how much was asked for, by whom and when; what lies between
 * request and trailer is a red zone.  Fixed when the heap is created, so all of
 * its blocks look the same.
 *
 * Any context.  A trailer is written by who has the block alone: who has just
 * taken it, or whose free turned it from live to free, which is one of all
 * that try.  No locks.  What reads or writes a whole block or prints runs with
 * preemption as its caller had it.
 */
#ifndef HOARDK_CHECKED_H
#define HOARDK_CHECKED_H

#include <linux/gfp.h>
#include <linux/types.h>

#include "heap.h"

/**
 * struct trailer - the last bytes of a block of a heap with checks
 * @state: live or free, mixed with the block's address
 * @size: bytes asked for
 * @when: jiffies when it was handed out
 * @who: had it last; see who.h
 *
 * In the order in which a write past the end destroys it.
 */
struct trailer {
	unsigned long state;
	u32 size;
	u32 when;
	unsigned long who;
};

int checks_parse(const char *text, unsigned int *checks);
bool checks_accepted(unsigned int checks);
void checks_name(unsigned int checks, char *text, size_t size);
int checked_init(unsigned int checks);
int checked_class(unsigned int checks, size_t align, size_t size);
void checked_format(struct hoardk_heap *heap, struct superblock *sb);
void *checked_hand_out(struct hoardk_heap *heap, void *p, size_t size,
		       gfp_t gfp, bool zero, unsigned long caller);
bool checked_claim(const struct superblock *sb, u32 index,
		   struct trailer *was);
bool checked_is_whole(const void *p, const struct trailer *was);
void checked_wipe(const struct hoardk_heap *heap, void *p, size_t block_size,
		  const struct trailer *was);
void checked_overwritten(const struct hoardk_heap *heap, const void *p,
			 size_t block_size, const struct trailer *was);
bool checked_waits(const struct superblock *sb, u32 index);
size_t checked_size(const struct superblock *sb, const void *p);
void checked_resize(struct hoardk_heap *heap, const void *p, size_t size);
bool checked_read(const struct superblock *sb, u32 index, struct trailer *copy);
void checked_guard(unsigned int checks, void *p, size_t size, size_t end);
void checked_compare(const struct hoardk_heap *heap, const void *p,
		     size_t size, size_t end, unsigned long who);
void checked_erase(unsigned int checks, void *p, size_t size);

#endif /* HOARDK_CHECKED_H */
