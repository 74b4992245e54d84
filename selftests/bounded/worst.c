// SPDX-License-Identifier: GPL-2.0
/*
 * Worst cases.  See bounded.h.
 *
 * One CPU is enough to free remotely, and then no other's instructions are
 * counted: it steps aside from its local heap, which others then see as some
 * CPU's, gets another one and frees from there.  Kicks of the first find it
 * not there, and do nothing, until the CPU has stepped back.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/hoardk.h>
#include <linux/hoardk_test.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "bounded.h"
#include "heap.h"
#include "section.h"

/* The sweep has come by several times. */
#define SWEPT_MS	1500
#define LARGE		20000

/* Of the largest class, with what checks add to it. */
#define OTHER_SIZE	(SMALL_MAX - 64)

static struct local_heap **slot(struct scene *s)
{
	return per_cpu_ptr(s->heap ? s->heap->local : &hoardk_local, 0);
}

static void *get(struct scene *s, size_t size)
{
	if (s->heap)
		return hoardk_heap_alloc(s->heap, size, GFP_KERNEL);
	return hoardk_alloc(size, GFP_KERNEL);
}

static void put(struct scene *s, unsigned long i)
{
	hoardk_free(s->p[i]);
	s->p[i] = NULL;
	cond_resched();
}

/* Allocate what is missing of the first @nr blocks. */
static int take(struct scene *s, unsigned long nr)
{
	unsigned long i;

	for (i = 0; i < nr; i++) {
		if (!s->p[i])
			s->p[i] = get(s, s->size);
		if (!s->p[i])
			return -ENOMEM;
		cond_resched();
	}
	return 0;
}

int scene_fill(struct scene *s)
{
	return take(s, s->nr);
}

/* All blocks but the last @keep of each superblock. */
static int put_all_but(struct scene *s, unsigned long keep)
{
	unsigned long i;

	for (i = 0; i < s->nr; i++)
		if (s->p[i] && i % s->per < s->per - keep)
			put(s, i);
	return 0;
}

static int put_all(struct scene *s)
{
	return put_all_but(s, 0);
}

void scene_empty(struct scene *s)
{
	put_all(s);
}

/* One of each superblock in turn: all of them become sparse together. */
static int put_scattered(struct scene *s)
{
	unsigned long first, i;

	for (first = 0; first < s->per; first++)
		for (i = first; i < s->nr; i += s->per)
			put(s, i);
	return 0;
}

/* The first of each. */
static void put_one_each(struct scene *s)
{
	unsigned long i;

	for (i = 0; i < s->nr; i += s->per)
		put(s, i);
}

/*
 * The CPU leaves its local heap, and has another.  By policy global it has none, and
 * what it frees is freed as by any CPU.
 */
static int step_aside(struct scene *s)
{
	void *p;

	if (s->heap && s->heap->policy == HOARDK_POLICY_GLOBAL)
		return 0;
	s->aside = *slot(s);
	WRITE_ONCE(*slot(s), s->none);
	p = get(s, OTHER_SIZE);
	hoardk_free(p);
	if (!p || s->aside == s->none || *slot(s) == s->none)
		return -EAGAIN;
	return 0;
}

/*
 * It is back at the first, and what it has freed elsewhere has been queued.
 * Kicks have found the first not there by then.
 */
static void step_back(struct scene *s)
{
	hoardk_give_back();
	if (!s->aside)
		return;
	WRITE_ONCE(*slot(s), s->aside);
	s->aside = NULL;
}

static int fill_aside(struct scene *s)
{
	return scene_fill(s) ? : step_aside(s);
}

/* All has come back remotely, and nothing is drained. */
static int fill_pending(struct scene *s)
{
	int err = fill_aside(s);

	if (err)
		return err;
	put_all(s);
	step_back(s);
	return 0;
}

/* So has a block of each superblock. */
static int fill_pending_few(struct scene *s)
{
	int err = fill_aside(s);

	if (err)
		return err;
	put_one_each(s);
	step_back(s);
	return 0;
}

