/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What KASAN, kmemleak and KMSAN are told of blocks.  KASAN: open to the client
 * for the bytes it asked for, closed while free.  Kmemleak: live, to be looked for
 * in other live memory and to be looked into.  KMSAN: a new block's bytes have no
 * value yet.  Nothing in a kernel without them.
 *
 * Any context.  A block is opened by who has just taken it and closed by who is
 * about to give it back: at both moments it is nobody else's.
 *
 * By policy local a free block that is kept for others holds a link in its first
 * bytes: those of all free blocks stay open, since who frees a block for the second
 * time may link it. So a client's write after the free is missed there.
 *
 * Kmemleak cannot be told from NMI, and of new blocks only where its own memory
 * may be allocated (hoardk_may_spin()): a block from elsewhere it neither reports
 * nor looks into, and one that was freed in NMI it knows until the block or the
 * superblock is used anew.
 */
#ifndef HOARDK_SANITIZE_H
#define HOARDK_SANITIZE_H

#include <linux/kmemleak.h>
#include <linux/kmsan-checks.h>
#include <linux/preempt.h>
#include <linux/string.h>

#include "compat.h"

#define HOARDK_LEAKS		IS_ENABLED(CONFIG_DEBUG_KMEMLEAK)
#define HOARDK_SANITIZED	(IS_ENABLED(CONFIG_KASAN_GENERIC) || \
				 IS_ENABLED(CONFIG_KMSAN) || HOARDK_LEAKS)

#define HOARDK_POISONED		IS_ENABLED(CONFIG_KASAN_GENERIC)

/* Kmemleak knows blocks that have been freed since, in NMI. */
extern bool sanitize_late;

/* All @have bytes are the client's. */
static __always_inline void sanitize_open(const void *p, size_t have)
{
	if (HOARDK_POISONED)
		hoardk_unpoison(p, have);
}

/* Of @have bytes that are open the client asked for @size. */
static __always_inline void sanitize_trim(const void *p, size_t size,
					  size_t have)
{
	if (HOARDK_POISONED) {
		hoardk_poison(p, have, HOARDK_PADDING);
		hoardk_unpoison(p, size);
	}
}

/* A memset() that KMSAN is told of: in NMI it does not look. */
static __always_inline void sanitize_fill(void *p, u8 byte, size_t bytes)
{
	memset(p, byte, bytes);
	if (IS_ENABLED(CONFIG_KMSAN))
		kmsan_unpoison_memory(p, bytes);
}

/*
 * A new block's bytes are what a former client left: KMSAN shall tell who uses
 * them.  In NMI it refuses to; then they count as written, since what the client
 * writes there would not be seen.  It saves a stack, which may take memory.
 */
static __always_inline void sanitize_unset(const void *p, size_t bytes,
					   gfp_t gfp)
{
	if (!IS_ENABLED(CONFIG_KMSAN))
		return;
	kmsan_unpoison_memory(p, bytes);
	if (hoardk_may_spin())
		kmsan_poison_memory(p, bytes, gfp & ~__GFP_RECLAIM);
}

/* A block of @size bytes is live. */
static __always_inline void sanitize_register(const void *p, size_t size,
					      gfp_t gfp)
{
	if (!HOARDK_LEAKS || in_nmi() || !hoardk_may_spin())
		return;
	if (unlikely(READ_ONCE(sanitize_late)))
		kmemleak_free(p);
	kmemleak_alloc(p, size, 1, gfp);
}

static __always_inline void sanitize_unregister(const void *p)
{
	if (!HOARDK_LEAKS)
		return;
	if (in_nmi())
		WRITE_ONCE(sanitize_late, true);
	else
		kmemleak_free(p);
}

/*
 * May blocks be laid out anew where freed ones were?  Not while kmemleak, which
 * knows those freed in NMI, cannot be told.
 */
static __always_inline bool sanitize_may_format(void)
{
	return !HOARDK_LEAKS || !in_nmi();
}

/* Bytes that are in no live block. */
static __always_inline void sanitize_bar(const void *p, size_t bytes)
{
	if (HOARDK_POISONED)
		hoardk_poison(p, bytes, HOARDK_CLOSED);
}

/* A block is free. */
static __always_inline void sanitize_close(const void *p, size_t have)
{
	sanitize_unregister(p);
	sanitize_bar(p, have);
}

/* The same, but that it holds a link. */
static __always_inline void sanitize_close_linked(const void *p, size_t have)
{
	sanitize_close(p, have);
	sanitize_open(p, sizeof(void *));
}

#endif /* HOARDK_SANITIZE_H */
