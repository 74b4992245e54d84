// SPDX-License-Identifier: GPL-2.0
/*
 * The model of what is live: slots with blocks, their contents and extents.
 */
#include "world.h"

/* Of larger blocks the ends are filled, and a word in each page between. */
#define FILLED	512

static u64 word_at(const struct slot *s, size_t i)
{
	return (s->key * 0x9e3779b97f4a7c15ULL) ^ (i * 0xff51afd7ed558ccdULL);
}

/* The next offset after @i that holds a word of the pattern. */
static size_t word_next(const struct slot *s, size_t i)
{
	size_t words = s->size / 8;

	if (words <= FILLED / 4 || i + 1 < FILLED / 8 ||
	    i + 1 >= words - FILLED / 8)
		return i + 1;
	return min(ALIGN(i + 1, 512), words - FILLED / 8);
}

void slot_fill(struct slot *s)
{
	size_t i;

	for (i = 0; i < s->size / 8; i = word_next(s, i))
		((u64 *)s->p)[i] = word_at(s, i);
	for (i = s->size & ~7UL; i < s->size; i++)
		s->p[i] = s->key + i;
}

void slot_check(const struct slot *s)
{
	size_t i;

	for (i = 0; i < s->size / 8; i = word_next(s, i))
		expect(((u64 *)s->p)[i] == word_at(s, i),
		       "block %p of %zu bytes has changed at offset %zu",
		       s->p, s->size, i * 8);
	for (i = s->size & ~7UL; i < s->size; i++)
		expect(s->p[i] == (u8)(s->key + i),
		       "block %p of %zu bytes has changed at offset %zu",
		       s->p, s->size, i);
}

static bool overlap(const struct slot *a, const struct slot *b)
{
	return b->p && a != b && a->p < b->p + b->have && b->p < a->p + a->have;
}

static void check_extent(const struct slot *s)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		expect(!overlap(s, &world.slots[i]),
		       "block %p of %zu bytes overlaps %p of %zu", s->p,
		       s->have, world.slots[i].p, world.slots[i].have);
	for (i = 0; i < IRQ_SLOTS; i++)
		expect(!overlap(s, &world.irq_slots[i]),
		       "block %p of %zu bytes overlaps %p of %zu", s->p,
		       s->have, world.irq_slots[i].p, world.irq_slots[i].have);
}

/* A block is where it is: enter it. */
void slot_enter(struct slot *s, void *p, size_t size, unsigned int heap)
{
	*s = (struct slot){ .p = p, .size = size, .heap = heap,
			    .key = ++world.keys };
	s->have = hoardk_usable_size(p);
	expect(s->have >= size, "usable size %zu of %zu", s->have, size);
	check_extent(s);
	/* All of the block is the client's. */
	memset(p + size, 0x5a, s->have - size);
	slot_fill(s);
}

/* A block was handed out: the same, and where it is was promised. */
void slot_set(struct slot *s, void *p, size_t size, unsigned int heap)
{
	size_t align = min(size & -size, 64UL);

	expect(!((unsigned long)p & 7), "%p is not aligned to 8", p);
	expect(size != (size & -size) || !((unsigned long)p & (align - 1)),
	       "%p of %zu bytes is not aligned to %zu", p, size, align);
	slot_enter(s, p, size, heap);
}

struct slot *slot_used(u32 nth)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		struct slot *s = &world.slots[(nth + i) % SLOTS];

		if (s->p)
			return s;
	}
	return NULL;
}

struct slot *slot_unused(u32 nth)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		struct slot *s = &world.slots[(nth + i) % SLOTS];

		if (!s->p)
			return s;
	}
	return NULL;
}

/* U of a heap by the model. */
size_t slots_bytes(unsigned int heap)
{
	size_t bytes = 0;
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		if (world.slots[i].p && world.slots[i].heap == heap)
			bytes += world.slots[i].have;
	for (i = 0; i < IRQ_SLOTS; i++)
		if (world.irq_slots[i].p && world.irq_slots[i].heap == heap)
			bytes += world.irq_slots[i].have;
	return bytes;
}

size_t slots_live(unsigned int heap)
{
	unsigned int i;
	size_t n = 0;

	for (i = 0; i < SLOTS; i++)
		n += world.slots[i].p && world.slots[i].heap == heap;
	for (i = 0; i < IRQ_SLOTS; i++)
		n += world.irq_slots[i].p && world.irq_slots[i].heap == heap;
	return n;
}
