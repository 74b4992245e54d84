// SPDX-License-Identifier: GPL-2.0
/*
 * Who makes blocks, who drops them, and the way between.
 *
 * Task context, one step at a time, no locks: blocks travel through rings of
 * one producer and one consumer, arrays and turns are passed on with a release
 * and an acquire.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "ring.h"
#include "stress.h"

#define RING_MAX	256U	/* of a ring, where there is one per pair */
#define RING_MIN	4U

struct ring *stress_ring(unsigned int from, unsigned int to)
{
	return job.rings[from * job.nr + to];
}

/* A block that counts; after the last of the round the worker makes no more. */
bool stress_produce(struct worker *w, struct block *b)
{
	bool got = stress_block_make(&w->actor, b);

	if (!--*w->left)
		atomic_dec(&job.producing);
	return got;
}

/* Drop up to a batch of what has come through @r. */
static unsigned int consume(struct worker *w, struct ring *r)
{
	unsigned int n = 0;
	struct block b;

	while (n < job.batch && ring_pop(r, &b)) {
		stress_block_drop(&w->actor, &b);
		n++;
	}
	return n;
}

static unsigned int consume_all(struct worker *w)
{
	unsigned int i, n = 0;

	for (i = 0; i < job.nr; i++)
		if (stress_ring(i, w->id))
			n += consume(w, stress_ring(i, w->id));
	return n;
}

static int ring_add(unsigned int from, unsigned int to, u32 capacity)
{
	struct ring *r = ring_create(capacity);

	if (!r)
		return -ENOMEM;
	job.rings[from * job.nr + to] = r;
	return 0;
}

/* A ring for each pair; what they hold together is bounded by live. */
static int rings_between_all(void)
{
	u32 capacity = clamp(job.live / job.nr, RING_MIN, RING_MAX);
	unsigned int i, k;
	int error = 0;

	for (i = 0; i < job.nr; i++)
		for (k = 0; k < job.nr && !error; k++)
			if (i != k || job.nr == 1)
				error = ring_add(i, k, capacity);
	return error;
}

static int array_add(unsigned int id)
{
	job.arrays[id] = kvcalloc(job.live, sizeof(struct block), GFP_KERNEL);
	return job.arrays[id] ? 0 : -ENOMEM;
}

static int arrays_for_all(void)
{
	unsigned int i;
	int error = 0;

	for (i = 0; i < job.nr && !error; i++)
		error = array_add(i);
	return error;
}

/*
 * The receiver for the worker's next block: in turn, without those that are
 * full.  NULL if all are.
 */
static struct ring *ring_next(struct worker *w)
{
	unsigned int i;

	for (i = 0; i < job.nr; i++) {
		struct ring *r = stress_ring(w->id, w->cursor);

		w->cursor = (w->cursor + 1) % job.nr;
		if (r && !ring_full(r))
			return r;
	}
	return NULL;
}

/* pairs: 2i makes, 2i + 1 drops; one left over does both. */
static unsigned int pairs_peer(unsigned int id)
{
	return id + 1 < job.nr ? id + 1 : id;
}

static int pairs_setup(void)
{
	unsigned int i;
	int error = 0;

	for (i = 0; i < job.nr && !error; i++) {
		job.workers[i]->producer = !(i & 1);
		if (!(i & 1))
			error = ring_add(i, pairs_peer(i), job.live);
	}
	return error;
}

static unsigned int pairs_step(struct worker *w)
{
	unsigned int n = 0;
	struct ring *r;
	struct block b;

	if (w->producer) {
		r = stress_ring(w->id, pairs_peer(w->id));
		for (; n < job.batch && *w->left && !ring_full(r); n++)
			if (stress_produce(w, &b))
				ring_push(r, &b);
	}
	return n + consume_all(w);
}

/* all: everybody makes for everybody else. */
static unsigned int all_step(struct worker *w)
{
	unsigned int n = 0;
	struct ring *r;
	struct block b;

	for (; n < job.batch && *w->left; n++) {
		r = ring_next(w);
		if (!r)
			break;
		if (stress_produce(w, &b))
			ring_push(r, &b);
	}
	return n + consume_all(w);
}

/*
 * ring: everybody hands on to the next, up to two times round.
 *
 * No standstill: a worker takes a block only if it can hand it on, and makes
 * one only while its ring is less than half full.  So the rings are never all
 * full, and while any holds a block, one with room follows one with a block.
 */
static int ring_setup(void)
{
	unsigned int i;
	int error = 0;

	for (i = 0; i < job.nr && !error; i++)
		error = ring_add(i, (i + 1) % job.nr, 2 * job.live);
	return error;
}

