/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What KASAN is told of blocks: open to the client for the bytes it asked for,
 * closed while free.  Nothing in a kernel without it.
 *
 * Any context.  A block is opened by who has just taken it and closed by who is
 * about to give it back: at both moments it is nobody else's.
 *
 * By policy local a free block that is kept for others holds a link in its first
 * bytes: these stay open, so a client's write after the free is missed there.
 */
#ifndef HOARDK_SANITIZE_H
#define HOARDK_SANITIZE_H

#include "compat.h"

#define HOARDK_SANITIZED	IS_ENABLED(CONFIG_KASAN_GENERIC)

/* All @have bytes are the client's. */
static __always_inline void sanitize_open(const void *p, size_t have)
{
	if (HOARDK_SANITIZED)
		hoardk_unpoison(p, have);
}

/* Of @have bytes that are open the client asked for @size. */
static __always_inline void sanitize_trim(const void *p, size_t size,
					  size_t have)
{
	if (HOARDK_SANITIZED) {
		hoardk_poison(p, have);
		hoardk_unpoison(p, size);
	}
}

/* A block is free. */
static __always_inline void sanitize_close(const void *p, size_t have)
{
	if (HOARDK_SANITIZED)
		hoardk_poison(p, have);
}

/* The same, but that it holds a link. */
static __always_inline void sanitize_close_linked(const void *p, size_t have)
{
	sanitize_trim(p, sizeof(void *), have);
}

#endif /* HOARDK_SANITIZE_H */
