// SPDX-License-Identifier: GPL-2.0
/*
 * Trailers and red zones of heaps with checks; what is found wrong with them is
 * a rate-limited line and a count.  Contexts: see checked.h.
 *
 * By policy local a free block holds the link of a list in its first word, which
 * is therefore not looked at.
 */
#define pr_fmt(fmt) "hoardk: " fmt

#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/string.h>

#include "account.h"
#include "checked.h"
#include "heap.h"
#include "sanitize.h"
#include "who.h"

#define STATE_LIVE	0x6c6976655f6b6f68UL
#define STATE_FREE	0x667265655f6b6f68UL

/* Between request and trailer there are at least so many bytes. */
#define REDZONE_MIN	8
#define REDZONE_BYTE	0xbb
#define POISON_BYTE	0x6b

static DEFINE_RATELIMIT_STATE(checked_limit, 5 * HZ, 10);

static const struct {
	const char *name;
	unsigned int check;
} words[] = {
	{ "none", 0 },
	{ "owner", HOARDK_CHECK_OWNER },
	{ "redzone", HOARDK_CHECK_REDZONE },
	{ "poison", HOARDK_CHECK_POISON },
	{ "zero", HOARDK_CHECK_ZERO },
	{ "random", HOARDK_CHECK_RANDOM },
	{ "quarantine", HOARDK_CHECK_QUARANTINE },
	{ "all", HOARDK_CHECK_ALL },
};

/* @alone: it is the only word; "none" goes with no other. */
static bool word_parse(const char *word, size_t len, bool alone,
		       unsigned int *checks)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (strlen(words[i].name) == len &&
		    !strncmp(words[i].name, word, len) &&
		    (alone || words[i].check)) {
			*checks |= words[i].check;
			return true;
		}
	return false;
}

/* "owner,poison", "all", "none".  Says what would be accepted. */
int checks_parse(const char *text, unsigned int *checks)
{
	const char *word = text;
	size_t len;
	bool alone;

	*checks = 0;
	for (;;) {
		len = strcspn(word, ",\n");
		alone = word == text && word[len] != ',';
		if (!word_parse(word, len, alone, checks)) {
			pr_err("checks must be none, all, or some of owner,redzone,poison,zero,random,quarantine, not \"%s\"\n",
			       text);
			return -EINVAL;
		}
		if (word[len] != ',')
			return 0;
		word += len + 1;
	}
}

/* What a client asks for.  Says what would be accepted. */
bool checks_accepted(unsigned int checks)
{
	if (checks == HOARDK_CHECK_NONE || !(checks & ~HOARDK_CHECK_ALL))
		return true;
	pr_err("a heap's checks must be HOARDK_CHECK_NONE alone, or of HOARDK_CHECK_ALL, not %#x\n",
	       checks);
	return false;
}

/* The other way round. */
void checks_name(unsigned int checks, char *text, size_t size)
{
	unsigned int i;
	size_t n = 0;

	strscpy(text, words[0].name, size);
	for (i = 1; i < ARRAY_SIZE(words) - 1; i++)
		if (checks & words[i].check)
			n += scnprintf(text + n, size - n, "%s%s",
				       n ? "," : "", words[i].name);
}

/* Before a heap with these checks is made; may sleep. */
int checked_init(unsigned int checks)
{
	return checks & HOARDK_CHECK_OWNER ? who_init() : 0;
}

static size_t overhead(unsigned int checks)
{
	return sizeof(struct trailer) +
	       (checks & HOARDK_CHECK_REDZONE ? REDZONE_MIN : 0);
}

/*
 * The class for a request with what the checks add, so aligned as without;
 * negative if there is none.
 */
int checked_class(unsigned int checks, size_t align, size_t size)
{
	if (size > SMALL_MAX)
		return -1;
	if (is_power_of_2(size))
		align = max_t(size_t, align, min_t(size_t, size, 64));
	return class_of_aligned(align, size + overhead(checks));
}

static struct trailer *trailer_of(const struct superblock *sb, const void *p)
{
	return (void *)p + sb->size - sizeof(struct trailer);
}

static unsigned long state_of(unsigned long state, const void *p)
{
	return state ^ (unsigned long)p;
}

/* What free blocks hold. */
static u8 free_byte(unsigned int checks)
{
	return checks & HOARDK_CHECK_ZERO || want_init_on_free() ?
	       0 : POISON_BYTE;
}

