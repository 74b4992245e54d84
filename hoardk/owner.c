// SPDX-License-Identifier: GPL-2.0
/*
 * The superblocks of an owner, by class and fullness.  Contexts: see owner.h.
 * Every function here does a bounded amount of work: at most the bitmaps of a
 * few superblocks, or one step per class.
 */
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/random.h>
#include <linux/string.h>

#include "account.h"
#include "heap.h"
#include "owner.h"
#include "pool.h"
#include "sanitize.h"
#include "walk.h"

/* No superblock counts down that far: for those whose group is not watched. */
#define UNTIL_NEVER	S32_MAX

/* How many empty superblocks are looked at for one without second frees. */
#define EMPTY_TRIES	4

unsigned long bin_nothing;

static void bin_clear(struct bin *bin)
{
	bin->word = &bin_nothing;
	bin->base = NULL;
}

static void bin_point(struct bin *bin, struct superblock *sb, unsigned int w)
{
	bin->word = &sb->free[w];
	bin->base = superblock_block(sb, w * BITS_PER_LONG);
}

/*
 * Of these words, at the beginning of a superblock, one that has WORD_WORTH free
 * blocks is allocated from before all others: then few live blocks stay in few words,
 * whose cache lines are still there, and do not go round the superblock.
 */
#define WORDS_NEAR	8
#define WORD_WORTH	16

/* Point to such a word, if there is one. */
static bool bin_point_near(struct bin *bin, struct superblock *sb)
{
	unsigned int w;

	for (w = 0; w < sb->words && w < WORDS_NEAR; w++)
		if (hweight_long(sb->free[w]) >= WORD_WORTH) {
			bin_point(bin, sb, w);
			return true;
		}
	return false;
}

/*
 * A word near the beginning; else, or where the order is to be random, from the
 * current word on, once around; false when no bit is left.
 */
static bool bin_advance(struct owner *o, struct bin *bin, struct superblock *sb)
{
	unsigned int w = bin->word - sb->free;
	unsigned int i;

	if (sb->words > 1 && !o->shuffled && bin_point_near(bin, sb))
		return true;
	for (i = 0; i < sb->words; i++) {
		if (sb->free[w]) {
			bin_point(bin, sb, w);
			return true;
		}
		if (++w == sb->words)
			w = 0;
	}
	return false;
}

void owner_init(struct owner *o, struct hoardk_heap *heap, int cpu)
{
	unsigned int c;

	memset(o, 0, sizeof(*o));
	o->heap = heap;
	o->cpu = cpu;
	for (c = 0; c < NR_CLASSES; c++) {
		bin_clear(&o->bins[c]);
		o->bins[c].size = size_classes[c].size;
	}
	init_llist_head(&o->pending);
	o->shuffled = heap->checks & HOARDK_CHECK_RANDOM;
	if (o->shuffled)
		o->random = get_random_u32() | 1;
	owner_set_floor(o);
}

/* With fewer blocks there are two groups between empty and full, and not four. */
#define HALVES	16

/* The most blocks in use that still are of this group. */
static unsigned int group_limit(const struct hoardk_heap *heap,
				const struct superblock *sb, enum group group)
{
	unsigned int t = heap->threshold[sb->class];
	/* Of so few blocks nearly each would change the group. */
	bool halves = sb->capacity < HALVES;

	switch (group) {
	case GROUP_EMPTY:
		return 0;
	case GROUP_SPARSE:
		return halves ? t : t / 2;
	case GROUP_LOW:
		return t;
	case GROUP_HIGH:
		return halves ? sb->capacity - 1 : (t + sb->capacity) / 2;
	default:
		return sb->capacity - 1;
	}
}

static enum group group_of(const struct hoardk_heap *heap,
			   const struct superblock *sb, unsigned int used)
{
	enum group group;

	if (!used)
		return superblock_is_quiet(sb) ? GROUP_EMPTY : GROUP_SPARSE;
	for (group = GROUP_SPARSE; group < GROUP_FULL; group++)
		if (used <= group_limit(heap, sb, group))
			break;
	return group;
}

static struct hlist_head *owner_list(struct owner *o, struct superblock *sb)
{
	switch (sb->group) {
	case GROUP_EMPTY:
		return &o->empty[superblock_kind(sb)];
	case GROUP_FULL:
		return &o->full;
	default:
		return &o->lists[sb->group - FIRST_LISTED][sb->class];
	}
}

