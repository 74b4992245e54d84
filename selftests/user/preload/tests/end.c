// SPDX-License-Identifier: GPL-2.0
/*
 * Where malloc() may be called at the edges of a process and of a thread: in
 * constructors and destructors, here and in a library loaded on the way (see
 * plugin.c), and in destructors of a thread's keys; and the first thread may end
 * before the others.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

#define KEYS	20
#define ROUNDS	4

static char *from_constructor;
static pthread_key_t keys[KEYS];
/* Seen by nobody before the thread has ended. */
static char *from_thread;

static void __attribute__((__constructor__(101))) begin(void)
{
	from_constructor = malloc(1000);
	fill(from_constructor, 1000, 1);
}

static void __attribute__((__destructor__(101))) finish(void)
{
	char *p = malloc(50);

	if (!check(filled(from_constructor, 1000, 1)) || !check(p))
		_exit(1);
	free(p);
	free(from_constructor);
}

static void at_exit(void)
{
	from_constructor = realloc(from_constructor, 100000);
	if (!check(filled(from_constructor, 1000, 1)))
		_exit(1);
}

/* Comes back in each round, which frees the value and makes another one. */
static void key_ends(void *value)
{
	static __thread int calls;
	size_t i = *(size_t *)value;
	size_t *next;

	free(value);
	free(from_thread);
	from_thread = malloc(3000);
	if (++calls > KEYS * (ROUNDS - 1))
		return;
	next = malloc(sizeof(*next));
	*next = i;
	pthread_setspecific(keys[i], next);
}

static void *keyed(void *arg)
{
	size_t i, *value;

	for (i = 0; i < KEYS; i++) {
		value = malloc(sizeof(*value));
		*value = i;
		pthread_setspecific(keys[i], value);
	}
	return strerror(1000 + (int)(size_t)arg);
}

static void run_keys(void)
{
	pthread_t thread;
	size_t i;

	for (i = 0; i < KEYS; i++)
		check(!pthread_key_create(&keys[i], key_ends));
	for (i = 0; i < 300; i++) {
		check(!pthread_create(&thread, NULL, keyed, (void *)i));
		pthread_join(thread, NULL);
	}
	check(from_thread);
}

/* A library that is loaded late, and leaves again. */
static void run_plugin(void)
{
	void *(*make)(size_t size);
	void *library;
	char *p;
	int i;

	for (i = 0; i < 20; i++) {
		library = dlopen(getenv("MALLOCTEST_PLUGIN"), RTLD_NOW);
		if (!check(library))
			return;
		*(void **)&make = dlsym(library, "plugin_make");
		p = make(500);
		check(filled(p, 500, 2));
		dlclose(library);
		check(filled(p, 500, 2));
		free(p);
	}
}

/* Outlives the first thread, and says so. */
static void *outlive(void *arg)
{
	char *p;

	usleep(200000);
	p = malloc(2 << 20);
	fill(p, 2 << 20, 1);
	free(p);
	printf("the last thread has ended\n");
	return NULL;
}

void end_test(void)
{
	pthread_t thread;

	atexit(at_exit);
	/* Enough that the library has its thread. */
	free(opaque(malloc(8 << 20)));
	run_keys();
	run_plugin();
	check(!pthread_create(&thread, NULL, outlive, NULL));
	if (check_failed)
		exit(1);
	pthread_exit(NULL);
}