/* Erase or poison @size bytes that are about to be free. */
void checked_erase(unsigned int checks, void *p, size_t size)
{
	if (checks & (HOARDK_CHECK_POISON | HOARDK_CHECK_ZERO) ||
	    want_init_on_free())
		sanitize_fill(p, free_byte(checks), size);
}

/* Of @end bytes the client asked for @size: the rest is a red zone. */
void checked_guard(unsigned int checks, void *p, size_t size, size_t end)
{
	if (checks & HOARDK_CHECK_REDZONE)
		sanitize_fill(p + size, REDZONE_BYTE, end - size);
}

/* A block is wrong at byte @at: written to while it was free, or past its end. */
static void found(const struct hoardk_heap *heap, const void *p, size_t size,
		  unsigned long who, size_t at, bool late)
{
	atomic_long_inc(late ? &account.late_writes : &account.overflows);
	if (!__ratelimit(&checked_limit))
		return;
	if (late)
		pr_warn("write after free: %p (%zu bytes, heap %s), last allocated by %pS, was written to at byte %zu while it was free\n",
			p, size, heap->name, (void *)who_caller(who), at);
	else
		pr_warn("overflow: %p (%zu bytes, heap %s), allocated by %pS, was written to past its end, at byte %zu\n",
			p, size, heap->name, (void *)who_caller(who), at);
}

/* A block is freed: is the red zone as it was? */
void checked_compare(const struct hoardk_heap *heap, const void *p,
		     size_t size, size_t end, unsigned long who)
{
	const void *wrong;

	if (!(heap->checks & HOARDK_CHECK_REDZONE))
		return;
	wrong = memchr_inv(p + size, REDZONE_BYTE, end - size);
	if (unlikely(wrong))
		found(heap, p, size, who, wrong - p, false);
}

/* All blocks of a superblock that nobody holds are free. */
void checked_format(struct hoardk_heap *heap, struct superblock *sb)
{
	struct trailer *t;
	void *p;
	u32 i;

	for (i = 0; i < sb->capacity; i++) {
		p = superblock_block(sb, i);
		sanitize_open(p, sb->size);
		t = trailer_of(sb, p);
		memset(t, 0, sizeof(*t));
		t->state = state_of(STATE_FREE, p);
		checked_erase(heap->checks, p, (void *)t - p);
		sanitize_close(p, sb->size);
	}
}

/* Has nobody written to a free block?  The trailer is there to be written. */
static void check_late(struct hoardk_heap *heap, void *p, struct trailer *t)
{
	size_t skip = heap->policy == HOARDK_POLICY_LOCAL ? sizeof(void *) : 0;
	size_t end = (void *)t - p;
	const void *wrong = NULL;

	if (heap->checks & HOARDK_CHECK_POISON && end > skip)
		wrong = memchr_inv(p + skip, free_byte(heap->checks),
				   end - skip);
	if (unlikely(!wrong && t->state != state_of(STATE_FREE, p)))
		wrong = t;
	if (unlikely(wrong))
		found(heap, p, min_t(size_t, t->size, end), t->who, wrong - p,
		      true);
}

/* A block that was just taken goes to its client. */
void *checked_hand_out(struct hoardk_heap *heap, void *p, size_t size,
		       gfp_t gfp, bool zero, unsigned long caller)
{
	struct superblock *sb = superblock_of(p);
	struct trailer *t = trailer_of(sb, p);

	sanitize_open(p, sb->size);
	check_late(heap, p, t);
	WRITE_ONCE(t->size, size);
	WRITE_ONCE(t->when, jiffies);
	WRITE_ONCE(t->who, who_now(heap->checks, gfp, caller));
	if (zero)
		sanitize_fill(p, 0, size);
	else
		sanitize_unset(p, size, gfp);
	checked_guard(heap->checks, p, size, (void *)t - p);
	/* Who lists live blocks sees all of it or none.  Pairs with checked_read(). */
	smp_store_release(&t->state, state_of(STATE_LIVE, p));
	sanitize_trim(p, size, (void *)t - p);
	sanitize_register(p, size, gfp);
	return p;
}

/*
 * A live block is about to be free; false when it is free already.  Preemption
 * is off.  Of several frees one is first, wherever the block is by then.  @was is
 * its trailer, for the functions below.
 */
