// SPDX-License-Identifier: GPL-2.0
/*
 * The exported functions that free.
 *
 * hoardk_free() itself frees a block of this CPU's local heap in the general
 * heap; everything else leaves it by a tail call.  Preemption is off from
 * before the header is read, so that a superblock is not returned to the page
 * allocator under a second free of one of its blocks.  With checks a block that
 * is being freed keeps it too: see free_checked().
 */
#include <linux/export.h>
#include <linux/hoardk_bits.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "badfree.h"
#include "checked.h"
#include "free.h"
#include "heap.h"
#include "large.h"
#include "quarantine.h"
#include "remote.h"
#include "resize.h"
#include "sanitize.h"

/* No superblock's block; out of any section. */
static void free_no_block(const void *p, unsigned long caller)
{
	switch (large_free(p)) {
	case LARGE_FREED:
		break;
	case LARGE_FREED_BEFORE:
		badfree_double(p, caller);
		break;
	case LARGE_UNKNOWN:
		badfree_invalid(p, caller);
		break;
	}
}

/* Free a block in a section of @h, of whose heap it is, and leave that. */
static void free_in_section(struct local_heap *h, struct superblock *sb,
			    u32 index, unsigned long caller)
{
	const void *p = superblock_block(sb, index);
	bool done = local_free(h, sb, index);

	local_exit_report(h);
	if (unlikely(!done))
		badfree_double(p, caller);
}

/* Free a block where no section of @h can be had; turns preemption on. */
static void free_outside(struct hoardk_heap *heap, const struct local_heap *h,
			 struct superblock *sb, u32 index, unsigned long caller)
{
	const void *p = superblock_block(sb, index);
	int done = global_free(sb, index);

	if (done < 0)
		remote_free(sb, index, caller);
	preempt_enable();
	if (unlikely(!done))
		badfree_double(p, caller);
	/*
	 * A CPU that frees streams does better with an outbox.  Not of a private
	 * heap, which a client that frees too late may have destroyed by now.
	 */
	if (h == &busy_heap && heap == &general_heap && preemptible())
		heap_attach(heap, GFP_NOWAIT);
}

/* As free_in_section(), where there may be a quarantine. */
static void free_in_checked_section(struct local_heap *h, struct superblock *sb,
				    u32 index)
{
	struct doubles d;

	if (h->quarantine) {
		heap_close(h->own.heap, superblock_block(sb, index), sb->size);
		quarantine_put(h, sb, index);
	} else if (!local_free(h, sb, index)) {
		owner_note_double(&h->own, superblock_block(sb, index));
	}
	d = badfree_collect(&h->own);
	local_exit_any(h);
	preempt_enable();
	badfree_doubles(d.n, d.block);
}

/*
 * The same as free_block(), of a heap with checks.  A whole block is looked at
 * and erased with preemption as the caller has it.  Should its heap be destroyed
 * meanwhile, which its client must not do, RCU still keeps heap and superblock.
 */
static noinline void free_checked(struct hoardk_heap *heap,
				  struct superblock *sb, u32 index,
				  unsigned long caller)
{
	void *p = superblock_block(sb, index);
	unsigned int size = sb->size;
	struct local_heap *h;
	struct trailer was;

	if (!checked_claim(sb, index, &was)) {
		preempt_enable();
		badfree_double(p, caller);
		return;
	}
	rcu_read_lock();
	if (likely(checked_is_whole(p, &was))) {
		preempt_enable();
		checked_wipe(heap, p, size, &was);
		preempt_disable();
	} else {
		sanitize_open(p, size);
		checked_erase(heap->checks, p, size - sizeof(was));
	}
	h = this_cpu_read(*heap->local);
	if (local_enter_any(h))
		free_in_checked_section(h, sb, index);
	else
		free_outside(heap, h, sb, index, caller);
	if (unlikely(!checked_is_whole(p, &was)))
		checked_overwritten(heap, p, size, &was);
	rcu_read_unlock();
}

