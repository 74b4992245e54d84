// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a block: made in one of many ways, checked, dropped in another.
 *
 * Threads, softirq and hardirq; an actor that may not sleep asks with
 * GFP_ATOMIC.  All that varies follows from stress_hash() of the block.
 */
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/hoardk.h>
#include <linux/hoardk_test.h>

#include "stress.h"

#define IRQ_SIZE	2048U		/* an interrupt fills no more */
#define LARGE_MIN	(16U << 10)
#define LARGE_SPAN	(112U << 10)
#define PEAK_STEP	8192

enum salt { SALT_SIZE, SALT_MAKE, SALT_DROP, SALT_RESIZE };

/* The shares of the ways, of 16. */
static const u8 make_ways[16] = {
	[8] = WAY_IRQS_OFF, WAY_BULK, WAY_ZALLOC, WAY_ZALLOC, WAY_CALLOC,
	WAY_MEMALIGN, WAY_NODE, WAY_HEAP,
};

static const u8 drop_ways[16] = {
	[11] = WAY_IRQS_OFF, WAY_BULK, WAY_BULK, WAY_SENSITIVE, WAY_REALLOC,
};

u64 stress_hash(u32 owner, u32 seq, u32 salt)
{
	u64 x = ((u64)owner << 32 | seq) + (u64)salt * 0x9e3779b97f4a7c15ULL;

	/* A finaliser of two rounds of multiply and shift. */
	x += (u64)job.seed << 16;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

/* Each doubling between @lo and @hi as likely as any other. */
static u32 size_log(u64 h, u32 lo, u32 hi)
{
	u32 first = ilog2(lo), octave;

	octave = first + (u32)(h >> 48) % (ilog2(hi) - first + 1);
	lo = max(lo, 1U << octave);
	hi = min(hi, (2U << octave) - 1);
	return lo + (u32)h % (hi - lo + 1);
}

static u32 block_size(const struct actor *a, u32 seq, enum salt salt)
{
	u64 h = stress_hash(a->id, seq, salt);
	u32 lo = job.min_size, hi = job.max_size, size;

	if (a->irq)
		hi = max(lo, min(hi, IRQ_SIZE));
	else if (job.large && !((h >> 40) & 0xff))
		return LARGE_MIN + 1 + (u32)h % LARGE_SPAN;

	size = job.uniform ? lo + (u32)h % (hi - lo + 1) : size_log(h, lo, hi);
	/* Powers of two have a promise of their own to keep. */
	if (!((h >> 32) & 7) && rounddown_pow_of_two(size) >= lo)
		size = rounddown_pow_of_two(size);
	return size;
}

static enum way block_way(const u8 *ways, u32 owner, u32 seq, enum salt salt)
{
	return job.mix ? ways[stress_hash(owner, seq, salt) & 15] : WAY_PLAIN;
}

static gfp_t actor_gfp(const struct actor *a)
{
	return (a->irq ? GFP_ATOMIC : GFP_KERNEL) | __GFP_NOWARN | job.gfp;
}

/* Tell the job how many bytes more (or less) this actor has asked for. */
static void actor_requested(struct actor *a, s32 bytes, s32 step)
{
	long now, peak;

	a->requested += bytes;
	if (abs(a->requested) < step)
		return;
	now = atomic_long_add_return(a->requested, &job.requested);
	a->requested = 0;
	peak = atomic_long_read(&job.peak);
	while (now > peak && !atomic_long_try_cmpxchg(&job.peak, &peak, now))
		;
}

/* A new block has come as @b says: is it one that nobody has? */
static void block_take(struct actor *a, struct block *b, size_t align,
		       bool zeroed)
{
	b->usable = hoardk_usable_size(b->p);
	b->bytes = hoardk_block_bytes(b->p);
	b->cpu = raw_smp_processor_id();
	if (!IS_ALIGNED((unsigned long)b->p, align)) {
		a->tally.misaligned++;
		stress_complain("misaligned", b, align);
	}
	if (b->usable < b->size) {
		a->tally.corrupted++;
		stress_complain("usable size below size", b, b->usable);
	}
	if (stress_stamp_live(b->p, b->size)) {
		a->tally.overlapped++;
		stress_complain("handed out while live", b, 0);
	}
	if (zeroed && memchr_inv(b->p, 0, b->size)) {
		a->tally.corrupted++;
		stress_complain("not zeroed", b, 0);
	}
	if (!stress_shadow_set(b->p, b->usable)) {
		a->tally.overlapped++;
		stress_complain("overlaps a live block", b, b->usable);
	}
	stress_stamp_fill(b);
	a->tally.bytes[b->heap] += b->bytes;
	actor_requested(a, b->size, PEAK_STEP);
}

/* What every size promises, whatever function it came from. */
static size_t size_align(size_t size)
{
	return is_power_of_2(size) ? min_t(size_t, size, 64) : 8;
}

static bool make_bulk(struct actor *a, struct block *first)
{
	void *p[BLOCK_BULK];
	unsigned int i, got;
	struct block b = *first;

	got = hoardk_alloc_bulk(b.size, actor_gfp(a), BLOCK_BULK, p);
	a->tally.allocs += got;
	a->tally.made[WAY_BULK] += got;
	a->tally.alloc_failures += BLOCK_BULK - got;
	a->seq += BLOCK_BULK - 1;	/* the first has been counted */
	for (i = 0; i < got; i++, b.seq++) {
		b.p = p[i];
		block_take(a, &b, size_align(b.size), false);
		a->stock[a->nr_stock++] = b;
	}
	if (!got)
		return false;
	*first = a->stock[--a->nr_stock];
	return true;
}

static void *make_one(struct actor *a, struct block *b, enum way way,
		      size_t *align)
{
	u64 h = stress_hash(a->id, b->seq, SALT_RESIZE);
	gfp_t gfp = actor_gfp(a);
	bool beyond = job.large && !a->irq;
	unsigned long flags;
	size_t n;
	void *p;

	switch (way) {
	case WAY_IRQS_OFF:
		local_irq_save(flags);
		p = hoardk_alloc(b->size, GFP_ATOMIC | __GFP_NOWARN);
		local_irq_restore(flags);
		return p;
	case WAY_ZALLOC:
		return hoardk_zalloc(b->size, gfp);
	case WAY_CALLOC:
		n = b->size % 4 ? 1 : 4;
		return hoardk_calloc(n, b->size / n, gfp);
	case WAY_MEMALIGN:
		/* 16 to PAGE_SIZE, or beyond. */
		n = 16UL << (h % (PAGE_SHIFT - (beyond ? 1 : 3)));
		*align = max(*align, n);
		return hoardk_memalign(n, b->size, gfp);
	case WAY_NODE:
		/* Of a CPU that may be absent; then any node will do. */
		n = cpu_to_node(h % nr_cpu_ids);
		return hoardk_alloc_node(b->size, gfp, n);
	case WAY_HEAP:
		b->heap = HEAP_PRIVATE;
		return hoardk_heap_alloc(job.heap, b->size, gfp);
	default:
		return hoardk_alloc(b->size, gfp);
	}
}

static void block_plan(struct actor *a, struct block *b)
{
	*b = (struct block) { .owner = a->id, .seq = a->seq++ };
	b->size = block_size(a, b->seq, SALT_SIZE);
}

/* The actor's next block; false if there was no memory for it. */
bool stress_block_make(struct actor *a, struct block *b)
{
	size_t align;
	enum way way;

	if (a->nr_stock) {
		*b = a->stock[--a->nr_stock];
		return true;
	}
	block_plan(a, b);
	align = size_align(b->size);
	way = block_way(make_ways, b->owner, b->seq, SALT_MAKE);
	if (way == WAY_BULK)
		return make_bulk(a, b);

	b->p = make_one(a, b, way, &align);
	if (!b->p) {
		a->tally.alloc_failures++;
		return false;
	}
	a->tally.allocs++;
	a->tally.made[way]++;
	block_take(a, b, align, way == WAY_ZALLOC || way == WAY_CALLOC);
	return true;
}

/* The same, of a heap that will be destroyed before the job is over. */
bool stress_block_make_in(struct actor *a, struct block *b,
			  struct hoardk_heap *heap)
{
	block_plan(a, b);
	b->heap = HEAP_PASSING;
	b->p = hoardk_heap_alloc(heap, b->size, actor_gfp(a));
	if (!b->p) {
		a->tally.alloc_failures++;
		return false;
	}
	a->tally.allocs++;
	a->tally.made[WAY_HEAP]++;
	block_take(a, b, size_align(b->size), false);
	return true;
}

static void block_check(struct actor *a, const struct block *b)
{
	size_t at = stress_stamp_check(b, 0, b->size);

	if (at != b->size) {
		a->tally.corrupted++;
		stress_complain("damaged", b, at);
	}
	at = hoardk_usable_size(b->p);
	if (at != b->usable) {
		a->tally.corrupted++;
		stress_complain("usable size changed", b, at);
	}
}

/* From here on the block counts as nobody's, though it is still ours. */
static void block_leave(struct actor *a, const struct block *b)
{
	stress_stamp_clear(b);
	if (!stress_shadow_clear(b->p, b->usable)) {
		a->tally.overlapped++;
		stress_complain("partly dropped by another", b, b->usable);
	}
	a->tally.bytes[b->heap] -= b->bytes;
	actor_requested(a, -(s32)b->size, PEAK_STEP);
}

/*
 * To another size, in the same heap; the stamp but for its magic must have
 * moved along.
 */
static void block_resize(struct actor *a, struct block *b)
{
	struct block old = *b;
	size_t keep, at, align = 8;
	void *p;

	block_leave(a, b);
	b->size = block_size(a, old.seq, SALT_RESIZE);
	p = hoardk_realloc(old.p, b->size, actor_gfp(a));
	if (p) {
		/* Where it stayed, the new size has promised nothing. */
		if (p != old.p)
			align = size_align(b->size);
		b->p = p;
		a->tally.reallocs++;
		keep = min(old.size, b->size);
		old.p = p;
		at = stress_stamp_check(&old, sizeof(u64), keep);
		if (at != keep) {
			a->tally.corrupted++;
			stress_complain("damaged by realloc", b, at);
		}
	} else {
		b->size = old.size;
		a->tally.alloc_failures++;
	}
	block_take(a, b, align, false);
}

/* hoardk_free() and its count; the free of a block that has left. */
void stress_block_free(struct actor *a, void *p)
{
	hoardk_free(p);
	a->tally.frees++;
}

static void bin_empty(struct actor *a)
{
	hoardk_free_bulk(a->nr_bin, a->bin);
	a->tally.frees += a->nr_bin;
	a->nr_bin = 0;
}

static void drop_one(struct actor *a, void *p, enum way way)
{
	unsigned long flags;

	a->tally.dropped[way]++;
	switch (way) {
	case WAY_IRQS_OFF:
		local_irq_save(flags);
		stress_block_free(a, p);
		local_irq_restore(flags);
		break;
	case WAY_BULK:
		a->bin[a->nr_bin++] = p;
		if (a->nr_bin == BLOCK_BULK)
			bin_empty(a);
		break;
	case WAY_SENSITIVE:
		hoardk_free_sensitive(p);
		a->tally.frees++;
		break;
	default:
		stress_block_free(a, p);
	}
}

/* Check the block and free it. */
void stress_block_drop(struct actor *a, struct block *b)
{
	enum way way = block_way(drop_ways, b->owner, b->seq, SALT_DROP);

	if (unlikely(job.busted) && stress_busted(a, b))
		return;
	/* What waits to be freed in bulk would outlive the heap. */
	if (way == WAY_BULK && b->heap == HEAP_PASSING)
		way = WAY_PLAIN;
	block_check(a, b);
	if (way == WAY_REALLOC)
		block_resize(a, b);
	if (b->cpu != raw_smp_processor_id())
		a->tally.remote_frees++;
	block_leave(a, b);
	drop_one(a, b->p, way);
}

/* Check the block, which its heap is about to take along. */
void stress_block_forget(struct actor *a, struct block *b)
{
	block_check(a, b);
	block_leave(a, b);
	a->tally.frees++;
}

/* Before the actor rests: all that is counted has been done and told. */
void stress_actor_flush(struct actor *a)
{
	bin_empty(a);
	actor_requested(a, 0, 0);
}

/* The blocks that nobody asked the actor for any more. */
void stress_actor_drain(struct actor *a)
{
	while (a->nr_stock)
		stress_block_drop(a, &a->stock[--a->nr_stock]);
	stress_actor_flush(a);
}
