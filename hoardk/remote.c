// SPDX-License-Identifier: GPL-2.0
/*
 * Remote frees.
 *
 * A freer sets the block's remote bit, then counts, and whoever takes the
 * count from 0 to 1 holds the token: it alone queues the superblock on its
 * owner's pending list.  The owner takes the superblock off the list, takes
 * the count back to 0, then collects the bits.
 *
 * - The bit comes before the count (both fully ordered), and the drain reads
 *   the count before the bits: every block counted is found.
 * - A bit may be found whose freer has not counted yet.  Then the owner is in
 *   debt: that freer will count, hold the token and queue the superblock, so
 *   until then the superblock must not be given away.  It may be when no
 *   block is in use, debt is 0 and the count is 0: then no freer that holds a
 *   block of it can exist, and none is on its way.
 * - After it has counted, a freer without the token does not touch the
 *   superblock.  The token's holder may: the count keeps it in place.
 * - The owner may change while the superblock is queued or a freer is about
 *   to queue it on the old owner's list: the drain forwards it.
 * - An owner is not freed before a grace period has passed after it gave up
 *   its last superblock; freers have preemption off from before they read the
 *   owner until they have queued and kicked.
 * - An empty superblock is closed when its owner gives it to the pool or formats
 *   it: the count goes from 0 to REMOTE_CLOSED in one step, or the superblock
 *   stays.  Only second frees come after that, and get no token: a superblock
 *   that was queued for one owner could be queued for the next one too.  It is
 *   opened when it has its next owner.
 * - Second frees on their way meanwhile may count after that, in whatever class
 *   the superblock is then.  The count says in which, so freer and drain take
 *   the same number of bytes for freed, and U stays right.
 *
 * Contexts: any, preemption off (but for policy local, which queues nothing).
 * Locks: none, but see global_drain().
 */
#include <linux/bitops.h>
#include <linux/hoardk_bits.h>
#include <linux/minmax.h>
#include <linux/preempt.h>

#include "account.h"
#include "badfree.h"
#include "heap.h"
#include "remote.h"
#include "sanitize.h"

/*
 * Has a count that went from @old up by @n passed an eighth of the blocks?  The
 * class above it does not change.
 */
static inline bool passed_eighth(int old, unsigned int n)
{
	unsigned int eighth = size_classes[old >> REMOTE_CLASS_SHIFT].eighth;

	return (old ^ (old + n)) >= eighth;
}

/* Have an owner drain that may not come by on its own; not under its lock. */
static void remote_kick(struct owner *o)
{
	if (in_nmi())
		return;		/* the sweep will see to it */
	if (o->cpu < 0)
		global_drain(global_of(o));
	else
		local_kick(local_of(o));
}

/* A superblock was queued here but has moved on: queue it on its owner. */
static void drain_forward(struct superblock *sb, struct owner *o)
{
	/* Somebody frees blocks of a heap that is being destroyed. */
	if (unlikely(!o))
		return;
	llist_add(&sb->remote.pending, &o->pending);
	remote_kick(o);
}

/*
 * After counting.  @old: the count before; at 0 this freer holds the token.
 * @o: the owner as read before counting, which may be a former one by now;
 * then the kick is lost, and the sweep makes up for it.
 */
static void remote_queue(struct superblock *sb, struct owner *o,
			 unsigned int old, bool kick)
{
	if (!(old & REMOTE_COUNT)) {
		o = superblock_owner(sb);
		/* As in drain_forward(). */
		if (unlikely(!o))
			return;
		llist_add(&sb->remote.pending, &o->pending);
		/* Nobody else comes by a global heap for sure. */
		kick |= o->cpu < 0;
	}
	if (kick)
		remote_kick(o);
}

/* @frees of @bytes together, by who has no local heap. */
static void remote_account(struct hoardk_heap *heap, int frees, long bytes)
{
	atomic_long_add(frees, &heap->remote_frees);
	atomic_long_add(bytes, &heap->remote_out);
	figure_add(&account.in_use, -bytes);
}

/*
 * A free that found the count @old.  False when there was nothing to be freed:
 * it was a second one, of a superblock that nobody held any more.
 */
static bool remote_counted(struct hoardk_heap *heap, long size, int old)
{
	if (unlikely(remote_was_closed(old))) {
		remote_account(heap, -1, -size);
		return false;
	}
	/* A second one too; but the drain takes it for a free in this class. */
	if (unlikely(remote_size(old) != size))
		remote_account(heap, 0, (long)remote_size(old) - size);
	return true;
}

/*
 * Free a block for its owner, without a local heap of the freer: from an
 * interrupt that found it busy, or where there is none.
 */