/* The same, and most of them have moved on to the global heap by now. */
static int fill_moved(struct scene *s)
{
	return fill_pending_few(s) ? : put_all_but(s, 2);
}

/* The global heap has them, with free blocks. */
static int fill_global(struct scene *s)
{
	int err = scene_fill(s);

	if (err)
		return err;
	put_all_but(s, 2);
	hoardk_give_back();
	return 0;
}

static int fill_full_global(struct scene *s)
{
	int err = scene_fill(s);

	hoardk_give_back();
	return err;
}

static int fill_and_put(struct scene *s)
{
	return scene_fill(s) ? : put_all(s);
}

static int run_take_half(struct scene *s)
{
	return take(s, s->nr / 2);
}

/* A class that has nothing: all that an allocation looks through. */
static int run_other_class(struct scene *s)
{
	void *p[64];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(p); i++)
		p[i] = get(s, OTHER_SIZE);
	for (i = 0; i < ARRAY_SIZE(p); i++)
		hoardk_free(p[i]);
	return 0;
}

static int run_sweep(struct scene *s)
{
	msleep(SWEPT_MS);
	return 0;
}

static int run_give_back(struct scene *s)
{
	hoardk_give_back();
	return 0;
}

static int run_destroy(struct scene *s)
{
	hoardk_heap_destroy(s->heap);
	s->heap = NULL;
	memset(s->p, 0, s->nr * sizeof(*s->p));
	memset(s->every, 0, sizeof(s->every));
	return 0;
}

static int run_verify(struct scene *s)
{
	return hoardk_verify() ? -EIO : 0;
}

static int run_bulk(struct scene *s)
{
	if (hoardk_alloc_bulk(s->size, GFP_KERNEL, s->nr, s->p) != s->nr)
		return -ENOMEM;
	hoardk_free_bulk(s->nr, s->p);
	memset(s->p, 0, s->nr * sizeof(*s->p));
	return 0;
}

/* Each word has a free block, and these are at the end of @p. */
static int fill_dense(struct scene *s)
{
	unsigned long i, end = s->nr;
	int err = scene_fill(s);

	if (err)
		return err;
	for (i = s->nr; i-- > 0;) {
		if (i % s->per % BITS_PER_LONG)
			continue;
		put(s, i);
		s->p[i] = s->p[--end];
		s->p[end] = NULL;
	}
	return 0;
}

static int run_bulk_dense(struct scene *s)
{
	unsigned long n = 0;

	while (n < s->nr && s->p[n])
		n++;
	if (hoardk_alloc_bulk(s->size, GFP_KERNEL, s->nr - n, s->p + n) != s->nr - n)
		return -ENOMEM;
	return 0;
}

static int run_large(struct scene *s)
{
	unsigned long i, nr = min(s->superblocks, s->nr);

	for (i = 0; i < nr; i++)
		s->p[i] = get(s, LARGE);
	for (i = 0; i < nr; i++)
		put(s, i);
	return 0;
}

static int run_double(struct scene *s)
{
	void *p = s->p[0];

	hoardk_free(p);
	hoardk_free(p);
	hoardk_free(p + 1);
	s->p[0] = NULL;
	return 0;
}

/* Not hoardk's: a section that grows with the heap. */
static int run_control(struct scene *s)
{
	unsigned long i, sum = 0;

	preempt_disable();
	section_begin(SECTION_PREEMPT, 0);
	for (i = 0; i < s->nr; i++)
		sum += (unsigned long)READ_ONCE(s->p[i]);
	section_end(SECTION_PREEMPT);
	preempt_enable();
	return sum ? 0 : -EIO;
}

/* What measuring adds to a section. */
static int run_empty(struct scene *s)
{
	preempt_disable();
	section_begin(SECTION_PREEMPT, 0);
	section_begin(SECTION_LOCK, 0);
	section_end(SECTION_LOCK);
	section_end(SECTION_PREEMPT);
	preempt_enable();
	return 0;
}

