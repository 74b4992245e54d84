// SPDX-License-Identifier: GPL-2.0
/*
 * Allocators to preload that are broken on purpose, for the controls.  They
 * stand before glibc's and hand everything on to it, and
 *
 *   CORRUPT=N  each N-th malloc() changes a byte of an earlier block, as if
 *              the two overlapped
 *   REALLOC=N  each N-th realloc() that enlarges a block changes a byte of it
 *   HANG=N     the N-th malloc() does not return
 *
 * With none of them it only hands on.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

#ifndef CORRUPT
#define CORRUPT 0
#endif
#ifndef REALLOC
#define REALLOC 0
#endif
#ifndef HANG
#define HANG 0
#endif

static void *(*next_malloc)(size_t size);
static void *(*next_realloc)(void *p, size_t size);
static void (*next_free)(void *p);

/* The next malloc() to be counted changes this block, if it is still live. */
static char *victim;
static unsigned long mallocs, reallocs;

static void __attribute__((constructor)) find_next(void)
{
	if (next_free)
		return;
	next_malloc = dlsym(RTLD_NEXT, "malloc");
	next_realloc = dlsym(RTLD_NEXT, "realloc");
	next_free = dlsym(RTLD_NEXT, "free");
}

/* Is this one of every N calls that count here? */
static bool nth(unsigned long *calls, unsigned long n)
{
	return n && __atomic_fetch_add(calls, 1, __ATOMIC_RELAXED) % n == 0;
}

/* Whoever takes it may write to it: only then can it be freed. */
static char *take_victim(char *p)
{
	if (p && __atomic_compare_exchange_n(&victim, &p, NULL, false,
					     __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return p;
	return NULL;
}

static void corrupt(char *p, size_t size)
{
	char *other;

	if (size < 32 || size > 512 || !nth(&mallocs, CORRUPT))
		return;
	other = take_victim(__atomic_load_n(&victim, __ATOMIC_SEQ_CST));
	if (other)
		other[17] ^= 1;
	__atomic_store_n(&victim, p, __ATOMIC_SEQ_CST);
}

void *malloc(size_t size)
{
	void *p;

	find_next();
	p = next_malloc(size);
	if (CORRUPT && p)
		corrupt(p, size);
	if (HANG && __atomic_add_fetch(&mallocs, 1, __ATOMIC_RELAXED) == HANG)
		for (;;)
			pause();
	return p;
}

void *realloc(void *p, size_t size)
{
	size_t had = p ? malloc_usable_size(p) : 0;
	char *q;

	find_next();
	take_victim(p);
	q = next_realloc(p, size);
	if (q && had && size > had && nth(&reallocs, REALLOC))
		q[had / 2] ^= 1;
	return q;
}

void free(void *p)
{
	find_next();
	take_victim(p);
	next_free(p);
}
