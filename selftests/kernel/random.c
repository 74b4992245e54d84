// SPDX-License-Identifier: GPL-2.0
/*
 * Random sequences of all operations against a model: an array of what is
 * live, with its size and pattern.  After every operation hoardk verifies
 * itself; now and then the blocks are held against each other, and the bytes
 * in use against the model's.
 *
 * The sequence follows from seed= alone.  Operations run on a CPU drawn for
 * each, one at a time.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/mm.h>

#include "test.h"

#define SLOTS		384
#define HEAPS		3
#define BULK		24

struct slot {
	void *p;
	size_t size;
	u32 key;
	/* 0: the general heap, else number @heap - 1 of the private ones */
	unsigned int heap;
};

struct model {
	struct rnd_state rnd;
	struct slot slot[SLOTS];
	struct hoardk_heap *heap[HEAPS];
	struct extent extent[SLOTS];
	unsigned int step;
};

static u32 draw(struct model *m, u32 limit)
{
	return below(&m->rnd, limit);
}

/* A free slot near a random one, or NULL. */
static struct slot *empty_slot(struct model *m)
{
	unsigned int i, first = draw(m, SLOTS);

	for (i = 0; i < SLOTS; i++) {
		struct slot *s = &m->slot[(first + i) % SLOTS];

		if (!s->p)
			return s;
	}
	return NULL;
}

static struct slot *used_slot(struct model *m)
{
	unsigned int i, first = draw(m, SLOTS);

	for (i = 0; i < SLOTS; i++) {
		struct slot *s = &m->slot[(first + i) % SLOTS];

		if (s->p)
			return s;
	}
	return NULL;
}

static void adopt(struct model *m, struct slot *s, void *p, size_t size,
		  unsigned int heap)
{
	if (!expect(real_block(p)) ||
	    !expect_ge(hoardk_usable_size(p), size)) {
		hoardk_free(p);
		return;
	}
	s->p = p;
	s->size = size;
	s->heap = heap;
	s->key = prandom_u32_state(&m->rnd);
	fill(p, size, s->key);
}

static void check_slot(const struct slot *s)
{
	expect(intact(s->p, s->size, s->key));
}

static void *any_alloc(struct model *m, size_t size)
{
	size_t align;
	void *p;

	switch (draw(m, 6)) {
	case 0:
		p = hoardk_zalloc(size, GFP_KERNEL);
		if (p)
			expect(all_zero(p, size));
		return p;
	case 1:
		p = hoardk_calloc(1, size, GFP_KERNEL);
		if (p)
			expect(all_zero(p, size));
		return p;
	case 2:
		align = 1ul << draw(m, 14);
		p = hoardk_memalign(align, size, GFP_KERNEL);
		expect_eq((unsigned long)p & (align - 1), 0ul);
		return p;
	case 3:
		return hoardk_alloc_node(size, GFP_KERNEL, NUMA_NO_NODE);
	default:
		return hoardk_alloc(size, draw(m, 4) ? GFP_KERNEL : GFP_ATOMIC);
	}
}

static void do_alloc(struct model *m)
{
	struct slot *s = empty_slot(m);
	size_t size = some_size(&m->rnd);

	if (s)
		adopt(m, s, any_alloc(m, size), size, 0);
}

static void do_heap_alloc(struct model *m)
{
	unsigned int heap = draw(m, HEAPS);
	struct slot *s = empty_slot(m);
	size_t size = some_size(&m->rnd);

	if (s && m->heap[heap])
		adopt(m, s, hoardk_heap_alloc(m->heap[heap], size, GFP_KERNEL),
		      size, heap + 1);
}

static void do_free(struct model *m)
{
	struct slot *s = used_slot(m);

	if (!s)
		return;
	check_slot(s);
	if (draw(m, 4))
		hoardk_free(s->p);
	else
		hoardk_free_sensitive(s->p);
	s->p = NULL;
}

static void do_realloc(struct model *m)
{
	struct slot *s = used_slot(m);
	size_t size = some_size(&m->rnd);
	void *q;

	if (!s)
		return;
	check_slot(s);
	q = hoardk_realloc(s->p, size, GFP_KERNEL);
	if (!expect(real_block(q)))
		return;
	expect(intact(q, min(size, s->size) & ~7ul, s->key));
	s->p = q;
	s->size = size;
	fill(q, size, s->key);
}

