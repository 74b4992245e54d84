// SPDX-License-Identifier: GPL-2.0
/*
 * Memory from alloc_pages() and vmalloc(), and its return.
 *
 * A superblock is one compound page with a reference of ours beyond the
 * allocation's: a stray put_page() or kfree() of a block, which Linux 7.3 refuses
 * itself, drops a reference and shows up as a wrong count at release, instead of
 * freeing the superblock under its users.
 */
#define pr_fmt(fmt) "hoardk: " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>

#include "account.h"
#include "compat.h"
#include "pages.h"
#include "pool.h"
#include "superblock.h"

#define SUPERBLOCK_ORDER	(SUPERBLOCK_SHIFT - PAGE_SHIFT)

/* Zones and hints that a block of a shared superblock cannot honour. */
#define GFP_STRIPPED	(__GFP_ACCOUNT | __GFP_HIGHMEM | __GFP_MOVABLE | \
			 __GFP_RECLAIMABLE | __GFP_ZERO | __GFP_WRITE)

bool pages_free_at_unload;
unsigned int pages_fail_nth;
unsigned int pages_fail_times = 1;
static DEFINE_RAW_SPINLOCK(fail_lock);

/*
 * What a heap holds keeps the module loaded: a reference for each superblock
 * and large allocation, unless blocks are to be freed at unload.  Any context.
 */
void pages_pin(void)
{
	if (!pages_free_at_unload)
		__module_get(THIS_MODULE);
}

void pages_unpin(void)
{
	if (!pages_free_at_unload)
		module_put(THIS_MODULE);
}

/* May the page allocator, which takes spinlocks, be called from here? */
bool pages_allowed(void)
{
	return !in_nmi() && hoardk_may_spin();
}

/*
 * For tests: should this request fail?  fail_nth counts down to 1; from there
 * on fail_times requests fail, then injection is off.
 */
bool pages_fail(void)
{
	unsigned long flags;
	bool fail;

	if (likely(!READ_ONCE(pages_fail_nth)))
		return false;
	raw_spin_lock_irqsave(&fail_lock, flags);
	fail = pages_fail_nth == 1;
	if (pages_fail_nth > 1)
		WRITE_ONCE(pages_fail_nth, pages_fail_nth - 1);
	else if (fail && pages_fail_times > 1)
		pages_fail_times--;
	else if (fail)
		WRITE_ONCE(pages_fail_nth, 0);
	raw_spin_unlock_irqrestore(&fail_lock, flags);
	return fail;
}

/*
 * Fresh memory for a superblock, stamped but not formatted; NULL when order-3
 * pages are not at hand.  Does not try hard: the caller falls back to single
 * pages, which honour all of its flags.
 */
struct superblock *pages_get_superblock(gfp_t gfp, int node)
{
	struct page *page;
	struct superblock *sb;

	if (pages_fail())
		return NULL;
	gfp &= ~(GFP_STRIPPED | __GFP_NOFAIL | __GFP_RETRY_MAYFAIL);
	gfp |= __GFP_COMP | __GFP_NOWARN | __GFP_NORETRY | __GFP_NOMEMALLOC;
	page = alloc_pages_node(node, gfp, SUPERBLOCK_ORDER);
	if (!page)
		return NULL;
	get_page(page);
	figure_add(&account.held, SUPERBLOCK_SIZE);
	figure_raise(&account.pooled, pool_count() * SUPERBLOCK_SIZE);
	pages_pin();
	sb = page_address(page);
	superblock_stamp(sb, page_to_nid(page));
	return sb;
}

/*
 * Return a compound page, of which hoardk has two references: with a single one
 * kfree() of a block would free it under those who use it.
 */
static void put_compound(struct page *page, unsigned int order, const char *what)
{
	if (page_ref_count(page) < 2) {
		pr_warn("%s %p lacks a reference: somebody called kfree() or put_page() on a block of hoardk; use hoardk_free(). Its memory is not returned\n",
			what, page_address(page));
		return;
	}
	figure_add(&account.held, -(long)(PAGE_SIZE << order));
	put_page(page);
	__free_pages(page, order);
}

static void superblock_free_rcu(struct rcu_head *rcu)
{
	struct superblock *sb = container_of(rcu, struct superblock, rcu);

	figure_add(&account.released, -(long)SUPERBLOCK_SIZE);
	put_compound(virt_to_page(sb), SUPERBLOCK_ORDER, "superblock");
}

/* The superblock is quiet and on no list.  Not from NMI. */
void pages_put_superblock(struct superblock *sb)
{
	superblock_set_noded(sb, false);
	superblock_unstamp(sb);
	figure_add(&account.released, SUPERBLOCK_SIZE);
	call_rcu(&sb->rcu, superblock_free_rcu);
}

/* The bound allows for it before it counts in A: so it holds at any moment. */
static void count_large(size_t bytes)
{
	figure_add(&account.large, bytes);
	figure_add(&account.held, bytes);
}

/*
 * Physically contiguous whole pages for a large allocation of @size bytes, at a
 * multiple of @align.  A power of two of them stays in one piece, which is returned
 * at once; of others, what the page allocator gives beyond them goes back now, and
 * each page by itself later.
 */
void *pages_get(size_t size, size_t align, gfp_t gfp, int node)
{
	unsigned int order = get_order(max(size, align));
	unsigned long i, nr = PAGE_ALIGN(size) >> PAGE_SHIFT;
	bool whole = order && nr == 1UL << order;
	struct page *page;

	if (order > HOARDK_MAX_ORDER || pages_fail())
		return NULL;
	gfp &= ~((GFP_STRIPPED & ~__GFP_ZERO) | __GFP_COMP);
	if (whole)
		gfp |= __GFP_COMP;
	page = alloc_pages_node(node, gfp, order);
	if (!page)
		return NULL;
	if (whole) {
		get_page(page);
	} else {
		split_page(page, order);
		for (i = nr; i < 1UL << order; i++)
			__free_page(page + i);
	}
	count_large(nr << PAGE_SHIFT);
	return page_address(page);
}

/* Where pages_allowed(). */
void pages_put(void *p, size_t size)
{
	struct page *page = virt_to_page(p);

	if (PageCompound(page)) {
		put_compound(page, get_order(size), "large block");
		return;
	}
	figure_add(&account.held, -(long)PAGE_ALIGN(size));
	free_pages_exact(p, size);
}

/*
 * Of the flags of a large block, those that vmalloc() takes; it warns of others.
 * __GFP_THISNODE is none: a node is preferred then.
 */
#define VMALLOC_GFP	(GFP_KERNEL | __GFP_HIGH | __GFP_NOWARN | \
			 __GFP_NORETRY | __GFP_RETRY_MAYFAIL | __GFP_ZERO)

/*
 * Virtually contiguous pages; may sleep.  Only requests without restrictions
 * can name a node: that is all vmalloc exports.
 */
void *pages_get_virtual(size_t size, gfp_t gfp, int node)
{
	void *p;

	if (pages_fail())
		return NULL;
	gfp &= VMALLOC_GFP;
	if (node == NUMA_NO_NODE || (gfp & ~__GFP_ZERO) != GFP_KERNEL)
		p = __vmalloc(size, gfp);
	else if (gfp & __GFP_ZERO)
		p = vzalloc_node(size, node);
	else
		p = vmalloc_node(size, node);
	if (p)
		count_large(PAGE_ALIGN(size));
	return p;
}

/* Task context with preemption on. */
void pages_put_virtual(void *p, size_t size)
{
	figure_add(&account.held, -(long)PAGE_ALIGN(size));
	vfree(p);
}
