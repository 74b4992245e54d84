// SPDX-License-Identifier: GPL-2.0
/*
 * The exported allocation functions.
 *
 * A request goes: the local heap's bin (a few dozen instructions, in
 * hoardk_alloc() itself), the rest of the local heap, the global heap, the
 * pool, a fresh superblock, and if none can be had single pages.  Only the last
 * two call the page allocator, with no flag, lock or CPU held.
 */
#define pr_fmt(fmt) "hoardk: " fmt

#include <linux/export.h>
#include <linux/hoardk_bits.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/topology.h>

#include "account.h"
#include "alloc.h"
#include "badfree.h"
#include "checked.h"
#include "heap.h"
#include "large.h"
#include "pages.h"
#include "pool.h"
#include "sanitize.h"
#include "sweep.h"

/* A block of a superblock that nobody holds yet. */
static void *superblock_first(struct hoardk_heap *heap, struct superblock *sb)
{
	/* Racing random numbers are random. */
	unsigned int bit = data_race(owner_pick(&heap->global.own,
						sb->free[0]));

	sb->free[0] &= ~BIT(bit);
	return superblock_block(sb, bit);
}

/* The caller has its block of a fresh superblock: the rest is for all. */
static void publish_global(struct hoardk_heap *heap, struct superblock *sb)
{
	struct global_heap *g = &heap->global;
	unsigned long flags;

	global_lock(g, &flags);
	owner_add(&g->own, sb);
	counted(g->own.allocs++);
	owner_publish(&g->own);
	global_unlock(g, flags);
}

/*
 * The rest is for the CPU that the caller is on now, if that has nothing of the
 * class, else for all.
 */
static void publish(struct hoardk_heap *heap, struct superblock *sb)
{
	struct local_heap *h;

	preempt_disable();
	h = this_cpu_read(*heap->local);
	if (local_enter_any(h)) {
		if (!bin_active(&h->own.bins[sb->class])) {
			local_adopt(h, sb);
			sb = NULL;
		}
		local_exit_any(h);
	}
	preempt_enable();
	if (sb)
		publish_global(heap, sb);
}

/* A superblock that nobody holds, to be laid out outside of any section. */
static struct superblock *superblock_get(struct hoardk_heap *heap,
					 unsigned int class, gfp_t gfp,
					 int node)
{
	struct superblock *sb = NULL;

	if (unlikely(!heap_may_format(heap)))
		sb = pool_get(class,
			      node == NUMA_NO_NODE ? numa_mem_id() : node);
	if (!sb && pages_allowed())
		sb = pages_get_superblock(gfp, node);
	if (!sb && node == NUMA_NO_NODE)
		sb = pool_get_any(class);
	return sb;
}

/* A block of a fresh superblock, or NULL. */
static void *alloc_fresh(struct hoardk_heap *heap, unsigned int class,
			 gfp_t gfp, int node)
{
	struct superblock *sb;
	void *p;

	if (in_nmi())
		return NULL;
	sb = superblock_get(heap, class, gfp, node);
	if (!sb)
		return NULL;
	heap_format(heap, sb, class);
	superblock_set_noded(sb, node != NUMA_NO_NODE);
	p = superblock_first(heap, sb);
	if (node == NUMA_NO_NODE)
		publish(heap, sb);
	else
		publish_global(heap, sb);
	sweep_arm();
	return p;
}

/* From what is at hand; *@bare says that this CPU could do with a heap. */
static void *alloc_held(struct hoardk_heap *heap, unsigned int class,
			size_t size, bool *bare)
{
	struct doubles d = { 0 };
	struct local_heap *h;
	void *p;

	preempt_disable();
	h = this_cpu_read(*heap->local);
	if (local_enter_any(h)) {
		p = owner_take(&h->own, class);
		if (!p)
			p = local_refill(h, class, size);
		d = badfree_collect(&h->own);
		local_exit_any(h);
	} else {
		*bare = h == &busy_heap && in_task() &&
			heap->policy != HOARDK_POLICY_GLOBAL;
		p = *bare ? NULL : global_alloc(heap, class, size,
						 NUMA_NO_NODE);
	}
	preempt_enable();
	badfree_doubles(d.n, d.block);
	return p;
}

