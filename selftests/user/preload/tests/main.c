// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of a malloc() under which this program runs: see ../run.
 *
 * usage: malloctest TEST, one of those below
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

int check_failed;

bool check_that(bool condition, const char *file, int line, const char *what)
{
	if (condition)
		return true;
	dprintf(2, "%s:%d: not so: %s\n", strrchr(file, '/') + 1, line, what);
	__atomic_store_n(&check_failed, 1, __ATOMIC_RELAXED);
	return false;
}

static unsigned char byte_of(size_t i, unsigned int seed)
{
	return (i + seed) * 0x9e3779b1u >> 24;
}

void fill(void *p, size_t size, unsigned int seed)
{
	unsigned char *bytes = p;
	size_t i;

	for (i = 0; i < size; i++)
		bytes[i] = byte_of(i, seed);
}

bool filled(const void *p, size_t size, unsigned int seed)
{
	const unsigned char *bytes = p;
	size_t i;

	for (i = 0; i < size; i++)
		if (bytes[i] != byte_of(i, seed))
			return false;
	return true;
}

void *opaque(void *p)
{
	__asm__ __volatile__("" : "+r" (p) : : "memory");
	return p;
}

int main(int argc, char **argv)
{
	const char *test = argc == 2 ? argv[1] : "";

	if (!strcmp(test, "functions"))
		functions_test(false);
	else if (!strcmp(test, "corrupt"))
		functions_test(true);
	else if (!strcmp(test, "threads"))
		threads_test();
	else if (!strcmp(test, "fork"))
		fork_test();
	else if (!strcmp(test, "end"))
		end_test();
	else if (!strcmp(test, "memory"))
		memory_test();
	else if (!strcmp(test, "locked"))
		locked_test();
	else if (!strcmp(test, "spawn"))
		spawn_test(argv[0]);
	else if (!strcmp(test, "double-free"))
		double_free_test();
	else if (strcmp(test, "nothing"))
		check(!"a test of that name");
	return check_failed;
}
