// SPDX-License-Identifier: GPL-2.0
/*
 * Private heaps.
 *
 * A few shared ones, which everybody allocates from: a reference for each live
 * block, and one of the table's, which goes after a while; whoever drops the
 * last reference destroys the heap, and then nobody may find a block in it.
 * And in a session a task makes a heap, leaves blocks in it, and destroys it.
 */
#include <linux/err.h>
#include <stdio.h>

#include "hammer.h"

#define NR_SHARED	4
/* References taken before the table's own goes. */
#define AGE		2000
#define SESSION_BLOCKS	64

enum state { DOOMED = -2, TAKEN = -1, EMPTY = 0 };

/**
 * struct shared_heap - a private heap that many use
 * @refs: references, or enum state: TAKEN: somebody makes or destroys it;
 *	DOOMED: a task has to destroy it
 * @heap: who made @refs TAKEN writes it
 * @age: references taken so far
 */
struct shared_heap {
	int refs;
	int age;
	struct hoardk_heap *heap;
};

static struct shared_heap table[NR_SHARED];

static struct hoardk_heap *heap_create(struct actor *a)
{
	struct hoardk_heap_attr attr = {
		.policy = actor_below(a, HOARDK_POLICY_HOARD + 1),
		.slack = actor_below(a, 4),
	};
	struct hoardk_heap *heap;
	char name[16];

	snprintf(name, sizeof(name), "of actor %u", a->id);
	heap = hoardk_heap_create(name, &attr);
	if (IS_ERR(heap)) {
		if (!options.fail || PTR_ERR(heap) != -ENOMEM)
			complain("no private heap: %ld", PTR_ERR(heap));
		return NULL;
	}
	a->tally.heaps++;
	return heap;
}

static bool refs_change(struct shared_heap *s, int *from, int to)
{
	return __atomic_compare_exchange_n(&s->refs, from, to, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static void refs_set(struct shared_heap *s, int to)
{
	__atomic_store_n(&s->refs, to, __ATOMIC_RELEASE);
}

static int refs_read(struct shared_heap *s)
{
	return __atomic_load_n(&s->refs, __ATOMIC_RELAXED);
}

/* The caller has made it TAKEN, and all that was allocated from it is freed. */
static void shared_heap_destroy(struct shared_heap *s)
{
	size_t n = hoardk_heap_destroy(s->heap);

	if (n)
		complain("a heap had %zu blocks that all had been freed", n);
	s->heap = NULL;
	refs_set(s, EMPTY);
}

void shared_heap_put(struct actor *a, struct shared_heap *s)
{
	int refs = refs_read(s), left;

	do {
		left = refs - 1;
		if (!left)
			left = a->context == TASK ? TAKEN : DOOMED;
	} while (!refs_change(s, &refs, left));
	if (left == TAKEN)
		shared_heap_destroy(s);
}

/* What only a task may do about a heap; true if it is open afterwards. */
static bool shared_heap_tend(struct actor *a, struct shared_heap *s)
{
	int refs = refs_read(s);

	if (a->context != TASK || refs > 0 || refs == TAKEN)
		return refs > 0;
	if (!refs_change(s, &refs, TAKEN))
		return false;
	if (refs == DOOMED) {
		shared_heap_destroy(s);
		return false;
	}
	s->heap = heap_create(a);
	__atomic_store_n(&s->age, 0, __ATOMIC_RELAXED);
	refs_set(s, s->heap ? 1 : EMPTY);
	return s->heap;
}

/* A reference to a heap for a block of it, or NULL. */
struct shared_heap *shared_heap_get(struct actor *a)
{
	struct shared_heap *s = &table[actor_below(a, NR_SHARED)];
	int refs;

	if (!shared_heap_tend(a, s))
		return NULL;
	refs = refs_read(s);
	do {
		if (refs <= 0)
			return NULL;
	} while (!refs_change(s, &refs, refs + 1));
	if (__atomic_add_fetch(&s->age, 1, __ATOMIC_RELAXED) == AGE)
		shared_heap_put(a, s);
	return s;
}

void *shared_heap_alloc(struct shared_heap *s, size_t size, gfp_t gfp)
{
	return hoardk_heap_alloc(s->heap, size, gfp);
}

/* At the end, when all blocks are freed. */
void shared_heaps_close(struct actor *a)
{
	unsigned int i;

	for (i = 0; i < NR_SHARED; i++) {
		int refs = refs_read(&table[i]);

		if (refs > 1)
			complain("a heap has %d references left", refs - 1);
		if (table[i].heap)
			shared_heap_destroy(&table[i]);
	}
}

/* A heap from its first to its last, with some blocks left in it; a task. */
void heap_session(struct actor *a)
{
	struct hoardk_heap *heap = heap_create(a);
	struct block b = { .owner = a->id };
	unsigned int i, n = actor_below(a, SESSION_BLOCKS), left = 0;

	if (!heap)
		return;
	for (i = 0; i < n; i++) {
		b.size = block_size(a);
		b.p = hoardk_heap_alloc(heap, b.size, block_gfp(a));
		if (!b.p)
			continue;
		if (!shadow_set(b.p, b.size))
			complain_block("overlaps a live block", &b, b.size);
		stamp_fill(&b);
		if (stamp_check(&b, 0, b.size) != b.size)
			complain_block("damaged at once", &b, 0);
		stamp_clear(&b);
		shadow_clear(b.p, b.size);
		if (actor_below(a, 2))
			hoardk_free(b.p);
		else
			left++;
	}
	i = hoardk_heap_destroy(heap);
	if (i != left)
		complain("a heap had %u live blocks, not %u", i, left);
}
