// SPDX-License-Identifier: GPL-2.0
/*
 * Rows: what is done to a block that was freed.  Context: see misuse.h; the
 * race has two threads, which are gone when it returns.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "misuse.h"

static void double_local(struct scene *s)
{
	void *p = scene_take(MIDDLE);

	s->side->free(p);
	s->side->free(p);
}

/* A B A: the block that is freed twice is not the last one that was freed. */
static void double_between(struct scene *s)
{
	void *a = scene_take(MIDDLE), *b = scene_take(MIDDLE + 1);

	s->side->free(a);
	s->side->free(b);
	s->side->free(a);
}

struct freeing {
	const struct side *side;
	void *p;
};

static void free_one(void *arg)
{
	struct freeing *freeing = arg;

	freeing->side->free(freeing->p);
}

static void double_remote(struct scene *s)
{
	struct freeing freeing = { s->side, scene_take(MIDDLE) };

	on_cpu(cpu_at(1), free_one, &freeing);
	on_cpu(cpu_at(1), free_one, &freeing);
}

static void double_cross(struct scene *s)
{
	struct freeing freeing = { s->side, scene_take(MIDDLE) };

	s->side->free(freeing.p);
	on_cpu(cpu_at(1), free_one, &freeing);
}

static void double_large(struct scene *s)
{
	void *p = s->side->alloc(SZ_128K);

	if (!expect(real_block(p)))
		return;
	s->size = SZ_128K;
	s->side->free(p);
	s->side->free(p);
}

#define RACES	10000
#define BATCH	500

struct race {
	const struct side *side;
	void *block[BATCH];
	atomic_t arrived;
};

/* Both meet before every block, then free it at the same time. */
static void racer(unsigned int index, void *arg)
{
	struct race *race = arg;
	int i;

	for (i = 0; i < BATCH; i++) {
		atomic_inc(&race->arrived);
		while (atomic_read(&race->arrived) < 2 * (i + 1))
			cpu_relax();
		race->side->free(race->block[i]);
	}
}

static bool race_once(struct scene *s, struct race *race)
{
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		race->block[i] = s->side->alloc(BLOCK_BYTES);
		if (!expect(real_block(race->block[i])))
			return false;
	}
	if (scene_overlaps(s, race->block, BATCH, BLOCK_BYTES))
		return false;
	atomic_set(&race->arrived, 0);
	if (!team(2, racer, race))
		return false;
	hoardk_give_back();
	s->facts.races += BATCH;
	return true;
}

static void double_race(struct scene *s)
{
	static struct race race;

	race.side = s->side;
	if (!expect_ge(num_online_cpus(), 2u))
		return;
	while (s->facts.races < RACES && race_once(s, &race))
		;
}

static void destroyed(struct scene *s)
{
	void *p = s->side->orphan(BLOCK_BYTES);

	if (expect(real_block(p)))
		s->side->orphan_free(p);
}

/* What it was fills it once more, and looks. */
static void destroyed_write(struct scene *s)
{
	u8 *p = s->side->orphan(BLOCK_BYTES);

	if (!expect(real_block(p)))
		return;
	fill(p, BLOCK_BYTES, 1);
	s->facts.answer = intact(p, BLOCK_BYTES, 1) ? "what was written" :
						      "something else";
}

#define HEIRS		12
#define HEIR_BYTES	8000	/* few of them are a superblock */

/* The memory has a new holder, if there is one, when the old one writes. */
static void destroyed_stale(struct scene *s)
{
	u8 *p = s->side->orphan(BLOCK_BYTES), *q;
	unsigned int i;

	if (!expect(real_block(p)))
		return;
	for (i = 0; i < HEIRS; i++) {
		q = s->side->alloc(HEIR_BYTES);
		if (!expect(real_block(q)))
			return;
		scene_watch(s, q, HEIR_BYTES, true);
	}
	fill(p, BLOCK_BYTES, 1);
}

static const char *name_answer(const void *got, const void *old)
{
	if (!got)
		return "NULL";
	return got == old ? "the same address" : "another block";
}

static void realloc_to(struct scene *s, size_t size)
{
	void *p = scene_take(MIDDLE), *q;

	s->side->free(p);
	q = s->side->realloc(p, size);
	s->facts.answer = name_answer(q, p);
	/* If it says that this is a block, we may use it. */
	if (q)
		scene_watch(s, q, size, true);
}

static void realloc_smaller(struct scene *s)
{
	realloc_to(s, BLOCK_BYTES - 32);
}

static void realloc_larger(struct scene *s)
{
	realloc_to(s, 4 * BLOCK_BYTES);
}

static void usable_freed(struct scene *s)
{
	void *p = scene_take(MIDDLE);

	s->side->free(p);
	s->facts.answer = s->side->usable(p) ? "a size" : "0";
}

/* The block has a new holder when its old one frees it again. */
static void stale(struct scene *s)
{
	void *p = scene_take(MIDDLE), *q;
	unsigned int i;

	s->side->free(p);
	for (i = 0; i < BLOCKS; i++) {
		q = s->side->alloc(BLOCK_BYTES);
		if (q == p)
			break;
	}
	if (!expect_eq(q, p))
		return;
	scene_watch(s, q, BLOCK_BYTES, true);
	s->side->free(p);
}

static void write_freed(struct scene *s)
{
	void *p = scene_take(MIDDLE);

	s->side->free(p);
	fill(p, BLOCK_BYTES, 1);
}

static const struct row freed_row[] = {
	{ "double_local", "a block freed twice", double_local,
	  .doubles = 1, .words = "was freed twice" },
	{ "double_between", "a block freed twice, another one in between",
	  double_between, .doubles = 1, .words = "was freed twice" },
	{ "double_remote", "a block freed twice on another CPU", double_remote,
	  .doubles = 1, .words = "was freed twice" },
	{ "double_cross", "a block freed here, then on another CPU",
	  double_cross, .doubles = 1, .words = "was freed twice" },
	{ "double_race", "a block freed on two CPUs at once, 10,000 times",
	  double_race, .doubles = RACES, .races = RACES,
	  .words = "freed twice" },
	{ "double_large", "a block of 128 KiB freed twice", double_large,
	  .either = 1, .words = "a large block freed before|was freed twice" },
	{ "destroyed", "free of a block of a destroyed heap (cache)", destroyed,
	  .either = 1, .words = "of a destroyed heap|was freed twice" },
	{ "destroyed_write",
	  "a block of a destroyed heap (cache) written, then read",
	  destroyed_write, .answer = "what was written" },
	{ "destroyed_stale",
	  "a block of a destroyed heap (cache) written after 12 allocations",
	  destroyed_stale, .changed = 1 },
	{ "realloc_smaller", "realloc of a freed block, to a smaller size",
	  realloc_smaller, .invalid = 1, .answer = "NULL",
	  .words = "is free" },
	{ "realloc_larger", "realloc of a freed block, to a larger size",
	  realloc_larger, .invalid = 1, .answer = "NULL",
	  .words = "is free" },
	{ "usable_freed", "usable size of a freed block", usable_freed,
	  .invalid = 1, .answer = "0", .words = "is free" },
	{ "stale", "a block freed twice that had a new holder in between",
	  stale, .twice = 1 },
	{ "write_freed", "a write to a freed block", write_freed },
};

ROWS(freed);
