// SPDX-License-Identifier: GPL-2.0
/*
 * Shrinking a history that fails to a short one that fails: parts are left out
 * as long as it still does, ever smaller ones (A. Zeller and R. Hildebrandt,
 * "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 28(2), 2002), then
 * operands are made small.  Each try plays in a process of its own.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shrink.h"
#include "world.h"

/* A try that takes so many seconds is not worth it, or does not end. */
#define DEADLINE	10

/* Plays in a child; @loud: with its output. */
bool history_fails(const struct history *h, bool loud)
{
	int status;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (!child) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
		if (!loud) {
			dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
			alarm(DEADLINE);
		}
		world_play(h);
		_exit(0);
	}
	waitpid(child, &status, 0);
	/* That it was slow is no failure. */
	return status && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM);
}

/* @h without @n operations from @at on. */
static struct history without(const struct history *h, size_t at, size_t n)
{
	struct history less = { .setup = h->setup, .nr = h->nr - n };

	less.ops = malloc((less.nr + 1) * sizeof(*less.ops));
	memcpy(less.ops, h->ops, at * sizeof(*h->ops));
	memcpy(less.ops + at, h->ops + at + n,
	       (less.nr - at) * sizeof(*h->ops));
	return less;
}

static void drop_parts(struct history *h, size_t part)
{
	size_t at = h->nr;

	while (at > 0 && h->nr > 1) {
		size_t n = min(part, at);
		struct history less;

		at -= n;
		less = without(h, at, n);
		if (history_fails(&less, false)) {
			history_free(h);
			*h = less;
		} else {
			history_free(&less);
		}
	}
}

/* Make a number as small as it can be. */
static void lower(const struct history *h, u32 *value)
{
	u32 low = 0, was = *value;

	while (low < was) {
		*value = low;
		if (history_fails(h, false))
			return;
		low = low * 4 + 1;
	}
	*value = was;
}

/* What comes after the step that fails is of no use. */
static void cut_tail(struct history *h)
{
	size_t low = 0, high = h->nr, nr = h->nr;

	while (low < high) {
		h->nr = (low + high) / 2;
		if (history_fails(h, false))
			high = h->nr;
		else
			low = h->nr + 1;
	}
	h->nr = high;
	if (!history_fails(h, false))
		h->nr = nr;
}

void history_shrink(struct history *h)
{
	size_t part, before, i;

	cut_tail(h);
	do {
		before = h->nr;
		for (part = h->nr / 2; part; part /= 2)
			drop_parts(h, part);
	} while (h->nr < before);
	for (i = 0; i < h->nr; i++) {
		lower(h, &h->ops[i].a);
		lower(h, &h->ops[i].b);
		lower(h, &h->ops[i].c);
	}
}
