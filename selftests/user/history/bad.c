// SPDX-License-Identifier: GPL-2.0
/*
 * Operations of a client that makes mistakes: blocks freed twice, from any CPUs,
 * and pointers that are no block's.  Each must be counted once and change
 * nothing.
 *
 * A second free can only be told from a right one while the block has not been
 * handed out again (see Documentation/design.rst), so nothing is allocated until
 * all that waits has been drained.
 */
#include <linux/hoardk_test.h>

#include "mm.h"
#include "steps.h"
#include "world.h"

/* Everything on its way arrives. */
static void drain_all(void)
{
	unsigned int i;

	for (i = 0; i < 3; i++) {
		steps_advance(1000);
		steps_settle();
	}
	/* By policy local only a detach finds blocks kept for others. */
	hoardk_give_back();
}

static void do_double_free(const struct op *op)
{
	struct slot *s = slot_used(op->a);
	unsigned int frees = 2 + (op->c / CPUS_MAX) % 2;
	u8 *p;

	if (!s)
		return;
	/* Whose allocation might come between the frees. */
	steps_interrupt_cancel();
	slot_check(s);
	p = s->p;
	s->p = NULL;
	hoardk_free(p);
	steps_on_cpu(op->b % world.setup.cpus);
	hoardk_free(p);
	if (frees == 3) {
		steps_on_cpu(op->c % world.setup.cpus);
		hoardk_free(p);
	}
	world.refused += frees - 1;
	drain_all();
}

/* A page that is the stub kernel's, but not hoardk's. */
static void free_foreign_page(u32 offset)
{
	struct page *page = alloc_pages_node(0, GFP_KERNEL | __GFP_NOFAIL, 0);

	hoardk_free(page_address(page) + offset % PAGE_SIZE);
	__free_pages(page, 0);
}

static void free_vmalloc(u32 offset)
{
	void *p = __vmalloc(PAGE_SIZE, GFP_KERNEL | __GFP_NOFAIL);

	hoardk_free(p + offset % PAGE_SIZE);
	vfree(p);
}

/* Inside a block, but not at its start. */
static void free_interior(const struct slot *s, u32 offset)
{
	void *p = s->p + 1 + offset % (s->have - 1);
	unsigned long sizes;

	hoardk_free(p);
	world.refused++;
	sizes = hoardk_usable_size(p);
	expect(!sizes, "an interior pointer has %lu bytes", sizes);
	expect(!hoardk_realloc(p, 100, GFP_KERNEL),
	       "an interior pointer was reallocated");
	world.refused += 2;
	slot_check(s);
}

static void do_wild_free(const struct op *op)
{
	static u8 data[64];
	struct slot *s = slot_used(op->a);
	u8 stack[64];

	switch (op->b % 9) {
	case 0:
		hoardk_free(NULL);
		hoardk_free(ZERO_SIZE_PTR);
		hoardk_free_sensitive(NULL);
		return;
	case 1:
		hoardk_free((void *)17UL + op->c);
		break;
	case 2:
		hoardk_free(stack + op->c % sizeof(stack));
		break;
	case 3:
		hoardk_free(data + op->c % sizeof(data));
		break;
	case 4:
		free_foreign_page(op->c);
		break;
	case 5:
		free_vmalloc(op->c);
		break;
	case 6:
		/* Not mapped, so far out in the linear map. */
		hoardk_free((void *)(stub_linear_end - 1 - op->c));
		break;
	case 7:
		hoardk_free((void *)-1UL - op->c);
		break;
	case 8:
		if (s && s->have > 1)
			free_interior(s, op->c);
		return;
	}
	world.refused++;
}

void do_bad(const struct op *op)
{
	if (op->kind == OP_double_free)
		do_double_free(op);
	else if (op->kind == OP_wild_free)
		do_wild_free(op);
}
