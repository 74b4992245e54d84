// SPDX-License-Identifier: GPL-2.0
/*
 * A malloc that is broken on purpose, to see that the benchmarks notice: every
 * other time it hands out the block that it handed out last.
 *
 * Memory comes from one array and is never used again, so nothing else can go
 * wrong.  Only malloc() is broken: the C library's own tables for threads come
 * from calloc().
 */
#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES 0x40000000UL
#define ALIGNMENT 64UL		/* also the distance of size and block */

static alignas(4096) char arena[ARENA_BYTES];
static atomic_ulong used;
static atomic_ulong calls;
static atomic_uintptr_t last;

static void *take(size_t align, size_t size)
{
	size_t room = size + align + ALIGNMENT;
	size_t at;

	if (size >= ARENA_BYTES || align >= ARENA_BYTES)
		return NULL;
	at = atomic_fetch_add(&used, room);
	if (at + room > ARENA_BYTES)
		return NULL;
	at = (at + ALIGNMENT + align - 1) & ~(align - 1);
	memcpy(&arena[at - ALIGNMENT], &size, sizeof(size));
	return &arena[at];
}

static size_t size_of(const void *p)
{
	size_t size;

	memcpy(&size, (const char *)p - ALIGNMENT, sizeof(size));
	return size;
}

void *malloc(size_t size)
{
	void *p = (void *)atomic_load(&last);

	if (atomic_fetch_add(&calls, 1) % 2 && p && size <= size_of(p))
		return p;
	p = take(ALIGNMENT, size);
	atomic_store(&last, (uintptr_t)p);
	return p;
}

void free(void *p)
{
	(void)p;
}

void *calloc(size_t n, size_t size)
{
	if (size && n > ARENA_BYTES / size)
		return NULL;
	return take(ALIGNMENT, n * size);
}

void *realloc(void *old, size_t size)
{
	void *p = take(ALIGNMENT, size);

	if (p && old)
		memcpy(p, old, size < size_of(old) ? size : size_of(old));
	return p;
}

void *memalign(size_t align, size_t size)
{
	return take(align < ALIGNMENT ? ALIGNMENT : align, size);
}

void *aligned_alloc(size_t align, size_t size)
{
	return memalign(align, size);
}

int posix_memalign(void **p, size_t align, size_t size)
{
	*p = memalign(align, size);
	return *p ? 0 : ENOMEM;
}
