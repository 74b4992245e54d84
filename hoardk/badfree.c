// SPDX-License-Identifier: GPL-2.0
/*
 * Reports of bad pointers: one rate-limited line and a count; the memory is
 * left alone.  Contexts: see badfree.h.
 */
#define pr_fmt(fmt) "hoardk: " fmt

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sched/task_stack.h>
#include <linux/string.h>

#include "account.h"
#include "badfree.h"
#include "heap.h"
#include "superblock.h"

static DEFINE_RATELIMIT_STATE(badfree_limit, 5 * HZ, 10);

/**
 * struct witness - what a report says of a block's superblock
 * @held: there is one; else the rest means nothing
 * @starts: a block starts there
 * @size: bytes a block
 * @heap: the name of its heap
 */
struct witness {
	bool held;
	bool starts;
	unsigned int size;
	char heap[HEAP_NAME_MAX];
};

/*
 * Look at the superblock of @p, if there is one.  Printing takes long, so that
 * is for when preemption is on again and the superblock may go.
 */
static void witness(struct witness *w, const void *p)
{
	const struct superblock *sb = superblock_of(p);
	const struct hoardk_heap *heap;

	w->starts = false;
	preempt_disable();
	w->held = superblock_holds(sb, p);
	if (w->held) {
		w->starts = superblock_has(sb, superblock_index(sb, p));
		heap = READ_ONCE(sb->heap);
		w->size = sb->size;
		strscpy(w->heap, heap ? heap->name : "none", sizeof(w->heap));
	}
	preempt_enable();
}

static void report_double(const void *p, unsigned long n, unsigned long caller)
{
	struct witness w;

	atomic_long_add(n, &account.double_frees);
	if (!__ratelimit(&badfree_limit))
		return;
	witness(&w, p);
	if (!p)
		pr_warn("bad free: %lu blocks, by now of superblocks used anew, were freed twice, on different CPUs; left alone\n",
			n);
	else if (!w.held && caller)
		pr_warn("bad free: %p was freed twice, the second time by %pS; left alone\n",
			p, (void *)caller);
	else if (!w.held)
		pr_warn("bad free: %p was freed twice, on different CPUs; left alone\n",
			p);
	else if (caller)
		pr_warn("bad free: %p (%u bytes, heap %s) was freed twice, the second time by %pS; left alone\n",
			p, w.size, w.heap, (void *)caller);
	else if (n == 1)
		pr_warn("bad free: %p (%u bytes, heap %s) was freed twice, on different CPUs; left alone\n",
			p, w.size, w.heap);
	else
		pr_warn("bad free: %p (%u bytes, heap %s) and %lu more were freed twice, on different CPUs; left alone\n",
			p, w.size, w.heap, n - 1);
}

/* A block that is free was freed again. */
void badfree_double(const void *p, unsigned long caller)
{
	report_double(p, 1, caller);
}

/* The same, met @n times after the fact; @block is one of them, if known. */
void badfree_report(unsigned long n, const void *block)
{
	report_double(block, n, 0);
}

/* What a pointer that no block starts at is; NULL: some memory of the linear map. */
static const char *describe(const void *p)
{
	unsigned long address = (unsigned long)p;

	if (address < PAGE_SIZE)
		return "next to NULL";
	if (IS_ERR(p))
		return "an error pointer";
	if (address < TASK_SIZE_MAX)
		return "a user address";
	if (in_task() && object_is_on_stack(p))
		return "on the stack";
	if (is_vmalloc_addr(p))
		return "a vmalloc address that hoardk did not return";
	if (!superblock_is_linear(p))
		return "no address of the linear map";
	return NULL;
}

/* A pointer that is no live block's. */
void badfree_invalid(const void *p, unsigned long caller)
{
	const char *what;
	struct witness w;

	atomic_long_inc(&account.invalid_frees);
	if (!__ratelimit(&badfree_limit))
		return;
	what = describe(p);
	witness(&w, p);
	if (w.starts)
		pr_warn("bad free: %p by %pS is free (%u byte class, heap %s): it has no size and cannot be moved; left alone\n",
			p, (void *)caller, w.size, w.heap);
	else if (w.held)
		pr_warn("bad free: %p by %pS lies inside a block or header (%u byte class, heap %s); only the address hoardk returned can be freed; left alone\n",
			p, (void *)caller, w.size, w.heap);
	else if (what)
		pr_warn("bad free: %p by %pS is %s; left alone\n", p,
			(void *)caller, what);
	else
		pr_warn("bad free: %p by %pS is not hoardk's: from kmalloc(), of a destroyed heap, inside a large block, or a large block freed before; left alone\n",
			p, (void *)caller);
}