void remote_free(struct superblock *sb, u32 index, unsigned long caller)
{
	struct owner *o = superblock_owner(sb);
	struct hoardk_heap *heap = READ_ONCE(sb->heap);
	void *block = superblock_block(sb, index);
	unsigned int size = sb->size;
	int old;

	/* Once the bit is set the owner may hand it out again. */
	if (heap && heap->policy != HOARDK_POLICY_LOCAL)
		sanitize_close(block, size);
	if (!o || !heap || test_and_set_bit(index, superblock_bits(sb))) {
		badfree_double(block, caller);
		return;
	}
	remote_account(heap, 1, size);
	if (unlikely(heap->policy == HOARDK_POLICY_LOCAL)) {
		sanitize_close_linked(block, size);
		llist_add(block, &heap->strays);
		return;
	}
	old = atomic_fetch_inc(&sb->remote.count);
	if (likely(remote_counted(heap, size, old)))
		remote_queue(sb, o, old, passed_eighth(old, 1));
	else
		badfree_double(block, caller);
}

/* The bits of the outbox's word that stand for blocks. */
static unsigned long outbox_blocks(const struct outbox *box)
{
	return box->blocks ? ~0UL >> (BITS_PER_LONG - box->blocks) : 0;
}

/*
 * The blocks in @mask were free already: they were no remote frees.  What their
 * superblock @sb is by now, nobody knows.
 */
static void outbox_refuse(struct local_heap *h, struct superblock *sb,
			  unsigned long mask)
{
	struct outbox *box = &h->outbox;
	const struct size_class *class = &size_classes[box->class];
	unsigned int n = hweight_long(mask);

	counted(h->own.remote_frees -= n);
	counted(h->own.remote_out -= (long)n * box->size);
	h->own.doubles += n - 1;
	owner_note_double(&h->own, (void *)sb + class->first +
				   (box->word * BITS_PER_LONG + __ffs(mask)) *
				   class->size);
}

/*
 * Is what the outbox holds still there to be freed?  While a block waits here
 * nobody else may free it, so its superblock cannot become empty.  If it has
 * been formatted anew, or returned, somebody has freed these blocks as well.
 */
static bool outbox_stale(const struct outbox *box)
{
	return !superblock_holds(box->sb, box->sb) ||
	       READ_ONCE(box->sb->generation) != box->generation ||
	       !READ_ONCE(box->sb->owner);
}

/* Pass on what waits in the outbox; busy section. */
void outbox_flush(struct local_heap *h)
{
	struct outbox *box = &h->outbox;
	unsigned long waiting, seen;
	struct superblock *sb = box->sb;
	atomic_long_t *word;
	unsigned int n;
	long bytes, had;
	struct owner *o;
	bool stale;
	int old;

	if (!sb)
		return;
	waiting = box->mask & outbox_blocks(box);
	stale = outbox_stale(box);
	WRITE_ONCE(box->sb, NULL);
	/* For a second free it was opened, of what was no block any more. */
	if (unlikely(!waiting))
		return;
	if (unlikely(stale)) {
		outbox_refuse(h, sb, waiting);
		return;
	}
	o = superblock_owner(sb);
	word = (atomic_long_t *)&superblock_bits(sb)[box->word];
	seen = waiting & atomic_long_fetch_or(waiting, word);
	if (unlikely(seen)) {
		outbox_refuse(h, sb, seen);
		waiting &= ~seen;
		if (!waiting)
			return;
	}
	n = hweight_long(waiting);
	old = atomic_fetch_add(n, &sb->remote.count);
	if (unlikely(remote_was_closed(old))) {
		outbox_refuse(h, sb, waiting);
		return;
	}
	/* As in remote_counted(). */
	had = (long)n * box->size;
	bytes = (long)n * remote_size(old);
	if (unlikely(bytes != had))
		counted(h->own.remote_out += bytes - had);
	remote_queue(sb, o, old, passed_eighth(old, n));
	owner_publish_due(&h->own);
}

/* What waits in the outbox goes, and blocks of @word of @sb may wait there. */
static void outbox_open(struct local_heap *h, struct superblock *sb,
			unsigned int word)
{
	struct outbox *box = &h->outbox;
	unsigned int first = word * BITS_PER_LONG;
	/*
	 * For a second free the superblock may be of a larger class by now, or be
	 * returned at this moment: see superblock_has().
	 */
	unsigned int capacity = READ_ONCE(sb->capacity);

	outbox_flush(h);
	WRITE_ONCE(box->sb, sb);
	box->generation = READ_ONCE(sb->generation);
	box->class = READ_ONCE(sb->class);
	box->word = word;
	box->blocks = min_t(unsigned int, BITS_PER_LONG,
			    max(capacity, first) - first);
	box->mask = ~outbox_blocks(box);
	box->left = min_t(u16, size_classes[box->class].outbox, box->blocks);
	box->size = READ_ONCE(sb->size);
}

