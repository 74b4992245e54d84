// SPDX-License-Identifier: GPL-2.0
/*
 * Each function of malloc()'s family, and what it does when it cannot.
 */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* Beyond any machine's memory, and beyond what can be rounded up; 0 ends. */
static const size_t huge[] = {
	(size_t)1 << 46, PTRDIFF_MAX - 4096, PTRDIFF_MAX, SIZE_MAX - 4096,
	SIZE_MAX - 15, SIZE_MAX - 7, SIZE_MAX, 0,
};

/* More than what the stub kernel has in one piece: from vmalloc. */
#define LARGEST		(6UL << 20)

static bool aligned(const void *p, size_t align)
{
	return (uintptr_t)p % align == 0;
}

/* Sizes around every class, and beyond. */
static size_t next_size(size_t size)
{
	return size < 600 ? size + 1 : size + size / 23 + 1;
}

static void test_malloc(void)
{
	size_t size;
	char *p;

	for (size = 0; size < LARGEST; size = next_size(size)) {
		p = malloc(size);
		if (!check(p))
			return;
		check(aligned(p, size > 8 ? 16 : 8));
		check(malloc_usable_size(p) >= size);
		fill(p, size, size);
		check(filled(p, size, size));
		free(p);
	}
}

/* All at once: do they overlap? */
static void test_disjoint(bool corrupt)
{
	enum { N = 3000 };
	static char *p[N];
	size_t i;

	for (i = 0; i < N; i++) {
		p[i] = malloc(i);
		if (check(p[i]))
			fill(p[i], i, i);
	}
	if (corrupt)
		p[N / 2][7]++;
	for (i = 0; i < N; i++) {
		check(filled(p[i], i, i));
		free(p[i]);
	}
}

static void test_nothing(void)
{
	char *a = opaque(malloc(0)), *b = opaque(malloc(0));
	char *c = opaque(calloc(0, 5)), *d = opaque(memalign(64, 0));

	check(a && b && c && d);
	check(a != b && b != c && c != d && a != c);
	check(aligned(a, 16) && aligned(d, 64));
	free(a);
	free(b);
	free(c);
	free(d);
	free(NULL);
	check(!malloc_usable_size(NULL));
}

static void test_calloc(void)
{
	size_t size, i;
	char *p;

	for (size = 1; size < LARGEST; size = next_size(size)) {
		/* What comes next has been used before. */
		p = malloc(size);
		memset(p, 0xff, size);
		free(opaque(p));
		p = calloc(1, size);
		if (!check(p))
			return;
		for (i = 0; i < size && !p[i]; i++)
			;
		check(i == size);
		check(aligned(p, size > 8 ? 16 : 8));
		free(p);
	}
}

static void test_realloc(void)
{
	size_t size = 1, old;
	char *p = realloc(NULL, size), *q;

	fill(p, size, 1);
	for (old = size; size < LARGEST; old = size) {
		size = next_size(size);
		q = realloc(p, size);
		if (!check(q))
			return;
		p = q;
		check(aligned(p, size > 8 ? 16 : 8));
		check(filled(p, old, 1));
		fill(p, size, 1);
	}
	for (; size > 1; size = size * 9 / 10) {
		q = realloc(p, size);
		if (!check(q))
			return;
		p = q;
		check(filled(p, size, 1));
	}
	check(!realloc(opaque(p), 0));
	/* It stays where it fits. */
	p = malloc(100);
	check(realloc(opaque(p), malloc_usable_size(p)) == p);
	free(p);
	p = reallocarray(NULL, 10, 10);
	check(p && malloc_usable_size(p) >= 100);
	free(p);
}

static void test_align_of(size_t align, size_t size)
{
	void *p = NULL;

	if (align >= sizeof(void *)) {
		check(!posix_memalign(&p, align, size));
		check(p && aligned(p, align) && malloc_usable_size(p) >= size);
		fill(p, size, align);
		check(filled(p, size, align));
		free(p);
	}
	p = aligned_alloc(align, size);
	check(p && aligned(p, align) && malloc_usable_size(p) >= size);
	free(p);
	p = memalign(align, size);
	check(p && aligned(p, align) && malloc_usable_size(p) >= size);
	p = realloc(p, size + 5000);
	check(p);
	free(p);
}

