// SPDX-License-Identifier: GPL-2.0
/*
 * What stands in a block while it is live.
 *
 * Words of 8 bytes, as many as fit, the last one cut off:
 *	0	a magic for this address; absent from any block that is not live
 *	1	owner and size
 *	2	sequence number
 *	3...	a series that starts from a hash of these
 * Any context.  The magic changes with every load of the module, so what an
 * earlier run left in memory never looks live.
 */
#include <linux/hash.h>
#include <linux/random.h>
#include <linux/string.h>

#include "stress.h"

#define HEAD	3U
#define STEP	0x9e3779b97f4a7c15ULL

static u64 magic;

void stress_stamp_init(void)
{
	magic = get_random_u64() | 1;
}

static u64 stamp_magic(const void *p)
{
	return magic ^ ((unsigned long)p * STEP);
}

static void stamp_head(const struct block *b, u64 *head)
{
	head[0] = stamp_magic(b->p);
	head[1] = (u64)b->owner << 32 | b->size;
	head[2] = STEP ^ b->seq;
}

static u64 stamp_first(const struct block *b)
{
	return stress_hash(b->owner, b->seq, b->size);
}

bool stress_stamp_live(const void *p, size_t size)
{
	return size >= sizeof(u64) && *(const u64 *)p == stamp_magic(p);
}

void stress_stamp_fill(const struct block *b)
{
	size_t i, words = b->size / sizeof(u64), rest = b->size % sizeof(u64);
	u64 head[HEAD], *word = b->p, next = stamp_first(b);

	stamp_head(b, head);
	for (i = 0; i < words && i < HEAD; i++)
		word[i] = head[i];
	for (; i < words; i++, next += STEP)
		word[i] = next;
	if (i < HEAD)
		next = head[i];
	memcpy(&word[words], &next, rest);
}

/*
 * Compare the bytes from @from, a multiple of 8, to @to.  Returns the offset
 * of the first word that differs, or @to.
 */
size_t stress_stamp_check(const struct block *b, size_t from, size_t to)
{
	size_t i = from / sizeof(u64), words = to / sizeof(u64);
	u64 head[HEAD], next = stamp_first(b);
	const u64 *word = b->p;

	stamp_head(b, head);
	for (; i < words && i < HEAD; i++)
		if (word[i] != head[i])
			return i * sizeof(u64);
	if (i >= HEAD)
		next += (i - HEAD) * STEP;
	for (; i < words; i++, next += STEP)
		if (word[i] != next)
			return i * sizeof(u64);
	if (i < HEAD)
		next = head[i];
	if (from < to && memcmp(&word[words], &next, to % sizeof(u64)))
		return words * sizeof(u64);
	return to;
}

void stress_stamp_clear(const struct block *b)
{
	if (b->size >= sizeof(u64))
		*(u64 *)b->p = 0;
}
