// SPDX-License-Identifier: GPL-2.0
/*
 * What is freed leaves the process: at once with malloc_trim(), else when it
 * has been idle for a second.  And memory that must not leave, by mlockall().
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"

#define BLOCKS	40000
#define SIZE	1000
#define LARGE	(30UL << 20)

static long resident_kib(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long size, resident = 0;

	if (!check(f && fscanf(f, "%ld %ld", &size, &resident) == 2))
		return 0;
	fclose(f);
	return resident * (sysconf(_SC_PAGESIZE) >> 10);
}

/* 40 MiB in blocks and 30 in one, by the way. */
static void use(void)
{
	static char *p[BLOCKS];
	char *large = malloc(LARGE);
	int i;

	fill(large, LARGE, 1);
	for (i = 0; i < BLOCKS; i++) {
		p[i] = malloc(SIZE);
		fill(p[i], SIZE, i);
	}
	check(resident_kib() > (long)(BLOCKS * SIZE + LARGE) >> 10);
	for (i = 0; i < BLOCKS; i++)
		free(p[i]);
	free(large);
}

static bool is_back(long before)
{
	return resident_kib() < before + 4096;
}

void memory_test(void)
{
	long before;
	int i;

	use();
	malloc_trim(0);
	before = resident_kib();
	use();
	check(malloc_trim(0));
	check(is_back(before));
	use();
	for (i = 0; i < 30 && !is_back(before); i++)
		usleep(100000);
	check(is_back(before));
}

static bool is_zero(const char *p, size_t size)
{
	while (size && !*p) {
		p++;
		size--;
	}
	return !size;
}

/* What was reserved and never used must not be locked; zeroes are zeroes. */
void locked_test(void)
{
	size_t size;
	char *p;

	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		exit(CHECK_SKIPPED);
	check(resident_kib() < 100 << 10);
	for (size = 1000; size < LARGE; size *= 2) {
		p = opaque(malloc(size));
		fill(p, size, 1);
		free(p);
		malloc_trim(0);
		p = opaque(calloc(1, size));
		check(is_zero(p, size));
		free(p);
	}
	check(resident_kib() < 300 << 10);
}
