// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that come and go, with blocks that others free.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

#define BLOCKS		200
#define ONE_BY_ONE	10000
#define AT_ONCE		1000

static pthread_barrier_t barrier;

static size_t size_of(unsigned int i)
{
	return i * 37 % 900 + (i % 50 ? 1 : 30000);
}

/* @seed: of their contents. */
static char **blocks_make(unsigned int n, unsigned int seed)
{
	char **p = malloc(n * sizeof(*p));
	unsigned int i;

	for (i = 0; p && i < n; i++) {
		p[i] = malloc(size_of(i));
		if (check(p[i]))
			fill(p[i], size_of(i), seed + i);
	}
	return p;
}

static void blocks_free(char **p, unsigned int n, unsigned int seed)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		check(filled(p[i], size_of(i), seed + i));
		free(p[i]);
	}
	free(p);
}

/* Frees what the thread before made, and leaves as much to the next. */
static void *relay(void *arg)
{
	char **p = arg;

	if (p)
		blocks_free(p, BLOCKS / 4, 7);
	return blocks_make(BLOCKS / 4, 7);
}

static void test_one_by_one(void)
{
	void *blocks = NULL;
	pthread_t thread;
	int i;

	for (i = 0; i < ONE_BY_ONE; i++) {
		if (!check(!pthread_create(&thread, NULL, relay, blocks)))
			return;
		pthread_join(thread, &blocks);
	}
	blocks_free(blocks, BLOCKS / 4, 7);
}

static void *crowd(void *arg)
{
	unsigned int seed = (uintptr_t)arg, i;
	char **p;

	for (i = 0; i < 3; i++)
		blocks_free(blocks_make(BLOCKS, seed), BLOCKS, seed);
	p = blocks_make(BLOCKS, seed);
	/* All are there now. */
	pthread_barrier_wait(&barrier);
	return p;
}

static void test_at_once(void)
{
	static pthread_t threads[AT_ONCE];
	uintptr_t i, n;
	pthread_attr_t attr;
	void *p;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 128 << 10);
	pthread_barrier_init(&barrier, NULL, AT_ONCE);
	for (n = 0; n < AT_ONCE; n++)
		if (!check(!pthread_create(&threads[n], &attr, crowd,
					   (void *)n)))
			_exit(1);
	for (i = 0; i < n; i++) {
		pthread_join(threads[i], &p);
		blocks_free(p, BLOCKS, i);
	}
}

static void *detached(void *arg)
{
	blocks_free(blocks_make(BLOCKS, 5), BLOCKS, 5);
	__atomic_fetch_add((int *)arg, 1, __ATOMIC_RELAXED);
	return NULL;
}

static void test_detached(void)
{
	static int ended;
	pthread_attr_t attr;
	pthread_t thread;
	int i;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (i = 0; i < 300; i++)
		check(!pthread_create(&thread, &attr, detached, &ended));
	while (__atomic_load_n(&ended, __ATOMIC_RELAXED) < 300)
		usleep(1000);
}

void threads_test(void)
{
	test_one_by_one();
	test_at_once();
	test_detached();
}