/* The fast path freed a block, and now something is to be done. */
static noinline void free_event(const void *p, struct local_heap *h)
{
	local_freed(h, superblock_of(p));
	local_exit_report(h);
}

/* The same, for the margin; the superblock's count is yet to be taken down. */
static noinline void free_low(const void *p, struct local_heap *h)
{
	superblock_of(p)->until--;
	free_event(p, h);
}

/* The fast path met a pointer that no block starts at; section of @h. */
static noinline void free_interior(const void *p, struct local_heap *h,
				   unsigned long caller)
{
	local_exit(h);
	preempt_enable();
	free_no_block(p, caller);
}

/* The fast path met a block that is free; section of @h. */
static noinline void free_double(const void *p, struct local_heap *h,
				 unsigned long caller)
{
	local_exit(h);
	preempt_enable();
	badfree_double(p, caller);
}

/*
 * Free a block of @h's in its section, and leave that; or false, in the section
 * still, if it was free already.  @p comes first in what is called, so that it
 * stays where hoardk_free() has it.
 */
static __always_inline bool free_own(const void *p, struct local_heap *h,
				     struct superblock *sb, u32 index)
{
	unsigned long *word = &sb->free[index / BITS_PER_LONG];
	unsigned long bits = *word;

	if (unlikely(hoardk_set_bit(&bits, index)))
		return false;
	heap_close(h->own.heap, p, sb->size);
	/* One writer; others read the bits of live blocks only. */
	WRITE_ONCE(*word, bits);
	counted(h->own.local_frees++);
	counted(h->own.margin -= sb->size);
	if (unlikely(h->own.margin < 0)) {
		free_low(p, h);
		return true;
	}
	if (unlikely(--sb->until == 0)) {
		free_event(p, h);
		return true;
	}
	local_exit(h);
	preempt_enable();
	return true;
}

/*
 * Free a block of @sb in a section of @h, of whose heap it was before that, and
 * leave it.
 */
static __always_inline void free_here(const void *p, struct local_heap *h,
				      struct superblock *sb,
				      unsigned long caller)
{
	/* Only now: as in hoardk_free(). */
	u32 index = superblock_index(sb, p);

	if (unlikely(!superblock_has(sb, index)))
		free_interior(p, h, caller);
	else if (!superblock_is_of(sb, &h->own))
		free_in_section(h, sb, index, caller);
	else if (unlikely(!free_own(p, h, sb, index)))
		free_double(p, h, caller);
}

/* The same as free_block(), where that has something before it. */
static noinline void free_unusual(const void *p, struct superblock *sb,
				  struct hoardk_heap *heap,
				  unsigned long caller)
{
	u32 index = superblock_index(sb, p);
	struct local_heap *h;

	if (unlikely(!superblock_has(sb, index))) {
		preempt_enable();
		free_no_block(p, caller);
		return;
	}
	if (unlikely(!heap)) {
		/* Empty, in the pool. */
		preempt_enable();
		badfree_double(p, caller);
		return;
	}
	if (heap->checks) {
		free_checked(heap, sb, index, caller);
		return;
	}
	/* By policy local a free block may hold the link of a list. */
	if (want_init_on_free() && !superblock_is_free(sb, index) &&
	    heap->policy != HOARDK_POLICY_LOCAL) {
		sanitize_open(p, sb->size);
		memset((void *)p, 0, sb->size);
	}
	h = this_cpu_read(*heap->local);
	if (local_enter(h))
		free_here(p, h, sb, caller);
	else
		free_outside(heap, h, sb, index, caller);
}

/*
 * Free what starts in @sb, of any heap; preemption is off and on again afterwards.
 */
static void free_block(const void *p, struct superblock *sb,
		       unsigned long caller)
{
	struct hoardk_heap *heap = READ_ONCE(sb->heap);
	struct local_heap *h;

	if (likely(heap && !heap->checks && !want_init_on_free())) {
		h = this_cpu_read(*heap->local);
		if (likely(local_enter(h))) {
			free_here(p, h, sb, caller);
			return;
		}
	}
	free_unusual(p, sb, heap, caller);
}

