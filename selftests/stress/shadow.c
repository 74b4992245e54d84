// SPDX-License-Identifier: GPL-2.0
/*
 * An exact check for overlap: one bit for each 8 bytes of the pages it covers.
 *
 * A page is covered if it is the first that came to its slot of the table, and
 * stays so to the end.  Every block that touches a page asks for its slot
 * before anything else, so a covered page has had all of its blocks
 * registered from the first: a bit found set is an overlap, a bit found clear
 * at the end of a block's life is one too (or a block dropped twice).
 *
 * Any context, also NMI: atomic operations on a table made beforehand.
 */
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/mm.h>

#include "stress.h"

#define SLOT_BITS	12
#define GRANULE		8UL
#define PER_WORD	BITS_PER_LONG
#define WORD_BYTES	(GRANULE * PER_WORD)

struct shadow_page {
	atomic_long_t number;	/* of the page by its address; 0: unclaimed */
	atomic_long_t bits[PAGE_SIZE / WORD_BYTES];
};

static struct shadow_page *table;

int stress_shadow_init(void)
{
	table = kvcalloc(1 << SLOT_BITS, sizeof(*table), GFP_KERNEL);
	return table ? 0 : -ENOMEM;
}

void stress_shadow_exit(void)
{
	kvfree(table);
}

static struct shadow_page *shadow_find(unsigned long address)
{
	unsigned long number = address >> PAGE_SHIFT;
	struct shadow_page *s = &table[hash_long(number, SLOT_BITS)];
	unsigned long seen = atomic_long_read(&s->number);

	if (!seen)
		seen = atomic_long_cmpxchg(&s->number, 0, number) ?: number;
	return seen == number ? s : NULL;
}

bool stress_shadow_covers(const void *p)
{
	return shadow_find((unsigned long)p);
}

/* The bits of one word for the bytes from @start up to @end. */
static unsigned long shadow_mask(unsigned long start, unsigned long end)
{
	unsigned int first = start % WORD_BYTES / GRANULE;
	unsigned int last = (end - 1) % WORD_BYTES / GRANULE;

	return GENMASK(last, first);
}

static bool shadow_change(const void *p, size_t size, bool set)
{
	unsigned long at = (unsigned long)p, end = at + size, next, mask, old;
	bool right = true;

	for (; at < end; at = next) {
		struct shadow_page *s = shadow_find(at);
		atomic_long_t *word;

		next = min(end, s ? ALIGN(at + 1, WORD_BYTES) :
				    ALIGN(at + 1, PAGE_SIZE));
		if (!s)
			continue;
		mask = shadow_mask(at, next);
		word = &s->bits[at % PAGE_SIZE / WORD_BYTES];
		old = set ? atomic_long_fetch_or(mask, word) :
			    atomic_long_fetch_andnot(mask, word);
		if ((old & mask) != (set ? 0 : mask))
			right = false;
	}
	return right;
}

/* Register a block; false if any of its bytes belong to a live one. */
bool stress_shadow_set(const void *p, size_t size)
{
	return shadow_change(p, size, true);
}

/* The opposite; false if any of its bytes were not registered. */
bool stress_shadow_clear(const void *p, size_t size)
{
	return shadow_change(p, size, false);
}