static void do_bulk_alloc(struct model *m)
{
	unsigned int nr = draw(m, BULK), got, i;
	size_t size = some_size(&m->rnd) % SZ_8K + 1;
	void *p[BULK];

	got = hoardk_alloc_bulk(size, GFP_KERNEL, nr, p);
	expect_eq(got, nr);
	for (i = 0; i < got; i++) {
		struct slot *s = empty_slot(m);

		if (s)
			adopt(m, s, p[i], size, 0);
		else
			hoardk_free(p[i]);
	}
}

static void do_bulk_free(struct model *m)
{
	unsigned int nr = draw(m, BULK), i;
	void *p[BULK] = {};

	for (i = 0; i < nr; i++) {
		struct slot *s = used_slot(m);

		if (!s)
			break;
		check_slot(s);
		p[i] = s->p;
		s->p = NULL;
	}
	hoardk_free_bulk(nr, p);
}

static void do_heap(struct model *m)
{
	unsigned int heap = draw(m, HEAPS), i;
	struct hoardk_heap_attr attr = {
		.policy = draw(m, HOARDK_POLICY_HOARD + 1),
		.slack = draw(m, 4),
	};
	size_t live = 0;

	if (!m->heap[heap]) {
		m->heap[heap] = hoardk_heap_create("random", &attr);
		if (!expect(real_block(m->heap[heap])))
			m->heap[heap] = NULL;
		return;
	}
	for (i = 0; i < SLOTS; i++) {
		struct slot *s = &m->slot[i];

		if (!s->p || s->heap != heap + 1)
			continue;
		check_slot(s);
		s->p = NULL;
		live++;
	}
	expect_eq(hoardk_heap_destroy(m->heap[heap]), live);
	m->heap[heap] = NULL;
}

/* The model's view of what a heap has handed out, all remote frees done. */
static void compare(struct model *m)
{
	size_t general = 0;
	unsigned int i, nr = 0;

	hoardk_give_back();
	for (i = 0; i < SLOTS; i++) {
		const struct slot *s = &m->slot[i];

		if (!s->p)
			continue;
		check_slot(s);
		m->extent[nr].start = (unsigned long)s->p;
		m->extent[nr++].end = (unsigned long)s->p +
				      hoardk_usable_size(s->p);
		if (!s->heap)
			general += s->size;
	}
	expect(disjoint(m->extent, nr));
	expect_ge(hoardk_heap_in_use(NULL), general);
}

/* More comes than goes while few blocks are live, later the reverse. */
static void step(void *arg)
{
	struct model *m = arg;
	bool ebb = m->step / 128 % 2;
	u32 dice = draw(m, 100);

	if (dice < (ebb ? 22 : 40))
		do_alloc(m);
	else if (dice < 50)
		do_heap_alloc(m);
	else if (dice < (ebb ? 80 : 65))
		do_free(m);
	else if (dice < 84)
		do_realloc(m);
	else if (dice < 90)
		do_bulk_alloc(m);
	else if (dice < 97)
		do_bulk_free(m);
	else
		do_heap(m);
}

static void finish(struct model *m)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		if (m->slot[i].p)
			check_slot(&m->slot[i]);
		hoardk_free(m->slot[i].p);
		m->slot[i].p = NULL;
	}
	for (i = 0; i < HEAPS; i++)
		if (m->heap[i])
			expect_eq(hoardk_heap_destroy(m->heap[i]), (size_t)0);
}

static void sequence(void)
{
	struct model *m = kvzalloc(sizeof(*m), GFP_KERNEL);

	if (!expect_not_null(m))
		return;
	prandom_seed_state(&m->rnd, test_seed);
	for (m->step = 0; m->step < test_steps; m->step++) {
		test_at(m->step);
		on_cpu(cpu_at(draw(m, num_online_cpus())), step, m);
		if (!expect_eq(hoardk_verify(), 0u))
			break;
		if (m->step % 256 == 255)
			compare(m);
	}
	finish(m);
	kvfree(m);
}

static const struct test_case random_cases[] = {
	{ "sequence", sequence },
};

TEST_SUITE(random);
