// SPDX-License-Identifier: GPL-2.0
/*
 * What stands in a block while it is live.  Any context.
 *
 * Words of 8 bytes: a magic for this address and run, which no block has that
 * is not live; owner and size; sequence number; then a series that starts from
 * these, in each word up to DENSE bytes, from there in one of SPARSE bytes; and
 * the last bytes.  A block of less than 8 bytes has the first bytes of the
 * second word.
 */
#include "hammer.h"

#define HEAD	3
#define STEP	0x9e3779b97f4a7c15UL
#define DENSE	256
#define SPARSE	512

static u64 stamp_word(const struct block *b, size_t at)
{
	switch (at / 8) {
	case 0:
		return options.seed * STEP ^ (unsigned long)b->p;
	case 1:
		return (u64)b->owner << 32 | b->size;
	case 2:
		return b->seq;
	default:
		return ((u64)b->owner << 32 | b->seq) + at * STEP;
	}
}

static size_t stamp_next(size_t at)
{
	return at < DENSE ? at + 8 : ALIGN(at + 1, SPARSE);
}

/* The bytes of a block behind its last whole word, or all of a tiny one. */
static u64 stamp_rest(const struct block *b)
{
	return ((u64)b->owner << 32 | b->seq) * STEP + b->size;
}

bool stamp_is_live(const void *p, size_t size)
{
	struct block b = { .p = (void *)p };

	return size >= 8 && *(const u64 *)p == stamp_word(&b, 0);
}

void stamp_fill(const struct block *b)
{
	size_t at, whole = b->size & ~7UL;
	u64 rest = stamp_rest(b);

	for (at = 0; at < whole; at = stamp_next(at))
		*(u64 *)(b->p + at) = stamp_word(b, at);
	memcpy(b->p + whole, &rest, b->size - whole);
}

/*
 * Compare from @from, a multiple of SPARSE or 8, to @to; the rest only when @to
 * is the size.  Returns where it differs, or @to.
 */
size_t stamp_check(const struct block *b, size_t from, size_t to)
{
	size_t at, whole = to & ~7UL;
	u64 rest = stamp_rest(b);

	for (at = from; at < whole; at = stamp_next(at))
		if (*(const u64 *)(b->p + at) != stamp_word(b, at))
			return at;
	if (to == b->size && memcmp(b->p + whole, &rest, to - whole))
		return whole;
	return to;
}

void stamp_clear(const struct block *b)
{
	if (b->size >= 8)
		*(u64 *)b->p = 0;
}