/*
 * A block where nothing was at hand.  Others may be on their way with fresh
 * superblocks that nobody sees yet: whoever is, is counted from before it looks
 * once more until what it took is there for all, so that the bound knows how
 * many were at most.
 */
static void *alloc_more(struct hoardk_heap *heap, unsigned int class,
			size_t size, gfp_t gfp)
{
	bool bare = false;
	void *p;

	figure_add(&account.fresh, SUPERBLOCK_SIZE);
	p = alloc_held(heap, class, size, &bare);
	if (!p && bare)
		p = global_alloc(heap, class, size, NUMA_NO_NODE);
	if (!p)
		p = alloc_fresh(heap, class, gfp, NUMA_NO_NODE);
	figure_add(&account.fresh, -(long)SUPERBLOCK_SIZE);
	return p;
}

/* A small block that may come from any node. */
static void *alloc_small(struct hoardk_heap *heap, unsigned int class,
			 size_t size, gfp_t gfp)
{
	bool bare = false;
	void *p;

	p = alloc_held(heap, class, size, &bare);
	if (!p && bare) {
		if (pages_allowed())
			heap_attach(heap, gfp & ~__GFP_NOFAIL);
	}
	return p ? : alloc_more(heap, class, size, gfp);
}

/*
 * A small block on a node; on another, if that one has none and the flags do
 * not bind it.
 */
static void *alloc_small_node(struct hoardk_heap *heap, unsigned int class,
			      size_t size, gfp_t gfp, int node)
{
	void *p;

	if (node == NUMA_NO_NODE || num_online_nodes() == 1)
		return alloc_small(heap, class, size, gfp);
	p = global_alloc(heap, class, size, node);
	if (!p) {
		/* Until it is counted as taken for the node. */
		figure_add(&account.fresh, SUPERBLOCK_SIZE);
		p = alloc_fresh(heap, class, gfp | __GFP_THISNODE, node);
		figure_add(&account.fresh, -(long)SUPERBLOCK_SIZE);
	}
	if (!p && !(gfp & __GFP_THISNODE))
		p = alloc_small(heap, class, size, gfp);
	return p;
}

static bool flags_accepted(gfp_t gfp)
{
	if (likely(!(gfp & (__GFP_DMA | __GFP_DMA32))))
		return true;
	pr_warn_once("%s[%d] asked for memory of a DMA zone; hoardk has none: use dma_alloc_coherent() or dma_pool_alloc()\n",
		     current->comm, task_pid_nr(current));
	return false;
}

/* One attempt; zeroed if @zero. */
static void *alloc_once(struct hoardk_heap *heap, int class, size_t size,
			size_t align, gfp_t gfp, int node, bool zero,
			unsigned long caller)
{
	void *p = NULL;

	if (class >= 0)
		p = alloc_small_node(heap, class, size, gfp, node);
	if (p && heap->checks)
		return checked_hand_out(heap, p, size, gfp, zero, caller);
	if (p)
		return hand_out(p, size_classes[class].size, size, gfp, zero);
	return large_alloc(heap, size, align, zero ? gfp | __GFP_ZERO : gfp,
			   node, caller);
}

/*
 * Everything that the fast path does not do.  @align: a power of two.  @caller:
 * of hoardk, for the checks' reports.
 */
void *alloc_any(struct hoardk_heap *heap, size_t size, size_t align, gfp_t gfp,
		int node, unsigned long caller)
{
	bool zero = want_init_on_alloc(gfp);
	bool retry = gfp & __GFP_NOFAIL && gfpflags_allow_blocking(gfp);
	int class;
	void *p;

	if (!size)
		return ZERO_SIZE_PTR;
	might_alloc(gfp);
	if (!flags_accepted(gfp))
		goto fail;
	if (node != NUMA_NO_NODE && (node < 0 || node >= MAX_NUMNODES ||
				     !node_online(node)))
		node = NUMA_NO_NODE;
	gfp &= ~(__GFP_ZERO | __GFP_NOFAIL);
	class = heap->checks ? checked_class(heap->checks, align, size) :
			       class_of_aligned(align, size);
	for (;;) {
		p = alloc_once(heap, class, size, align, gfp, node, zero,
			       caller);
		if (p)
			return p;
		if (!retry || !large_is_possible(size, align))
			break;
		schedule_timeout_uninterruptible(1);
	}
fail:
	atomic_long_inc(&account.alloc_failures);
	return NULL;
}