static const struct worst worsts[] = {
	{ "empty", NULL, run_empty },
	{ "control", scene_fill, run_control },
	{ "alloc", NULL, scene_fill },
	{ "alloc-from-global", fill_global, run_take_half },
	{ "alloc-drains", fill_pending, run_take_half },
	{ "alloc-drains-few", fill_pending_few, run_other_class },
	{ "alloc-forwards", fill_moved, run_other_class },
	{ "free", scene_fill, put_all },
	{ "free-scattered", scene_fill, put_scattered },
	{ "free-remote", fill_aside, put_all },
	{ "free-remote-scattered", fill_aside, put_scattered },
	{ "free-remote-global", fill_full_global, put_all },
	{ "free-general", scene_fill, put_scattered, true },
	{ "bulk", NULL, run_bulk, true },
	{ "bulk-dense", fill_dense, run_bulk_dense, true },
	{ "large", NULL, run_large },
	{ "double-free", scene_fill, run_double, true },
	{ "kick", fill_pending, run_sweep },
	{ "kick-few", fill_pending_few, run_sweep },
	{ "kick-forwards", fill_moved, run_sweep },
	{ "sweep", fill_and_put, run_sweep },
	{ "sweep-global", fill_global, run_sweep },
	{ "detach", scene_fill, run_give_back },
	{ "detach-pending", fill_pending, run_give_back },
	{ "detach-pending-few", fill_pending_few, run_give_back },
	{ "give-back", fill_and_put, run_give_back },
	{ "give-back-global", fill_global, run_give_back },
	{ "destroy", scene_fill, run_destroy },
	{ "destroy-global", fill_global, run_destroy },
	{ "destroy-pending", fill_pending, run_destroy },
	{ "verify", scene_fill, run_verify },
	{ "verify-global", fill_global, run_verify },
};

const struct worst *worst_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(worsts); i++)
		if (!strcmp(worsts[i].name, name))
			return &worsts[i];
	return NULL;
}

/* Each class allocates from a superblock.  Which those are depends on checks. */
static int fill_classes(struct scene *s)
{
	unsigned int class, i = 0, last = NR_CLASSES;
	size_t size;
	void *p;

	for (size = 8; size <= OTHER_SIZE; size += 8) {
		p = get(s, size);
		if (!p)
			return -ENOMEM;
		class = superblock_of(p)->class;
		if (class == last)
			hoardk_free(p);
		else
			s->every[i++] = p;
		last = class;
	}
	return 0;
}

int scene_open(struct scene *s, bool general)
{
	/* The invariant moves superblocks as often as it can. */
	const struct hoardk_heap_attr attr = { .slack = 1 };
	const size_t room = SUPERBLOCK_SIZE - SUPERBLOCK_HEADER_MIN;
	void *p;

	if (s->size < 8 || s->size > SMALL_MAX || !s->superblocks)
		return -EINVAL;
	if (!general) {
		s->heap = hoardk_heap_create("bounded", &attr);
		if (IS_ERR(s->heap))
			return PTR_ERR(s->heap);
	}
	s->none = *slot(s);
	/* Bitmaps take some of the room of the smallest classes. */
	s->per = room / s->size;
	p = get(s, s->size);
	if (p)
		s->per = superblock_of(p)->capacity;
	hoardk_free(p);
	hoardk_give_back();
	s->nr = s->superblocks * s->per;
	s->p = vzalloc(s->nr * sizeof(*s->p));
	if (p && s->p && *slot(s) == s->none)
		return fill_classes(s);
	scene_close(s);
	return -ENOMEM;
}

/* Nothing of it is left. */
void scene_close(struct scene *s)
{
	unsigned int i;

	if (s->aside)
		step_back(s);
	if (s->p)
		put_all(s);
	for (i = 0; i < ARRAY_SIZE(s->every); i++)
		hoardk_free(s->every[i]);
	hoardk_heap_destroy(s->heap);
	vfree(s->p);
	hoardk_give_back();
}