static unsigned int ring_step(struct worker *w)
{
	unsigned int prev = (w->id + job.nr - 1) % job.nr, n = 0;
	struct ring *in = stress_ring(prev, w->id);
	struct ring *out = stress_ring(w->id, (w->id + 1) % job.nr);
	struct block b;

	for (; n < job.batch && !ring_full(out) && ring_pop(in, &b); n++)
		if (b.hops--)
			ring_push(out, &b);
		else
			stress_block_drop(&w->actor, &b);

	for (; n < 2 * job.batch && *w->left && ring_used(out) < job.live; n++)
		if (stress_produce(w, &b)) {
			b.hops = min(b.seq % (2 * job.nr), 200U);
			ring_push(out, &b);
		}
	return n;
}

/*
 * rotate: one makes as many blocks as may be live and then hands them out;
 * when the last has gone it is the next one's turn.
 */
static int rotate_setup(void)
{
	return rings_between_all() ?: arrays_for_all();
}

static unsigned int rotate_fill(struct worker *w)
{
	struct block *array = job.arrays[w->id];
	unsigned int n = 0;

	for (; n < job.batch && *w->left && w->filled < job.live; n++)
		if (stress_produce(w, &array[w->filled]))
			w->filled++;
	return n;
}

static unsigned int rotate_hand_out(struct worker *w)
{
	struct block *array = job.arrays[w->id];
	unsigned int n = 0;
	struct ring *r;

	for (; n < job.batch && w->handed < w->filled; n++) {
		r = ring_next(w);
		if (!r)
			return n;
		ring_push(r, &array[w->handed]);
		array[w->handed++].p = NULL;
	}
	if (w->handed < w->filled)
		return n;
	w->filled = 0;
	w->handed = 0;
	/* Pairs with rotate_step(): job.left goes with the turn. */
	smp_store_release(&job.turn, (w->id + 1) % job.nr);
	return n;
}

static unsigned int rotate_step(struct worker *w)
{
	unsigned int n = consume_all(w);

	/* Pairs with rotate_hand_out(). */
	if (smp_load_acquire(&job.turn) != w->id)
		return n;
	if (!w->handed)
		n += rotate_fill(w);
	if (w->handed || w->filled == job.live || (w->filled && !*w->left))
		n += rotate_hand_out(w);
	return n;
}

/*
 * larson: slots with random replacement.  After as many as there are slots
 * the array goes to the next worker: in generation g worker w has array
 * (w - g) mod P, as soon as the worker before has left generation g - 1.
 */
static unsigned int larson_step(struct worker *w)
{
	struct worker *prev = job.workers[(w->id + job.nr - 1) % job.nr];
	u32 g = w->generation, id = (w->id + job.nr - g % job.nr) % job.nr;
	struct block *array = job.arrays[id], *slot;
	unsigned int n = 0;

	/* Pairs with the release below; signed: it may be ahead. */
	if ((s32)(smp_load_acquire(&prev->generation) - g) < 0)
		return 0;
	for (; n < job.batch && *w->left && w->replaced < job.live; n++) {
		slot = &array[stress_hash(w->id, w->cursor++, 7) % job.live];
		if (slot->p) {
			stress_block_drop(&w->actor, slot);
			slot->p = NULL;
		}
		/* A failure leaves the slot empty. */
		stress_produce(w, slot);
		w->replaced++;
	}
	if (w->replaced == job.live) {
		w->replaced = 0;
		/* The array and the blocks in it are the next worker's. */
		smp_store_release(&w->generation, g + 1);
	}
	return n;
}

static int chain_setup(void)
{
	return array_add(0);
}

static const struct pattern patterns[] = {
	{
		.name = "pairs", .live = 1000, .min_size = 8, .max_size = 4096,
		.setup = pairs_setup, .step = pairs_step,
	}, {
		.name = "all", .live = 1000, .min_size = 8, .max_size = 4096,
		.setup = rings_between_all, .step = all_step,
	}, {
		.name = "ring", .live = 1000, .min_size = 8, .max_size = 4096,
		.setup = ring_setup, .step = ring_step,
	}, {
		.name = "rotate", .live = 1000, .min_size = 8, .max_size = 4096,
		.rotates = true,
		.setup = rotate_setup, .step = rotate_step,
	}, {
		.name = "larson", .live = 1000, .min_size = 8, .max_size = 4096,
		.setup = arrays_for_all, .step = larson_step,
	}, {
		.name = "chain", .live = 50000, .min_size = 16,
		.max_size = 4000, .uniform = true, .rotates = true,
		.setup = chain_setup, .step = stress_chain_step,
	},
};

const struct pattern *stress_pattern_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(patterns); i++)
		if (!strcmp(name, patterns[i].name))
			return &patterns[i];
	return NULL;
}