static void test_align(void)
{
	size_t align, size;
	void *p;

	for (align = 1; align <= 4 << 20; align *= 2)
		for (size = 0; size < 300000; size = size * 5 / 3 + 1)
			test_align_of(align, size);
	p = memalign(100, 10);
	check(p && aligned(p, 128));
	free(p);
	p = valloc(10);
	check(p && aligned(p, 4096));
	free(p);
	p = pvalloc(10);
	check(p && aligned(p, 4096) && malloc_usable_size(p) >= 4096);
	free(p);
	p = pvalloc(0);
	check(p && malloc_usable_size(p) >= 4096);
	free(p);
}

static void test_bad_align(void)
{
	void *p = &p;

	errno = 0;
	check(posix_memalign(&p, 0, 8) == EINVAL);
	check(posix_memalign(&p, 4, 8) == EINVAL);
	check(posix_memalign(&p, 24, 8) == EINVAL);
	check(posix_memalign(&p, SIZE_MAX, 8) == EINVAL);
	check(posix_memalign(&p, (size_t)1 << 62, 8) == ENOMEM);
	check(posix_memalign(&p, 64, SIZE_MAX) == ENOMEM);
	check(p == &p && !errno);
	check(!aligned_alloc(24, 48) && errno == EINVAL);
	errno = 0;
	check(!aligned_alloc(0, 48) && errno == EINVAL);
	errno = 0;
	check(!memalign(SIZE_MAX, 8) && errno == EINVAL);
	errno = 0;
	check(!aligned_alloc(64, SIZE_MAX - 64) && errno == ENOMEM);
	errno = 0;
	check(!valloc(SIZE_MAX) && errno == ENOMEM);
	errno = 0;
	check(!pvalloc(SIZE_MAX) && errno == ENOMEM);
}

#define enomem(call)	check((errno = 0, !opaque(call) && errno == ENOMEM))

static void test_no_memory(void)
{
	char *p = malloc(100);
	size_t i;

	fill(p, 100, 3);
	for (i = 0; huge[i]; i++) {
		enomem(malloc(huge[i]));
		enomem(calloc(1, huge[i]));
		enomem(realloc(p, huge[i]));
		enomem(memalign(4096, huge[i]));
	}
	enomem(calloc(SIZE_MAX / 2, 3));
	enomem(calloc((size_t)1 << 33, (size_t)1 << 33));
	enomem(reallocarray(p, SIZE_MAX / 2, 3));
	enomem(reallocarray(p, (size_t)1 << 32, (size_t)1 << 32));
	check(filled(p, 100, 3));
	free(p);
}

/* free() must leave errno alone; whatever the size. */
static void test_errno(void)
{
	size_t size;
	void *p;

	for (size = 1; size < LARGEST; size = size * 2 + 1) {
		p = opaque(malloc(size));
		errno = 77;
		free(p);
		check(errno == 77);
	}
}

void functions_test(bool corrupt)
{
	test_malloc();
	test_disjoint(corrupt);
	test_nothing();
	test_calloc();
	test_realloc();
	test_align();
	test_bad_align();
	test_no_memory();
	test_errno();
	malloc_trim(0);
}

/* Under the library both are reported and nothing else happens. */
void double_free_test(void)
{
	char *p = opaque(malloc(100)), *q = opaque(malloc(100000));
	char *inside = opaque(malloc(64));
	int local = 0;

	free(p);
	free(opaque(p));
	free(q);
	free(opaque(q));
	free(opaque(inside + 16));
	free(opaque(&local));
	check(!realloc(opaque(inside + 16), 10));
	fill(inside, 64, 9);
	check(filled(inside, 64, 9));
	free(inside);
	p = malloc(100);
	q = malloc(100);
	check(p && q && p != q);
}
