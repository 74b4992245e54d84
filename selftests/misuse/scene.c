// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that a misuse must not touch, and what became of it.
 *
 * Each piece of watched memory holds a pattern of its own.  The probe looks at
 * them, then allocates: no block it gets may overlap another or watched memory,
 * and none of them may change when all are written.  Where two do overlap,
 * nothing is freed any more: that would be misuse of the probe's own.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>

#include "misuse.h"

#define WATCHES		(BLOCKS + 16)
#define PROBES		512
#define LARGE_PROBES	16

struct watch {
	void *p;	/* NULL: no longer watched */
	size_t size;
	bool ours;	/* the side's, to be freed at the end */
};

static struct watch watches[WATCHES];
static unsigned int nr_watches;
static void *probes[PROBES];
static struct extent extents[PROBES + WATCHES];	/* scene_overlaps() */

/* Watch @p from now on; the index by which it is known. */
unsigned int scene_watch(struct scene *s, void *p, size_t size, bool ours)
{
	unsigned int index = nr_watches;

	if (!expect_lt(index, (unsigned int)WATCHES))
		return 0;
	fill(p, size, index);
	watches[index] = (struct watch) { p, size, ours };
	nr_watches++;
	return index;
}

bool scene_open(struct scene *s)
{
	unsigned int i;
	void *p;

	s->size = BLOCK_BYTES;
	s->order = -1;
	for (i = 0; i < BLOCKS; i++) {
		p = s->side->alloc(BLOCK_BYTES);
		if (!expect(real_block(p)))
			return false;
		scene_watch(s, p, BLOCK_BYTES, true);
	}
	return true;
}

void *scene_block(unsigned int index)
{
	return watches[index].p;
}

/* The row will free this one. */
void *scene_take(unsigned int index)
{
	void *p = watches[index].p;

	watches[index].p = NULL;
	return p;
}

/* A block right behind which lies one that is watched as well. */
unsigned int scene_followed(void)
{
	unsigned int i, k;

	for (i = 0; i < BLOCKS; i++)
		for (k = 0; k < BLOCKS; k++)
			if (watches[i].p + BLOCK_BYTES == watches[k].p)
				return i;
	expect(false);
	return 0;
}

/* How many changed since they were filled? */
static unsigned int watches_changed(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < nr_watches; i++)
		if (watches[i].p &&
		    !intact(watches[i].p, watches[i].size, i))
			n++;
	return n;
}

/* Do blocks overlap each other or watched memory?  Counts it. */
bool scene_overlaps(struct scene *s, void *const *p, unsigned int nr,
		    size_t size)
{
	struct facts *facts = &s->facts;
	unsigned int i, n = 0;

	for (i = 0; i < nr; i++)
		extents[n++] = (struct extent) { (unsigned long)p[i],
						 (unsigned long)p[i] + size };
	for (i = 0; i < nr_watches; i++)
		if (watches[i].p)
			extents[n++] = (struct extent) {
				(unsigned long)watches[i].p,
				(unsigned long)watches[i].p + watches[i].size };
	if (disjoint(extents, n))
		return false;
	for (i = 1; i < n; i++) {
		if (extents[i - 1].start == extents[i].start)
			facts->twice++;
		else if (extents[i - 1].end > extents[i].start)
			facts->overlapping++;
	}
	return true;
}

/* All pieces hold what was last written there. */
static void check_written(struct scene *s, unsigned int nr, size_t size)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		fill(probes[i], size, WATCHES + i);
	s->facts.changed += watches_changed();
	for (i = 0; i < nr; i++)
		if (!intact(probes[i], size, WATCHES + i))
			s->facts.changed++;
}

static void probe_blocks(struct scene *s)
{
	unsigned int nr = s->size > PAGE_SIZE ? LARGE_PROBES : PROBES, i;

	for (i = 0; i < nr; i++) {
		probes[i] = s->side->alloc(s->size);
		if (!expect(real_block(probes[i])))
			return;
	}
	if (scene_overlaps(s, probes, nr, s->size))
		return;
	check_written(s, nr, s->size);
	for (i = 0; i < nr; i++)
		s->side->free(probes[i]);
}

static void probe_pages(struct scene *s)
{
	size_t size = PAGE_SIZE << s->order;
	unsigned int i;

	for (i = 0; i < LARGE_PROBES; i++) {
		probes[i] = (void *)__get_free_pages(GFP_KERNEL, s->order);
		if (!expect_not_null(probes[i]))
			return;
	}
	if (scene_overlaps(s, probes, LARGE_PROBES, size))
		return;
	check_written(s, LARGE_PROBES, size);
	for (i = 0; i < LARGE_PROBES; i++)
		free_pages((unsigned long)probes[i], s->order);
}

static bool disjoint_so_far(const struct scene *s)
{
	return !s->facts.twice && !s->facts.overlapping;
}

/* May what is live be freed? */
bool scene_clean(const struct scene *s)
{
	return disjoint_so_far(s) && !s->facts.released;
}

/* What is on its way arrives, and what is reported late is. */
void scene_settle(void)
{
	hoardk_give_back();
	rcu_barrier();
}

static void free_watched(struct scene *s)
{
	unsigned int i;

	for (i = 0; i < nr_watches; i++)
		if (watches[i].p && watches[i].ours)
			s->side->free(watches[i].p);
}

/* The row is done: see what became of everything.  Twice does no harm. */
void scene_probe(struct scene *s)
{
	unsigned int changed, round;

	if (s->probed)
		return;
	s->probed = true;
	pr_info("hoardk_misuse: probe\n");
	scene_settle();
	s->facts.violations = hoardk_verify();
	changed = watches_changed();
	for (round = 0; round < 2 && disjoint_so_far(s); round++) {
		/* What is wrong already stays so, and counts once. */
		s->facts.changed = 0;
		probe_blocks(s);
		if (s->order >= 0 && disjoint_so_far(s))
			probe_pages(s);
	}
	s->facts.changed = max(s->facts.changed, changed);
	if (scene_clean(s))
		free_watched(s);
	scene_settle();
	s->facts.violations += hoardk_verify();
}