/*
 * The fast path found the bin's word used up, in a section of @h.  Here and below
 * @caller is the client: not every compiler's options let it make tail calls.
 * @size and @gfp come first, so that they stay where the fast path has them.
 */
static noinline void *alloc_refill(size_t size, gfp_t gfp, struct local_heap *h,
				   unsigned long caller)
{
	struct hoardk_heap *heap = h->own.heap;
	unsigned int class = class_of(size);
	void *p = local_refill(h, class, size);

	local_exit_report(h);
	if (likely(p))
		return hand_out(p, size_classes[class].size, size, gfp,
				gfp & __GFP_ZERO);
	return alloc_any(heap, size, 1, gfp, NUMA_NO_NODE, caller);
}

/* The fast path found the local heap busy, or none, or one with checks. */
static noinline void *alloc_nested(size_t size, gfp_t gfp,
				   struct hoardk_heap *heap,
				   unsigned long caller)
{
	preempt_enable();
	return alloc_any(heap, size, 1, gfp, NUMA_NO_NODE, caller);
}

static noinline void *alloc_unusual(size_t size, gfp_t gfp,
				    struct hoardk_heap *heap,
				    unsigned long caller)
{
	return alloc_any(heap, size, 1, gfp, NUMA_NO_NODE, caller);
}

/*
 * The fast path: a block from the current word of the local heap's bin; all
 * else by a tail call.  @heap and @local are constants in the callers.
 */
static __always_inline void *alloc_fast(struct hoardk_heap *heap,
					struct local_heap * __percpu *local,
					size_t size, gfp_t gfp, bool zero)
{
	struct local_heap *h;
	unsigned long word, bit;
	struct bin *bin;
	size_t have;
	void *p;

	if (IS_ENABLED(CONFIG_DEBUG_ATOMIC_SLEEP))
		might_alloc(gfp);
	if (unlikely(size - 1 >= SMALL_MAX || gfp & GFP_ZONEMASK))
		return alloc_unusual(size, gfp, heap, _RET_IP_);
	preempt_disable();
	h = this_cpu_read(*local);
	if (unlikely(!local_enter(h)))
		return alloc_nested(size, gfp, heap, _RET_IP_);
	bin = bin_of(h->own.bins, size);
	word = *bin->word;
	if (unlikely(!hoardk_take_bit(&word, &bit)))
		return alloc_refill(size, gfp, h, _RET_IP_);
	have = bin->size;
	p = bin_take(&h->own, bin, word, bit);
	local_exit(h);
	preempt_enable();
	return hand_out(p, have, size, gfp, zero);
}

/* Zero it?  One test and a static key. */
static __always_inline bool alloc_zeroes(gfp_t gfp)
{
	return unlikely(want_init_on_alloc(gfp));
}

/**
 * hoardk_alloc() - allocate memory
 * @size: bytes; 0 gives ZERO_SIZE_PTR
 * @gfp: as for kmalloc().  __GFP_ZERO and __GFP_NOFAIL are honoured,
 *	__GFP_ACCOUNT and the mobility hints are ignored, DMA zones are refused
 *
 * Up to 16,256 bytes come from superblocks, more from whole pages: contiguous
 * where that is cheap, else from vmalloc if @gfp lets it sleep.  The address is
 * a multiple of 8, and of min(@size, 64) when @size is a power of two.
 *
 * Context: any; sleeps only if @gfp allows it.
 * Return: the memory, or NULL.
 */
