// SPDX-License-Identifier: GPL-2.0
/*
 * The cold part of a superblock: format and release.  Called by whoever holds
 * the superblock alone: fresh from the page allocator, or empty.
 */
#include <linux/build_bug.h>
#include <linux/string.h>

#include "sanitize.h"
#include "superblock.h"

unsigned long superblock_linear_start __ro_after_init;
unsigned long superblock_linear_size __ro_after_init;

/* Make fresh memory a superblock that no one holds yet. */
void superblock_stamp(struct superblock *sb, int node)
{
	BUILD_BUG_ON(offsetof(struct superblock, until) != SUPERBLOCK_LINE);
	BUILD_BUG_ON(offsetof(struct superblock, free) > SUPERBLOCK_LINE + 24);

	sb->owner = NULL;
	sb->heap = NULL;
	sb->node = node;
	sb->class = NR_CLASSES;
	sb->group = GROUP_NONE;
	sb->debt = 0;
	INIT_HLIST_NODE(&sb->link);
	/*
	 * The capacity of 0 lets no free pass before the format.  Pairs with
	 * nothing: a freer that may look here has got a block, and so ordered
	 * itself after superblock_format(), through the client.
	 */
	sb->capacity = 0;
	WRITE_ONCE(sb->magic, (unsigned long)sb ^ SUPERBLOCK_MAGIC);
}

/* Lay out an empty superblock for a class; all its blocks are free then. */
void superblock_format(struct superblock *sb, unsigned int class)
{
	static atomic_t generations;
	const struct size_class *k = &size_classes[class];
	struct remote *remote;

	sanitize_open(sb, k->first);
	sanitize_close((void *)sb + k->first, SUPERBLOCK_SIZE - k->first);
	WRITE_ONCE(sb->generation, atomic_inc_return(&generations));
	if (sb->class != class) {
		sb->class = class;
		sb->base = (u32)(unsigned long)sb + k->first;
		sb->inverse = k->inverse;
		sb->shift = k->shift;
		sb->size = k->size;
		sb->capacity = k->capacity;
		sb->words = k->words;
		sb->remote_at = k->remote_at;
		memset(sb->free, 0xff, k->words * sizeof(long));
		sb->free[k->words - 1] = superblock_last_word(sb);
	}
	/* Second frees may have come by while it was empty. */
	remote = superblock_remote(sb);
	atomic_set(&remote->count, 0);
	memset(remote->bits, 0, k->words * sizeof(long));
}

/*
 * The owner, no block in use: may the superblock be given away?  Not while a
 * freer has yet to count a bit (debt) or has counted and will queue it: both
 * still touch the header.  Nor while a bit is set for a block that is free:
 * then somebody is freeing it a second time.
 */
bool superblock_is_quiet(const struct superblock *sb)
{
	const struct remote *remote = superblock_remote(sb);
	unsigned int w;

	if (sb->debt || atomic_read(&remote->count))
		return false;
	for (w = 0; w < sb->words; w++)
		if (READ_ONCE(remote->bits[w]))
			return false;
	return true;
}

void superblock_unstamp(struct superblock *sb)
{
	WRITE_ONCE(sb->magic, 0);
	sb->capacity = 0;
}
