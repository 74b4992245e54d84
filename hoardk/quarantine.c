// SPDX-License-Identifier: GPL-2.0
/*
 * The quarantine of a local heap.  Contexts: see quarantine.h.
 *
 * Each block here has been freed, and its trailer says so: a second free is
 * refused before it comes here.  So nobody else frees it for good, and its
 * superblock stays, though it may change its owner.  Only a client that writes over
 * the trailer can undo that; see quarantine_pop().
 */
#include <linux/build_bug.h>
#include <linux/gfp.h>
#include <linux/mm.h>

#include "checked.h"
#include "quarantine.h"

/* For a local heap that no CPU has yet; false when there is no memory. */
bool quarantine_create(struct local_heap *h, gfp_t gfp)
{
	BUILD_BUG_ON(sizeof(struct quarantine) > PAGE_SIZE);
	BUILD_BUG_ON(SMALL_MAX > QUARANTINE_BYTES);
	h->quarantine = (void *)__get_free_page(gfp | __GFP_ZERO |
						__GFP_NOWARN);
	return h->quarantine;
}

/* It is empty, or was never made. */
void quarantine_release(struct local_heap *h)
{
	free_page((unsigned long)h->quarantine);
}

/* Nobody else frees it; but see above. */
static void quarantine_give(struct local_heap *h, struct superblock *sb,
			    u32 index)
{
	if (unlikely(!local_take_in(h, sb, index)))
		owner_note_double(&h->own, superblock_block(sb, index));
}

/*
 * The oldest block leaves and is free.  Where its client wrote over what says
 * that it was freed, it may have come in twice: it has gone already then, maybe
 * with its superblock.
 */
static void quarantine_pop(struct local_heap *h)
{
	struct quarantine *q = h->quarantine;
	void *p = q->blocks[q->first];
	struct superblock *sb = superblock_of(p);
	unsigned int size = q->sizes[q->first];
	u32 index;

	q->first = (q->first + 1) % QUARANTINE_BLOCKS;
	WRITE_ONCE(q->count, q->count - 1);
	WRITE_ONCE(q->bytes, q->bytes - size);
	if (likely(superblock_holds(sb, p))) {
		index = superblock_index(sb, p);
		if (likely(superblock_has(sb, index) && sb->size == size &&
			   checked_waits(sb, index))) {
			quarantine_give(h, sb, index);
			return;
		}
	}
	owner_note_double(&h->own, p);
}

static bool quarantine_full(const struct quarantine *q, unsigned int size)
{
	return q->count == QUARANTINE_BLOCKS ||
	       q->bytes + size > QUARANTINE_BYTES;
}

static void quarantine_push(struct quarantine *q, struct superblock *sb,
			    u32 index)
{
	unsigned int at = (q->first + q->count) % QUARANTINE_BLOCKS;

	q->blocks[at] = superblock_block(sb, index);
	q->sizes[at] = sb->size;
	WRITE_ONCE(q->count, q->count + 1);
	WRITE_ONCE(q->bytes, q->bytes + sb->size);
}

/* A block that was freed comes in; for it as many leave as have to and may. */
void quarantine_put(struct local_heap *h, struct superblock *sb, u32 index)
{
	struct quarantine *q = h->quarantine;
	unsigned int i, class = sb->class, size = sb->size;

	for (i = 0; i < QUARANTINE_LEAVE && quarantine_full(q, size); i++)
		quarantine_pop(h);
	if (likely(!quarantine_full(q, size)))
		quarantine_push(q, sb, index);
	else
		quarantine_give(h, sb, index);
	local_settle_due(h, class);
}

/* Some leave, and the caller settles; true when there are more. */
bool quarantine_flush(struct local_heap *h)
{
	unsigned int i;

	for (i = 0; i < QUARANTINE_LEAVE && quarantine_count(h); i++)
		quarantine_pop(h);
	return quarantine_count(h);
}