/* Preemption is off and on again afterwards. */
static noinline void free_slow(const void *p, unsigned long caller)
{
	struct superblock *sb = superblock_of(p);

	if (likely(superblock_holds(sb, p))) {
		free_block(p, sb, caller);
		return;
	}
	preempt_enable();
	if (!is_nothing(p))
		free_no_block(p, caller);
}

/* hoardk_free() without its fast path; @caller: of hoardk. */
void free_any(const void *p, unsigned long caller)
{
	preempt_disable();
	free_slow(p, caller);
}

/* The outbox is full; section of @h. */
static noinline void free_flush(struct local_heap *h)
{
	outbox_flush(h);
	local_exit_report(h);
}

/*
 * Free a block of another CPU's local heap that the outbox was not for, in a section
 * of @h, and leave that.
 */
static __always_inline void free_remote(const void *p, struct local_heap *h,
					struct superblock *sb, u32 index,
					unsigned long caller)
{
	bool done = outbox_free(h, sb, index);

	local_exit_report(h);
	if (unlikely(!done))
		badfree_double(p, caller);
}

/* Do blocks of a superblock that is not @h's go to another CPU, by its outbox? */
static __always_inline bool is_remote(const struct local_heap *h,
				      const struct superblock *sb)
{
	const struct owner *o = superblock_owner(sb);

	return likely(o && o->cpu >= 0 && !h->loose);
}

/* The fast path met what is not in a superblock of @h; section of @h. */
static noinline void free_foreign(const void *p, struct local_heap *h,
				  unsigned long caller)
{
	struct superblock *sb = superblock_of(p);
	u32 index;

	if (likely(outbox_joins(h, sb, p))) {
		if (outbox_took(h, p))
			return free_flush(h);
		local_exit(h);
		preempt_enable();
		return;
	}
	if (unlikely(!superblock_is_there(sb) ||
		     READ_ONCE(sb->heap) != &general_heap)) {
		local_exit(h);
		return free_slow(p, caller);
	}
	index = superblock_index(sb, p);
	if (likely(superblock_has(sb, index) && is_remote(h, sb)))
		free_remote(p, h, sb, index, caller);
	else
		free_here(p, h, sb, caller);
}

/**
 * hoardk_free() - free memory
 * @p: from any of the allocation functions, of any heap; NULL and
 *	ZERO_SIZE_PTR do nothing
 *
 * Any other pointer, and one that is free already, is reported and counted and
 * the memory left alone.
 *
 * Context: any.
 */
void hoardk_free(const void *p)
{
	struct superblock *sb = superblock_of(p);
	struct local_heap *h;
	u32 index;

	preempt_disable();
	if (unlikely(!superblock_is_linear(p) || want_init_on_free()))
		return free_slow(p, _RET_IP_);
	h = this_cpu_read(hoardk_local);
	if (unlikely(!local_enter(h)))
		return free_slow(p, _RET_IP_);
	/* Only now: an interrupt may have moved or formatted it before. */
	if (unlikely(!superblock_is_of(sb, &h->own)))
		return free_foreign(p, h, _RET_IP_);
	index = superblock_index(sb, p);
	if (unlikely(!superblock_has(sb, index)))
		return free_interior(p, h, _RET_IP_);
	if (unlikely(!free_own(p, h, sb, index)))
		return free_double(p, h, _RET_IP_);
}
EXPORT_SYMBOL_NS_GPL(hoardk_free, HOARDK_NS);

/**
 * hoardk_free_sensitive() - zero memory, then free it
 * @p: as for hoardk_free()
 *
 * Context: any.
 */
void hoardk_free_sensitive(const void *p)
{
	size_t size;

	if (is_nothing(p))
		return;
	size = usable_size(p);
	if (size) {
		sanitize_open(p, size);
		memzero_explicit((void *)p, size);
	}
	hoardk_free(p);
}
EXPORT_SYMBOL_NS_GPL(hoardk_free_sensitive, HOARDK_NS);