/* A superblock leaves its list or comes to one: a walk goes on behind it. */
static void owner_disturb(struct owner *o, struct superblock *sb)
{
	struct walk *walk = o->walk;

	if (likely(!walk))
		return;
	walk->disturbed = true;
	if (walk->next == &sb->link)
		walk->next = sb->link.next;
}

/* Put a superblock that is on no list where it belongs. */
static void owner_list_add(struct owner *o, struct superblock *sb)
{
	unsigned int used = superblock_used(sb);
	enum group group = group_of(o->heap, sb, used);

	sb->group = group;
	if (!used)
		sb->until = UNTIL_NEVER;	/* a drain may make it quiet */
	else
		sb->until = used - group_limit(o->heap, sb, group - 1);
	owner_disturb(o, sb);
	hlist_add_head(&sb->link, owner_list(o, sb));
	if (group == GROUP_EMPTY)
		counted(o->nr_empty++);
	else if (group != GROUP_FULL)
		o->nonempty[group - FIRST_LISTED] |= BIT_ULL(sb->class);
}

static void owner_list_del(struct owner *o, struct superblock *sb)
{
	owner_disturb(o, sb);
	hlist_del_init(&sb->link);
	if (sb->group == GROUP_EMPTY)
		counted(o->nr_empty--);
	else if (sb->group != GROUP_FULL && hlist_empty(owner_list(o, sb)))
		o->nonempty[sb->group - FIRST_LISTED] &= ~BIT_ULL(sb->class);
}

/* The number in use has changed: look for the group anew. */
void owner_regroup(struct owner *o, struct superblock *sb)
{
	if (sb->group == GROUP_ACTIVE) {
		sb->until = UNTIL_NEVER;
		return;
	}
	owner_list_del(o, sb);
	owner_list_add(o, sb);
}

/* The class stops allocating from its active superblock. */
static struct superblock *owner_retire(struct owner *o, unsigned int class)
{
	struct superblock *sb = bin_active(&o->bins[class]);

	if (!sb)
		return NULL;
	bin_clear(&o->bins[class]);
	owner_list_add(o, sb);
	return sb;
}

void owner_retire_all(struct owner *o)
{
	unsigned int c;

	for (c = 0; c < NR_CLASSES; c++)
		owner_retire(o, c);
}

/* The fullest listed superblock of a class that has a free block. */
struct superblock *owner_fullest(struct owner *o, unsigned int class)
{
	int g;

	for (g = NR_LISTED - 1; g >= 0; g--)
		if (o->nonempty[g] & BIT_ULL(class))
			return hlist_entry(o->lists[g][class].first,
					   struct superblock, link);
	return NULL;
}

/* The superblock of a class that another owner should get; or NULL. */
struct superblock *owner_offer(struct owner *o, unsigned int class)
{
	struct superblock *sb = owner_fullest(o, class);

	if (sb)
		return sb;
	sb = owner_retire(o, class);
	return sb && sb->group != GROUP_FULL ? sb : NULL;
}

/* Take a block of a certain superblock, active or listed. */
void *owner_take_from(struct owner *o, struct superblock *sb)
{
	unsigned int w;

	for (w = 0; w < sb->words; w++) {
		unsigned long word = sb->free[w];
		unsigned int bit;

		if (!word)
			continue;
		bit = owner_pick(o, word);
		WRITE_ONCE(sb->free[w], word & ~BIT(bit));
		counted(o->margin += sb->size);
		counted(o->allocs++);
		owner_regroup(o, sb);
		return superblock_block(sb, w * BITS_PER_LONG + bit);
	}
	return NULL;
}

/*
 * See superblock_close().  By policy local blocks that are kept elsewhere are
 * marked, but not counted: so all marks are taken first.
 */
static bool owner_close(struct owner *o, struct superblock *sb)
{
	if (likely(o->heap->policy != HOARDK_POLICY_LOCAL))
		return superblock_close(sb);
	if (!superblock_is_quiet(sb) || !superblock_mark_all(sb))
		return false;
	atomic_set(&sb->remote.count, REMOTE_CLOSED);
	return true;
}

/*
 * An empty superblock of a kind, closed, for the caller to take away; or NULL.
 * A wild second free may have touched it since it became empty and may still be
 * on its way: such a one is looked at again by the drain that the freer causes.
 * After EMPTY_TRIES of them there is NULL too, and at least one is listed as
 * sparse then, if its freer has not been and gone again (policy local).
 */
static struct superblock *owner_empty_of(struct owner *o, unsigned int kind)
{
	struct hlist_head *list = &o->empty[kind];
	struct superblock *sb;
	int i;

