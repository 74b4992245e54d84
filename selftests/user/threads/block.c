// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a block: made by one of all functions, checked, dropped by
 * another.  Any context, as far as the actor's allows.
 */
#include "hammer.h"

#define SMALL_MAX_BYTES	16256U
#define LARGE_SPAN	(160U << 10)
#define INTERRUPT_SHIFT	12	/* an interrupt asks for less than that */
/* One in so many is larger than any size class. */
#define LARGE_SHARE	512

void actor_init(struct actor *a, u32 id, enum context context)
{
	*a = (struct actor){
		.id = id,
		.context = context,
		.random = (options.seed + id) * 0x9e3779b97f4a7c15UL | 1,
		.hand = parcel_new(),
	};
}

/* Each doubling as likely as any other; powers of two more often. */
u32 block_size(struct actor *a)
{
	u32 shift = actor_below(a, a->context == TASK ? 14 : INTERRUPT_SHIFT);
	u32 size = (1U << shift) + actor_below(a, 1U << shift);

	if (!actor_below(a, LARGE_SHARE))
		return SMALL_MAX_BYTES + 1 + actor_below(a, LARGE_SPAN);
	if (!actor_below(a, 8))
		return 1U << shift;
	return min(size, SMALL_MAX_BYTES);
}

gfp_t block_gfp(struct actor *a)
{
	if (a->context != TASK)
		return GFP_ATOMIC;
	switch (actor_below(a, 16)) {
	case 0:
		return GFP_NOWAIT;
	case 1:
		return GFP_KERNEL | __GFP_NOFAIL;
	default:
		return GFP_KERNEL;
	}
}

/* Every size promises that, whatever function it came from. */
static size_t size_align(size_t size)
{
	return is_power_of_2(size) ? min_t(size_t, size, 64) : 8;
}

static bool is_zero(const char *p, size_t size)
{
	return !*p && !memcmp(p, p + 1, size - 1);
}

/* A new block has come as @b says: is it one that nobody has? */
static void block_take(struct actor *a, struct block *b, size_t align,
		       bool zeroed)
{
	b->usable = hoardk_usable_size(b->p);
	if ((unsigned long)b->p & (align - 1))
		complain_block("misaligned", b, align);
	if (b->usable < b->size)
		complain_block("usable size below the size", b, b->usable);
	if (!shadow_set(b->p, b->usable))
		complain_block("overlaps a live block", b, b->usable);
	if (stamp_is_live(b->p, b->size))
		complain_block("handed out while live", b, 0);
	if (zeroed && !is_zero(b->p, b->usable))
		complain_block("not zeroed", b, 0);
	stamp_fill(b);
}

/* An allocation gave nothing: may it? */
static bool no_block(struct actor *a, const struct block *b, gfp_t gfp)
{
	a->tally.failures++;
	if (gfp & __GFP_NOFAIL || (!options.fail && a->context != NMI))
		complain_block("no memory, though there is some", b, gfp);
	return false;
}

static void *make_aligned(struct actor *a, const struct block *b, gfp_t gfp,
			  size_t *align)
{
	*align = max(*align, 16UL << actor_below(a, 10));
	return hoardk_memalign(*align, b->size, gfp);
}

static void *make_irqs_off(const struct block *b)
{
	unsigned long flags = local_irq_save_flags();
	void *p = hoardk_alloc(b->size, GFP_ATOMIC);

	local_irq_restore(flags);
	return p;
}

static void *make_private(struct actor *a, struct block *b, gfp_t gfp)
{
	void *p;

	b->heap = shared_heap_get(a);
	if (!b->heap)
		return hoardk_alloc(b->size, gfp);
	p = shared_heap_alloc(b->heap, b->size, gfp);
	if (!p) {
		shared_heap_put(a, b->heap);
		b->heap = NULL;
	}
	return p;
}

/* The actor's next block; false if there was no memory for it. */
bool block_make(struct actor *a, struct block *b)
{
	gfp_t gfp = block_gfp(a);
	unsigned int way = actor_below(a, 12);
	size_t align, n;

	*b = (struct block){ .owner = a->id, .seq = a->seq++ };
	b->size = block_size(a);
	align = size_align(b->size);
	switch (way) {
	case 0:
		b->p = hoardk_zalloc(b->size, gfp);
		break;
	case 1:
		n = b->size % 4 ? 1 : 4;
		b->p = hoardk_calloc(n, b->size / n, gfp);
		break;
	case 2:
		b->p = make_aligned(a, b, gfp, &align);
		break;
	case 3:
		b->p = hoardk_alloc_node(b->size, gfp, actor_below(a, 2));
		break;
	case 4:
		gfp = GFP_ATOMIC;
		b->p = make_irqs_off(b);
		break;
	case 5:
	case 6:
		b->p = make_private(a, b, gfp);
		break;
	case 7:
		b->p = hoardk_realloc(NULL, b->size, gfp);
		break;
	default:
		b->p = hoardk_alloc(b->size, gfp);
	}
	if (!b->p)
		return no_block(a, b, gfp);
	a->tally.allocs++;
	block_take(a, b, align, way < 2);
	return true;
}

