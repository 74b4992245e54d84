// SPDX-License-Identifier: GPL-2.0
/*
 * Operations on blocks and heaps, as a client does them that makes no mistake.
 */
#include <linux/err.h>

#include "mm.h"
#include "world.h"

#define BULK_MAX	48

/* NULL only where a request for memory was made to fail, or asks for too much. */
static bool got(const void *p, size_t size, gfp_t gfp)
{
	size_t most = gfpflags_allow_blocking(gfp) ? 16 << 20 : 4 << 20;

	if (p) {
		expect(!IS_ERR(p) && p != ZERO_SIZE_PTR, "%p for %zu bytes", p,
		       size);
		return true;
	}
	expect(world.may_fail || size > most,
	       "NULL for %zu bytes, though memory is there", size);
	return false;
}

static void expect_zero(const u8 *p, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		expect(!p[i], "%p of %zu bytes is not zero at offset %zu", p,
		       size, i);
}

static gfp_t flags_of(u32 choice)
{
	static const gfp_t flags[] = {
		GFP_KERNEL, GFP_KERNEL, GFP_ATOMIC, GFP_NOWAIT,
		GFP_KERNEL | __GFP_ZERO, GFP_ATOMIC | __GFP_ZERO,
		GFP_KERNEL | __GFP_ACCOUNT | __GFP_RECLAIMABLE,
		GFP_KERNEL | __GFP_NOFAIL,
	};

	return flags[choice % ARRAY_SIZE(flags)];
}

static void *alloc_somehow(size_t size, u32 how, gfp_t gfp, bool *zero)
{
	*zero = gfp & __GFP_ZERO || world.setup.init_on_alloc;
	switch (how % 8) {
	case 0:
		*zero = true;
		return hoardk_zalloc(size, gfp);
	case 1:
		*zero = true;
		return hoardk_calloc(size, 1, gfp);
	case 2:
		return hoardk_alloc_node(size, gfp, how / 64 % (NODES + 2) - 1);
	case 3:
		return hoardk_alloc_node(size, gfp | __GFP_THISNODE,
					 how / 64 % NODES);
	default:
		return hoardk_alloc(size, gfp);
	}
}

static void do_alloc(const struct op *op)
{
	struct slot *s = slot_unused(op->a);
	gfp_t gfp = flags_of(op->c / 8);
	bool zero;
	void *p;

	if (!s)
		return;
	p = alloc_somehow(op->b, op->c, gfp, &zero);
	if (!op->b && p == ZERO_SIZE_PTR) {
		hoardk_free(p);
		return;
	}
	if (!got(p, op->b, gfp))
		return;
	if (zero)
		expect_zero(p, op->b);
	slot_set(s, p, op->b, 0);
}

static void do_heap_alloc(const struct op *op)
{
	unsigned int heap = op->c % HEAPS;
	struct slot *s = slot_unused(op->a);
	size_t size = max(op->b, 1u);
	gfp_t gfp = flags_of(op->c / HEAPS);
	void *p;

	if (!s || !world.heaps[heap])
		return;
	p = hoardk_heap_alloc(world.heaps[heap], size, gfp);
	if (!got(p, size, gfp))
		return;
	if (gfp & __GFP_ZERO || world.setup.init_on_alloc)
		expect_zero(p, size);
	slot_set(s, p, size, heap + 1);
}

static void do_memalign(const struct op *op)
{
	struct slot *s = slot_unused(op->a);
	size_t align = 1UL << op->c % 17, size = max(op->b, 1u);
	gfp_t gfp = flags_of(op->c / 17);
	void *p;

	if (!s)
		return;
	if (op->c / 17 % 16 == 1) {
		expect(!hoardk_memalign(align + 3 * (align < 4) + 1, size,
					GFP_KERNEL),
		       "an alignment that is no power of two was accepted");
		return;
	}
	p = hoardk_memalign(align, size, gfp);
	if (!p && align > PAGE_SIZE && max(size, align) > 4 << 20)
		return;
	if (!got(p, size, gfp))
		return;
	expect(!((unsigned long)p & (align - 1)), "%p is not aligned to %zu",
	       p, align);
	slot_set(s, p, size, 0);
}

static void do_free(const struct op *op)
{
	struct slot *s = slot_used(op->a);
	void *p;

	if (!s)
		return;
	slot_check(s);
	p = s->p;
	/* From the call on; an interrupt may get its memory. */
	s->p = NULL;
	if (op->b % 8)
		hoardk_free(p);
	else
		hoardk_free_sensitive(p);
}