	for (i = 0; i < EMPTY_TRIES && !hlist_empty(list); i++) {
		sb = hlist_entry(list->first, struct superblock, link);
		if (likely(owner_close(o, sb)))
			return sb;
		owner_regroup(o, sb);
	}
	return NULL;
}

/* The same of any kind. */
struct superblock *owner_empty(struct owner *o)
{
	struct superblock *sb = NULL;
	unsigned int kind;

	for (kind = 0; kind < NR_KINDS && !sb && o->nr_empty; kind++)
		sb = owner_empty_of(o, kind);
	return sb;
}

/*
 * An empty superblock made one of @class; where that must not take long and it is
 * of another class, it goes to the pool.  One of the class stays on its list and in
 * the figures.
 */
static struct superblock *owner_reuse(struct owner *o, unsigned int class)
{
	struct superblock *sb;
	bool stays;

	sb = owner_empty_of(o, size_classes[class].kind);
	if (!sb)
		return NULL;
	stays = sb->class == class;
	if (unlikely(!heap_may_format(o->heap)) &&
	    (!stays || !sanitize_may_format())) {
		owner_remove(o, sb);
		/* Who lays it out takes it from there. */
		if (!pool_put(sb))
			owner_add(o, sb);
		return NULL;
	}
	superblock_set_noded(sb, false);
	if (likely(stays)) {
		/* Nothing changes, but for those who remember its blocks. */
		superblock_format(sb, class);
		superblock_open(sb);
		return sb;
	}
	owner_remove(o, sb);
	heap_format(o->heap, sb, class);
	owner_add(o, sb);
	return sb;
}

/*
 * Make the bin of a class point to a word with free bits, from what the owner
 * holds: the active superblock, the fullest other one, an empty one.
 */
bool owner_next(struct owner *o, unsigned int class)
{
	struct bin *bin = &o->bins[class];
	struct superblock *sb = bin_active(bin);

	if (sb) {
		if (bin_advance(o, bin, sb))
			return true;
		owner_retire(o, class);
	}
	sb = owner_fullest(o, class);
	if (!sb)
		sb = owner_reuse(o, class);
	if (!sb)
		return false;
	owner_list_del(o, sb);
	sb->group = GROUP_ACTIVE;
	sb->until = UNTIL_NEVER;
	bin_point(bin, sb, o->shuffled ? owner_random(o) % sb->words : 0);
	return bin_advance(o, bin, sb);
}

static void owner_count(struct owner *o, struct superblock *sb, int sign)
{
	long blocks = (long)sb->capacity * sb->size;
	long used = (long)superblock_used(sb) * sb->size;

	counted(o->superblocks[sb->class] += sign);
	counted(o->held_bytes += sign * (long)SUPERBLOCK_SIZE);
	counted(o->overhead += sign * ((long)SUPERBLOCK_SIZE - blocks));
	counted(o->margin += sign * used);
	owner_set_floor(o);
	if (o->cpu < 0)
		figure_add(&account.global_held, sign * (long)SUPERBLOCK_SIZE);
}

/* Hold a formatted superblock that nobody holds. */
void owner_add(struct owner *o, struct superblock *sb)
{
	WRITE_ONCE(sb->heap, o->heap);
	superblock_enter(sb, o);
	if (remote_was_closed(atomic_read(&sb->remote.count)))
		superblock_open(sb);
	owner_list_add(o, sb);
	owner_count(o, sb, 1);
}

/* Let go of a listed superblock. */
void owner_remove(struct owner *o, struct superblock *sb)
{
	owner_list_del(o, sb);
	owner_count(o, sb, -1);
	sb->group = GROUP_NONE;
}

/*
 * Hand a listed superblock to another owner.  What both have published moves
 * with the blocks, so that U stays what it was.
 */
void owner_move(struct owner *from, struct owner *to, struct superblock *sb)
{
	long used = (long)superblock_used(sb) * sb->size;

	owner_remove(from, sb);
	from->published_use -= used;
	from->published_owned -= used;
	to->published_use += used;
	to->published_owned += used;
	owner_add(to, sb);
	owner_set_floor(from);
}

/* The active superblock of a class, retired, if it is to give away. */
static struct superblock *owner_retire_sparse(struct owner *o,
					      unsigned int class)
{
	struct superblock *sb = owner_retire(o, class), *empty;

	if (!sb || sb->group > GROUP_LOW)
		return NULL;
	if (sb->group == GROUP_EMPTY) {
		empty = owner_empty(o);
		if (empty)
			return empty;
		/* One that cannot be closed has been listed as sparse. */
		if (sb->group == GROUP_EMPTY)
			return NULL;
	}
	return sb;
}