/* Free a block of another owner at once; false when it was free.  Busy section. */
static bool remote_put(struct local_heap *h, struct superblock *sb, u32 index)
{
	struct owner *o = superblock_owner(sb);
	bool kick;
	long size;
	int old;

	/* In the order of remote_free(). */
	sanitize_close(superblock_block(sb, index), sb->size);
	if (unlikely(!o || test_and_set_bit(index, superblock_bits(sb))))
		return false;
	old = atomic_fetch_add(1, &sb->remote.count);
	if (unlikely(remote_was_closed(old)))
		return false;
	/* As in remote_counted(). */
	size = remote_size(old);
	counted(h->own.remote_out += size);
	counted(h->own.remote_frees++);
	kick = passed_eighth(old, 1);
	if (kick || !(old & REMOTE_COUNT))
		remote_queue(sb, o, old, kick);
	/* Now and then. */
	if ((h->own.remote_out ^ (h->own.remote_out - size)) >= OUTBOX_BYTES)
		owner_publish_due(&h->own);
	return true;
}

/*
 * Free a block of another owner: frees into one word go out together by way of the
 * outbox, with two atomic operations.  While that has others of another word they
 * are left in peace until two of one word come in turn: blocks that come in no order
 * would each push out but one.  Busy section.  False when the block was free already.
 */
bool outbox_free(struct local_heap *h, struct superblock *sb, u32 index)
{
	struct outbox *box = &h->outbox;
	unsigned int word = index / BITS_PER_LONG;
	unsigned long *bits = &superblock_bits(sb)[word];

	if (box->sb != sb || box->word != word) {
		if (box->sb && box->missed != bits) {
			box->missed = bits;
			return remote_put(h, sb, index);
		}
		outbox_open(h, sb, word);
	} else if (unlikely(box->generation != READ_ONCE(sb->generation))) {
		outbox_open(h, sb, word);
	}
	if (unlikely(hoardk_set_bit(&box->mask, index)))
		return false;
	if (outbox_took(h, superblock_block(sb, index)))
		outbox_flush(h);
	return true;
}

/* Collect the remote frees of a superblock that @o owns. */
static void drain_superblock(struct owner *o, struct superblock *sb)
{
	unsigned int w, first, taken, found = 0, again = 0, lost = 0;
	unsigned long *remote = superblock_bits(sb), bits, seen;

	/* Fully ordered: pairs with the freer's bit before count. */
	taken = atomic_xchg(&sb->remote.count, remote_none(sb->class)) &
		REMOTE_COUNT;
	for (w = 0; w < sb->words; w++) {
		if (!READ_ONCE(remote[w]))
			continue;
		bits = xchg(&remote[w], 0);
		if (w == sb->words - 1)
			bits &= superblock_last_word(sb);
		found += hweight_long(bits);
		seen = bits & sb->free[w];
		WRITE_ONCE(sb->free[w], sb->free[w] | bits);
		if (unlikely(seen)) {
			again += hweight_long(seen);
			first = w * BITS_PER_LONG + __ffs(seen);
			o->double_block = superblock_block(sb, first);
		}
	}
	sb->debt += found - taken;
	if (unlikely(sb->debt < 0)) {
		/*
		 * Counted, but the bit went with a format: second frees of
		 * blocks that are no more.
		 */
		lost = -sb->debt;
		sb->debt = 0;
	}
	/* The freer of a second free took it for a free: undo that. */
	o->doubles += again + lost;
	atomic_long_sub(again + lost, &o->heap->remote_frees);
	counted(o->drained += (long)(found + lost) * sb->size);
	counted(o->margin -= (long)(found - again) * sb->size);
	owner_regroup(o, sb);
}

/*
 * Take in up to DRAIN_BATCH superblocks with remote frees, or pass on one: its
 * owner may drain as much at that.  Inside the owner's section; the caller
 * restores the invariant after it.  False when nothing was pending.
 */
bool drain(struct owner *o)
{
	unsigned int words = 0;
	struct superblock *sb;
	struct owner *now;
	int i;

	for (i = 0; i < DRAIN_BATCH && words < DRAIN_WORDS; i++) {
		if (!o->drain)
			WRITE_ONCE(o->drain, llist_del_all(&o->pending));
		if (!o->drain)
			break;
		sb = superblock_of(o->drain);
		WRITE_ONCE(o->drain, o->drain->next);
		now = superblock_owner(sb);
		if (unlikely(now != o)) {
			drain_forward(sb, now);
			return true;
		}
		words += sb->words;
		drain_superblock(o, sb);
	}
	return i;
}
