// SPDX-License-Identifier: GPL-2.0
/*
 * The search through all runs, depth first: the run before is played again up
 * to the last choice that has an alternative left, and takes that.
 */
#include <sys/mman.h>

#include "explorer.h"

#define MAX_DEPTH	10000

/**
 * struct choice - among tasks that can go on
 * @event: when
 * @n: how many they are
 * @pick: which was picked
 */
struct choice {
	unsigned int event;
	u8 n;
	u8 pick;
};

static KEPT struct choice *choices;
static KEPT unsigned int nr_choices;
static KEPT unsigned int next;

void search_init(void)
{
	choices = mmap(NULL, MAX_DEPTH * sizeof(*choices),
		       PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);
	if (choices == MAP_FAILED)
		stub_bug("no memory for choices");
}

/* All runs with at most @bound preemptions. */
void search_begin(unsigned int bound)
{
	shared->bound = bound;
	shared->runs = 0;
	nr_choices = 0;
	next = 0;
}

/* Which of @n tasks goes on. */
unsigned int search_pick(unsigned int n)
{
	struct choice *c = &choices[next++];

	if (next > nr_choices) {
		if (next > MAX_DEPTH)
			stub_bug("more than %d choices", MAX_DEPTH);
		nr_choices = next;
		*c = (struct choice){ .event = shared->events, .n = n };
	}
	if (c->n != n || c->event != shared->events)
		stub_bug("another run: %u tasks at event %u, not %u at %u", n,
			 shared->events, c->n, c->event);
	return c->pick;
}

/* A run is over; false when it was the last. */
bool search_next(void)
{
	shared->runs++;
	nr_choices = next;
	next = 0;
	while (nr_choices) {
		struct choice *c = &choices[nr_choices - 1];

		if (++c->pick < c->n)
			return true;
		nr_choices--;
	}
	return false;
}
