// SPDX-License-Identifier: GPL-2.0
/*
 * What has happened before what: a vector clock for each task, and one for each
 * object that hands order on: a lock, a CPU's sections, queued work, a callback
 * (L. Lamport, CACM 1978; F. Mattern, 1989).
 *
 * Where an object is missing, accesses seem unordered that are not: that costs
 * runs and loses none.
 */
#include "explorer.h"

#define OBJECTS		256

/**
 * struct object - hands order on
 * @run: in which run it was last released
 * @p: which it is
 * @clock: what has happened before
 */
struct object {
	unsigned long run;
	const void *p;
	vector clock;
};

KEPT vector clocks[NR_TASKS];
static KEPT struct object objects[OBJECTS];
static KEPT unsigned long run;

void clock_reset(void)
{
	unsigned int i;

	run++;
	memset(clocks, 0, sizeof(clocks));
	for (i = 0; i < NR_TASKS; i++)
		clocks[i][i] = 1;
}

/* The place of an object that was released in this run, or where it can go. */
static struct object *find(const void *p)
{
	unsigned int i = hash_long((unsigned long)p, 8), tries;

	for (tries = 0; tries < OBJECTS; tries++) {
		struct object *o = &objects[(i + tries) % OBJECTS];

		if (o->run != run || o->p == p)
			return o;
	}
	stub_bug("more than %d objects hand order on", OBJECTS);
}

static void join(vector to, const vector from)
{
	unsigned int i;

	for (i = 0; i < NR_TASKS; i++)
		to[i] = max(to[i], from[i]);
}

/* What this task has done so far happened before who acquires the object. */
void clock_release(const void *p)
{
	unsigned int self;
	struct object *o;

	if (!task_now)
		return;
	self = task_number(task_now);
	o = find(p);
	if (o->run != run)
		*o = (struct object){ .run = run, .p = p };
	join(o->clock, clocks[self]);
	clocks[self][self]++;
}

void clock_acquire(const void *p)
{
	struct object *o;

	if (!task_now)
		return;
	o = find(p);
	if (o->run == run)
		join(clocks[task_number(task_now)], o->clock);
}