static void do_realloc(const struct op *op)
{
	struct slot *s = slot_used(op->a), old;
	size_t size = op->b;
	void *p, *was;

	if (!s)
		return;
	slot_check(s);
	old = *s;
	was = s->p;
	s->p = NULL;
	p = hoardk_realloc(was, size, flags_of(op->c));
	if (!size) {
		expect(p == ZERO_SIZE_PTR, "realloc to 0 gives %p", p);
		return;
	}
	if (!p) {
		got(p, size, flags_of(op->c));
		expect(size > old.have, "a smaller block was refused");
		*s = old;
		slot_check(s);
		return;
	}
	/* What was there is there, up to the smaller size. */
	old.p = p;
	old.size = min(old.size, size) & ~7UL;
	if (old.size == (s->size & ~7UL) || s->size / 8 <= 128)
		slot_check(&old);
	if (p == was)
		slot_enter(s, p, size, old.heap);
	else
		slot_set(s, p, size, old.heap);
}

static void do_bulk_alloc(const struct op *op)
{
	unsigned int i, n, nr = op->a % BULK_MAX;
	size_t size = op->b % 20000 + 1;
	gfp_t gfp = flags_of(op->c);
	void *p[BULK_MAX];

	n = hoardk_alloc_bulk(size, gfp, nr, p);
	expect(n <= nr, "%u blocks where %u were wanted", n, nr);
	if (n < nr)
		got(NULL, size, gfp);
	for (i = 0; i < n; i++) {
		struct slot *s = slot_unused(i);

		if (gfp & __GFP_ZERO || world.setup.init_on_alloc)
			expect_zero(p[i], size);
		if (s)
			slot_set(s, p[i], size, 0);
		else
			hoardk_free(p[i]);
	}
}

static void do_bulk_free(const struct op *op)
{
	unsigned int i, nr = op->b % BULK_MAX;
	void *p[BULK_MAX];

	for (i = 0; i < nr; i++) {
		struct slot *s = slot_used(op->a + i);

		p[i] = NULL;
		if (!s)
			continue;
		slot_check(s);
		p[i] = s->p;
		s->p = NULL;
	}
	hoardk_free_bulk(nr, p);
}

static void do_usable(const struct op *op)
{
	struct slot *s = slot_used(op->a);
	size_t size = op->b % 20000;

	expect(hoardk_size_roundup(size) >= size, "%zu is rounded down", size);
	expect(!hoardk_usable_size(NULL) && !hoardk_usable_size(ZERO_SIZE_PTR),
	       "nothing has a size");
	if (s)
		expect(hoardk_usable_size(s->p) == s->have,
		       "the usable size of %p has changed", s->p);
}

static void do_heap_create(const struct op *op)
{
	unsigned int heap = op->a % HEAPS;
	struct hoardk_heap_attr attr = {
		.policy = op->b % (HOARDK_POLICY_HOARD + 1),
		.slack = op->c % 5,
		.empty_percent = op->c % 3 ? 0 : 20 + op->c % 71,
	};
	struct hoardk_heap *h;

	if (world.heaps[heap])
		return;
	if (op->c % 16 == 9)
		attr.slack = 1025;
	if (op->c % 16 == 8)
		attr.empty_percent = 91;
	h = hoardk_heap_create(op->c % 16 == 7 ? "" : "history",
			       op->c % 4 ? &attr : NULL);
	if (IS_ERR(h)) {
		expect((PTR_ERR(h) == -ENOMEM && world.may_fail) ||
		       (PTR_ERR(h) == -EINVAL && op->c % 16 >= 7),
		       "no heap: %ld", PTR_ERR(h));
		return;
	}
	world.heaps[heap] = h;
}

static void do_heap_destroy(const struct op *op)
{
	unsigned int heap = op->a % HEAPS, i;
	size_t n, live = slots_live(heap + 1);

	if (!world.heaps[heap])
		return;
	for (i = 0; i < SLOTS; i++)
		if (world.slots[i].p && world.slots[i].heap == heap + 1) {
			slot_check(&world.slots[i]);
			world.slots[i].p = NULL;
		}
	for (i = 0; i < IRQ_SLOTS; i++)
		if (world.irq_slots[i].heap == heap + 1)
			world.irq_slots[i].p = NULL;
	n = hoardk_heap_destroy(world.heaps[heap]);
	world.heaps[heap] = NULL;
	expect(n == live, "destroyed with %zu live blocks instead of %zu", n,
	       live);
}

void do_blocks(const struct op *op)
{
	switch (op->kind) {
	case OP_alloc:
		return do_alloc(op);
	case OP_heap_alloc:
		return do_heap_alloc(op);
	case OP_memalign:
		return do_memalign(op);
	case OP_free:
		return do_free(op);
	case OP_realloc:
		return do_realloc(op);
	case OP_bulk_alloc:
		return do_bulk_alloc(op);
	case OP_bulk_free:
		return do_bulk_free(op);
	case OP_usable:
		return do_usable(op);
	case OP_touch:
		if (slot_used(op->a))
			slot_check(slot_used(op->a));
		return;
	case OP_heap_create:
		return do_heap_create(op);
	case OP_heap_destroy:
		return do_heap_destroy(op);
	}
}