/*
 * A superblock that is at least f empty, to give away; if it is all empty it is
 * closed.  While u_i < (1 - f) a_i there is one, since not all can be fuller than
 * the average: listed, or an active one.  Active ones are retired one by one
 * until a sparse one appears, that of class @spare last.  At most one step a
 * class.
 */
struct superblock *owner_sparse(struct owner *o, unsigned int spare)
{
	unsigned int i, c;
	struct superblock *sb;
	int g;

	sb = owner_empty(o);
	if (sb)
		return sb;
	for (g = 0; g <= GROUP_LOW - FIRST_LISTED; g++)
		if (o->nonempty[g]) {
			c = __ffs64(o->nonempty[g]);
			return hlist_entry(o->lists[g][c].first,
					   struct superblock, link);
		}
	for (i = 0; i < NR_CLASSES; i++) {
		c = o->cursor;
		o->cursor = c + 1 < NR_CLASSES ? c + 1 : 0;
		if (c == spare)
			continue;
		sb = owner_retire_sparse(o, c);
		if (sb)
			return sb;
	}
	return owner_retire_sparse(o, spare);
}

/*
 * Any listed superblock, to take them all away; NULL when there is none.  If
 * it is empty it is quiet: any other is no longer listed as empty.
 */
struct superblock *owner_any(struct owner *o)
{
	struct superblock *sb;
	int g;

again:
	sb = owner_empty(o);
	if (sb)
		return sb;
	if (!hlist_empty(&o->full))
		return hlist_entry(o->full.first, struct superblock, link);
	for (g = 0; g < NR_LISTED; g++)
		if (o->nonempty[g])
			return hlist_entry(o->lists[g][__ffs64(o->nonempty[g])].first,
					   struct superblock, link);
	/* Second frees that have been and gone. */
	if (unlikely(o->nr_empty))
		goto again;
	return NULL;
}

/* A block comes back to its owner; false if it was free already. */
bool owner_free(struct owner *o, struct superblock *sb, u32 index)
{
	unsigned long *word = &sb->free[index / BITS_PER_LONG];
	unsigned long bit = BIT(index % BITS_PER_LONG);

	if (*word & bit)
		return false;
	heap_close(o->heap, superblock_block(sb, index), sb->size);
	WRITE_ONCE(*word, *word | bit);
	counted(o->margin -= sb->size);
	counted(o->local_frees++);
	if (!--sb->until)
		owner_regroup(o, sb);
	return true;
}

/*
 * The lowest u_i the invariant allows: min(a_i - K S, (1 - f) a_i), and a free
 * that takes u_i a superblock below what was published has to publish.
 */
void owner_set_floor(struct owner *o)
{
	const struct hoardk_heap *heap = o->heap;
	long low = LONG_MIN, a = o->held_bytes, used = owner_used(o);

	if (heap->policy == HOARDK_POLICY_HOARD && o->cpu >= 0)
		low = min(a - (long)heap->slack * (long)SUPERBLOCK_SIZE,
			  a * (100 - (long)heap->empty_percent) / 100);
	o->invariant = low;
	low = max(low, o->published_owned - (long)SUPERBLOCK_SIZE);
	if (low == o->floor)
		return;
	counted(o->moves++);
	/* Odd until both are what they should be.  Pairs with owner_used_seen(). */
	smp_wmb();
	counted(o->floor = low);
	counted(o->margin = used - low);
	/* As before. */
	smp_wmb();
	counted(o->moves++);
}

/* Tell the account what has changed here since it was told last. */
void owner_publish(struct owner *o)
{
	long use = owner_in_use(o), owned = owner_used(o);

	figure_add(&account.in_use, use - o->published_use);
	figure_add(&account.owned, owned - o->published_owned);
	o->published_use = use;
	o->published_owned = owned;
	owner_set_floor(o);
}

/* The same, if it is a superblock's bytes or more. */
void owner_publish_due(struct owner *o)
{
	if (abs(owner_in_use(o) - o->published_use) >= (long)SUPERBLOCK_SIZE ||
	    abs(owner_used(o) - o->published_owned) >= (long)SUPERBLOCK_SIZE)
		owner_publish(o);
}

/* By how much requests of a class are rounded up: 8 times a moving average. */
void owner_sample(struct owner *o, unsigned int class, size_t size)
{
	int waste = size_classes[class].size - size;

	counted(o->waste[class] += waste - o->waste[class] / 8);
}

/* A second free was met where nothing may be printed. */
void owner_note_double(struct owner *o, void *block)
{
	o->doubles++;
	o->double_block = block;
}