void *hoardk_alloc(size_t size, gfp_t gfp)
{
	if (alloc_zeroes(gfp))
		return hoardk_zalloc(size, gfp);
	return alloc_fast(&general_heap, &hoardk_local, size, gfp, false);
}
EXPORT_SYMBOL_NS_GPL(hoardk_alloc, HOARDK_NS);

/**
 * hoardk_zalloc() - allocate zeroed memory
 * @size: bytes
 * @gfp: as for hoardk_alloc()
 *
 * All of the block is zero, up to hoardk_usable_size().
 *
 * Context: any; sleeps only if @gfp allows it.
 * Return: the memory, or NULL.
 */
void *hoardk_zalloc(size_t size, gfp_t gfp)
{
	return alloc_fast(&general_heap, &hoardk_local, size,
			  gfp | __GFP_ZERO, true);
}
EXPORT_SYMBOL_NS_GPL(hoardk_zalloc, HOARDK_NS);

/**
 * hoardk_calloc() - allocate a zeroed array
 * @n: members
 * @size: bytes a member
 * @gfp: as for hoardk_alloc()
 *
 * Context: any; sleeps only if @gfp allows it.
 * Return: the memory, or NULL, also when @n * @size overflows.
 */
void *hoardk_calloc(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	if (unlikely(check_mul_overflow(n, size, &bytes))) {
		atomic_long_inc(&account.alloc_failures);
		return NULL;
	}
	return hoardk_zalloc(bytes, gfp);
}
EXPORT_SYMBOL_NS_GPL(hoardk_calloc, HOARDK_NS);

/**
 * hoardk_memalign() - allocate aligned memory
 * @align: a power of two; up to the largest order of the page allocator
 * @size: bytes
 * @gfp: as for hoardk_alloc()
 *
 * Context: any; sleeps only if @gfp allows it.
 * Return: memory at a multiple of @align, or NULL.
 */
void *hoardk_memalign(size_t align, size_t size, gfp_t gfp)
{
	if (unlikely(!is_power_of_2(align))) {
		pr_warn_ratelimited("memalign by %pS: the alignment must be a power of two, not %zu\n",
				    __builtin_return_address(0), align);
		atomic_long_inc(&account.alloc_failures);
		return NULL;
	}
	return alloc_any(&general_heap, size, align, gfp, NUMA_NO_NODE,
			 _RET_IP_);
}
EXPORT_SYMBOL_NS_GPL(hoardk_memalign, HOARDK_NS);

/**
 * hoardk_alloc_node() - allocate memory on a NUMA node
 * @size: bytes
 * @gfp: as for hoardk_alloc(); __GFP_THISNODE makes the node binding when
 *	fresh memory is needed, but for blocks that vmalloc() serves
 * @node: the node; NUMA_NO_NODE or one that is not online: any
 *
 * Slower than hoardk_alloc(), which prefers memory of the CPU's node: for what
 * another node's CPUs will use.
 *
 * Context: any; sleeps only if @gfp allows it.
 * Return: the memory, or NULL.
 */
void *hoardk_alloc_node(size_t size, gfp_t gfp, int node)
{
	return alloc_any(&general_heap, size, 1, gfp, node, _RET_IP_);
}
EXPORT_SYMBOL_NS_GPL(hoardk_alloc_node, HOARDK_NS);

/**
 * hoardk_heap_alloc() - allocate from a private heap
 * @heap: from hoardk_heap_create()
 * @size: bytes
 * @gfp: as for hoardk_alloc()
 *
 * Context: any; sleeps only if @gfp allows it.
 * Return: the memory, or NULL.  hoardk_free() frees it.
 */
void *hoardk_heap_alloc(struct hoardk_heap *heap, size_t size, gfp_t gfp)
{
	if (alloc_zeroes(gfp))
		return alloc_fast(heap, heap->local, size, gfp | __GFP_ZERO,
				  true);
	return alloc_fast(heap, heap->local, size, gfp, false);
}
EXPORT_SYMBOL_NS_GPL(hoardk_heap_alloc, HOARDK_NS);