/* Up to @n blocks of one size; says how many. */
unsigned int block_make_bulk(struct actor *a, struct block *b, unsigned int n)
{
	gfp_t gfp = block_gfp(a);
	struct block one = { .owner = a->id, .size = block_size(a) };
	void *p[PARCEL_BLOCKS];
	unsigned int i, got;

	got = hoardk_alloc_bulk(one.size, gfp, n, p);
	a->tally.allocs += got;
	if (got < n)
		no_block(a, &one, gfp);
	for (i = 0; i < got; i++) {
		b[i] = one;
		b[i].p = p[i];
		b[i].seq = a->seq++;
		block_take(a, &b[i], size_align(one.size), false);
	}
	return got;
}

static void block_check(struct actor *a, const struct block *b)
{
	size_t at = hoardk_usable_size(b->p);

	if (at != b->usable)
		complain_block("its usable size changed", b, at);
	at = stamp_check(b, 0, b->size);
	if (at != b->size)
		complain_block("damaged", b, at);
}

/* From here on the block counts as nobody's, though it is still ours. */
static void block_leave(struct actor *a, const struct block *b)
{
	stamp_clear(b);
	if (!shadow_clear(b->p, b->usable))
		complain_block("partly dropped by another", b, b->usable);
}

/* The block has been freed. */
void block_forget(struct actor *a, const struct block *b)
{
	a->tally.frees++;
	if (b->heap)
		shared_heap_put(a, b->heap);
}

/*
 * To another size, in the same heap.  The stamp but for its magic must have
 * moved along.
 */
void block_resize(struct actor *a, struct block *b)
{
	struct block old = *b;
	size_t keep, at, align = 8;
	void *p;

	block_check(a, b);
	block_leave(a, b);
	b->size = block_size(a);
	p = hoardk_realloc(old.p, b->size, block_gfp(a));
	if (p) {
		/* Where it stayed, the new size has promised nothing. */
		if (p != old.p)
			align = size_align(b->size);
		b->p = p;
		keep = min(old.size, b->size);
		old.p = p;
		at = stamp_check(&old, min(8UL, keep), keep);
		if (at != keep)
			complain_block("damaged by realloc", b, at);
		a->tally.resizes++;
	} else {
		b->size = old.size;
		if (!options.fail && a->context != NMI)
			complain_block("no memory to resize", b, 0);
	}
	block_take(a, b, align, false);
}

static void free_irqs_off(void *p)
{
	unsigned long flags = local_irq_save_flags();

	hoardk_free(p);
	local_irq_restore(flags);
}

/* Check the block and free it. */
void block_drop(struct actor *a, struct block *b)
{
	unsigned int way = actor_below(a, 12);

	if (unlikely(options.busted) && busted(a, b))
		return;
	if (!way)
		block_resize(a, b);
	block_check(a, b);
	block_leave(a, b);
	switch (way) {
	case 1:
		free_irqs_off(b->p);
		break;
	case 2:
		hoardk_free_sensitive(b->p);
		break;
	case 3:
		if (hoardk_realloc(b->p, 0, block_gfp(a)) != ZERO_SIZE_PTR)
			complain_block("realloc to 0 gave memory", b, 0);
		break;
	default:
		hoardk_free(b->p);
	}
	block_forget(a, b);
	b->p = NULL;
}

/* Check up to PARCEL_BLOCKS blocks and free them at once. */
void block_drop_bulk(struct actor *a, struct block *b, unsigned int n)
{
	void *p[PARCEL_BLOCKS];
	unsigned int i;

	for (i = 0; i < n; i++) {
		block_check(a, &b[i]);
		block_leave(a, &b[i]);
		p[i] = b[i].p;
	}
	hoardk_free_bulk(n, p);
	for (i = 0; i < n; i++) {
		block_forget(a, &b[i]);
		b[i].p = NULL;
	}
}