bool checked_claim(const struct superblock *sb, u32 index, struct trailer *was)
{
	const void *p = superblock_block(sb, index);
	struct trailer *t = trailer_of(sb, p);
	unsigned long live = state_of(STATE_LIVE, p);
	unsigned long free = state_of(STATE_FREE, p);

	if (superblock_is_free(sb, index))
		return false;
	sanitize_open(t, sizeof(*t));
	was->state = cmpxchg(&t->state, live, free);
	if (unlikely(was->state != live)) {
		/* Freed already, or marked on its way back. */
		if (was->state == free ||
		    test_bit(index, superblock_bits(sb)))
			return false;
		/* Overwritten: who puts that right is first. */
		if (cmpxchg(&t->state, was->state, free) != was->state)
			return false;
	}
	was->size = READ_ONCE(t->size);
	was->who = READ_ONCE(t->who);
	return true;
}

/*
 * Did the trailer of a block that was claimed say that it is in use?  If so the
 * block is its freer's alone from then on, and keeps its superblock.  If not it
 * may be in use, or have been freed before and wait in a quarantine.
 */
bool checked_is_whole(const void *p, const struct trailer *was)
{
	return was->state == state_of(STATE_LIVE, p);
}

/* Report a block of @block_size bytes whose trailer was written to. */
void checked_overwritten(const struct hoardk_heap *heap, const void *p,
			 size_t block_size, const struct trailer *was)
{
	size_t end = block_size - sizeof(*was);

	found(heap, p, min_t(size_t, was->size, end), was->who, end, false);
}

/* A whole block of @block_size bytes: is it as it should be?  It is erased. */
void checked_wipe(const struct hoardk_heap *heap, void *p, size_t block_size,
		  const struct trailer *was)
{
	size_t end = block_size - sizeof(*was);

	sanitize_open(p, block_size);
	if (likely(was->size <= end))
		checked_compare(heap, p, was->size, end, was->who);
	else
		checked_overwritten(heap, p, block_size, was);
	checked_erase(heap->checks, p, end);
}

/* Is a block neither free nor in use: freed, but still held back? */
bool checked_waits(const struct superblock *sb, u32 index)
{
	const void *p = superblock_block(sb, index);
	const struct trailer *t = trailer_of(sb, p);

	sanitize_open(t, sizeof(*t));
	return !superblock_is_free(sb, index) &&
	       READ_ONCE(t->state) != state_of(STATE_LIVE, p);
}

/* What was asked for of a block that is in use; 0: it is not. */
size_t checked_size(const struct superblock *sb, const void *p)
{
	const struct trailer *t = trailer_of(sb, p);
	unsigned long state;

	sanitize_open(t, sizeof(*t));
	state = READ_ONCE(t->state);
	if (state == state_of(STATE_FREE, p))
		return 0;
	return min_t(size_t, READ_ONCE(t->size), (void *)t - p);
}

/* The client has asked for another size, which fits. */
void checked_resize(struct hoardk_heap *heap, const void *p, size_t size)
{
	const struct superblock *sb = superblock_of(p);
	struct trailer *t;

	/* Large: its red zone stays where it was. */
	if (!superblock_holds(sb, p))
		return;
	t = trailer_of(sb, p);
	sanitize_open(p, sb->size);
	checked_compare(heap, p, checked_size(sb, p), (void *)t - p, t->who);
	WRITE_ONCE(t->size, size);
	checked_guard(heap->checks, (void *)p, size, (void *)t - p);
	sanitize_trim(p, size, (void *)t - p);
}

/*
 * The trailer of a block that may be in use, or be taken or freed meanwhile; its
 * superblock stays.  False when it is not in use.
 */
bool checked_read(const struct superblock *sb, u32 index, struct trailer *copy)
{
	const void *p = superblock_block(sb, index);
	const struct trailer *t = trailer_of(sb, p);

	sanitize_open(t, sizeof(*t));
	/* Pairs with checked_hand_out(). */
	if (smp_load_acquire(&t->state) != state_of(STATE_LIVE, p))
		return false;
	copy->size = READ_ONCE(t->size);
	copy->when = READ_ONCE(t->when);
	copy->who = READ_ONCE(t->who);
	return copy->size <= sb->size;
}
