// SPDX-License-Identifier: GPL-2.0
/*
 * fork() while other threads allocate; children that allocate, fork, make
 * threads or run a program.  And the ways to start one that do not fork.
 */
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define CHURNERS	4
#define FORKS		300
#define SLOTS		256
#define STREAM		1024

extern char **environ;

static bool stopping;

static char *stream[STREAM];

static __thread char *slots[SLOTS];
static __thread unsigned int sizes[SLOTS];

static void churn(unsigned int seed, unsigned int rounds)
{
	unsigned int i;

	while (rounds--) {
		seed = seed * 1103515245 + 12345;
		i = seed >> 16 & (SLOTS - 1);
		if (slots[i])
			check(filled(slots[i], sizes[i], i));
		free(slots[i]);
		sizes[i] = seed >> 4 & 1 ? seed >> 20 & 0x1ff : seed >> 17;
		slots[i] = malloc(sizes[i]);
		fill(slots[i], sizes[i], i);
	}
}

static void churn_end(void)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++)
		free(slots[i]);
}

static void *churner(void *arg)
{
	unsigned int seed = (size_t)arg;

	while (!__atomic_load_n(&stopping, __ATOMIC_RELAXED))
		churn(seed++, 100);
	churn_end();
	return NULL;
}

/* Comes and goes, so that a fork meets threads that start and end. */
static void *visitor(void *arg)
{
	churn(3, 50);
	churn_end();
	return NULL;
}

static void *visited(void *arg)
{
	pthread_t thread;

	while (!__atomic_load_n(&stopping, __ATOMIC_RELAXED)) {
		if (check(!pthread_create(&thread, NULL, visitor, NULL)))
			pthread_join(thread, NULL);
	}
	return NULL;
}

/* From one thread to another, so that kicks are under way at any time. */
static void *producer(void *arg)
{
	unsigned int i = 0;

	while (!__atomic_load_n(&stopping, __ATOMIC_RELAXED)) {
		if (!__atomic_load_n(&stream[i], __ATOMIC_ACQUIRE))
			__atomic_store_n(&stream[i], malloc(1000),
					 __ATOMIC_RELEASE);
		i = (i + 1) % STREAM;
	}
	return NULL;
}

static void *consumer(void *arg)
{
	unsigned int i = 0;

	while (!__atomic_load_n(&stopping, __ATOMIC_RELAXED)) {
		free(__atomic_exchange_n(&stream[i], NULL, __ATOMIC_ACQUIRE));
		i = (i + 1) % STREAM;
	}
	return NULL;
}

static bool wait_for(pid_t pid)
{
	int status;

	return check(pid > 0) && check(waitpid(pid, &status, 0) == pid) &&
	       check(WIFEXITED(status) && !WEXITSTATUS(status));
}

/* A thread with so little that nothing else is started for it. */
static void *guest(void *arg)
{
	char *p = malloc(100);

	fill(p, 100, 1);
	free(p);
	return NULL;
}

/* @n, at most 3. */
static void run_threads(void *(*run)(void *arg), size_t n)
{
	pthread_t thread[3];
	size_t i;

	for (i = 0; i < n; i++)
		check(!pthread_create(&thread[i], NULL, run, (void *)i));
	for (i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
}

/* What a child does; @kind says what else. */
static void child(unsigned int kind)
{
	pid_t pid;

	/* Nobody stays in a lock for ever. */
	alarm(60);
	if (kind % 2)
		run_threads(guest, 1);
	churn(kind, 200);
	switch (kind % 5) {
	case 0:
		pid = fork();
		if (!pid) {
			alarm(30);
			churn(kind, 200);
			_exit(check_failed);
		}
		wait_for(pid);
		break;
	case 1:
		execl("/bin/true", "true", NULL);
		check(!"exec works");
		break;
	case 2:
		run_threads(visitor, 3);
		break;
	case 3:
		exit(check_failed);
	}
	_exit(check_failed);
}

static void run_forks(unsigned int n)
{
	unsigned int i;
	pid_t pid;

	for (i = 0; i < n; i++) {
		churn(i, 20);
		pid = fork();
		if (!pid)
			child(i);
		if (!wait_for(pid))
			break;
	}
}

static void *forker(void *arg)
{
	run_forks((size_t)arg);
	churn_end();
	return NULL;
}

void fork_test(void)
{
	pthread_t busy[CHURNERS + 3], forkers[2];
	size_t i, n = 0;

	run_forks(20);
	for (i = 0; i < CHURNERS; i++)
		pthread_create(&busy[n++], NULL, churner, (void *)i);
	pthread_create(&busy[n++], NULL, visited, NULL);
	pthread_create(&busy[n++], NULL, producer, NULL);
	pthread_create(&busy[n++], NULL, consumer, NULL);
	/* Three fork at the same time. */
	for (i = 0; i < 2; i++)
		pthread_create(&forkers[i], NULL, forker,
			       (void *)(FORKS / 3));
	run_forks(FORKS / 3);
	for (i = 0; i < 2; i++)
		pthread_join(forkers[i], NULL);
	__atomic_store_n(&stopping, true, __ATOMIC_RELAXED);
	while (n)
		pthread_join(busy[--n], NULL);
}

static void run_spawn(const char *self)
{
	char *argv[3] = { (char *)self, (char *)"nothing" };
	pid_t pid;

	if (check(!posix_spawn(&pid, self, NULL, NULL, argv, environ)))
		wait_for(pid);
	pid = vfork();
	if (!pid) {
		execv(self, argv);
		_exit(1);
	}
	wait_for(pid);
	check(!system("exit 0"));
}

static void run_pipe(void)
{
	char line[16] = "";
	FILE *f = popen("echo hello", "r");

	check(f && fgets(line, sizeof(line), f) && !strcmp(line, "hello\n"));
	check(f && !pclose(f));
}

void spawn_test(const char *self)
{
	pthread_t thread;
	int i;

	pthread_create(&thread, NULL, churner, NULL);
	for (i = 0; i < 30; i++) {
		churn(i, 100);
		run_spawn(self);
		run_pipe();
	}
	__atomic_store_n(&stopping, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
}
