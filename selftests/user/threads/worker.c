// SPDX-License-Identifier: GPL-2.0
/*
 * Workers: one thread each at a time, a CPU of the stub kernel.  With hotplug a
 * thread ends after a while, which takes its CPU down, and another goes on with
 * the worker's blocks.
 */
#include <stdio.h>
#include <unistd.h>

#include "cpu.h"
#include "worker.h"

/* Steps of a thread, with hotplug. */
#define LIFE_MIN	500
#define LIFE_SPAN	8000

bool stop;
static struct worker *workers;

static void interrupt(void *arg)
{
	struct actor *a = arg;

	a->tally.interrupts++;
	parcel_trade(a);
}

static void churn(struct worker *w, struct actor *a)
{
	struct block *b = &w->own[actor_below(a, OWN_BLOCKS)];

	if (b->p)
		block_drop(a, b);
	else
		block_make(a, b);
}

static void resize(struct worker *w, struct actor *a)
{
	struct block *b = &w->own[actor_below(a, OWN_BLOCKS)];

	if (b->p)
		block_resize(a, b);
}

static void step(struct worker *w)
{
	struct actor *a = &w->actors[TASK];
	u32 n = actor_below(a, 8192);

	if (n < 5600)
		churn(w, a);
	else if (n < 7500)
		parcel_trade(a);
	else if (n < 8188)
		resize(w, a);
	else
		heap_session(a);
	if (options.busted == BUSTED_RACE)
		busted_race();
}

static bool stopping(void)
{
	return __atomic_load_n(&stop, __ATOMIC_RELAXED);
}

/* The calling thread is @w's now, and a CPU. */
void worker_begin(struct worker *w)
{
	/* The CPU comes up, and RCU gets to know the thread. */
	preempt_disable();
	preempt_enable();
	if (options.interrupts)
		interrupts_start(w);
}

void worker_end(struct worker *w)
{
	if (options.interrupts)
		interrupts_stop(w);
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	unsigned long life = ~0UL;

	if (options.hotplug)
		life = LIFE_MIN + actor_below(&w->actors[TASK], LIFE_SPAN);
	worker_begin(w);
	for (; life && w->left && !stopping(); life--, w->left--) {
		step(w);
		__atomic_store_n(&w->worked, true, __ATOMIC_RELAXED);
	}
	worker_end(w);
	__atomic_store_n(&w->ended, true, __ATOMIC_RELAXED);
	return NULL;
}

static void worker_start(struct worker *w)
{
	w->ended = false;
	w->alive = true;
	if (pthread_create(&w->thread, NULL, worker_main, w))
		stub_bug("no thread for a worker");
}

static void worker_join(struct worker *w)
{
	pthread_join(w->thread, NULL);
	w->alive = false;
}

static void worker_setup(struct worker *w, unsigned int id)
{
	enum context c;

	for (c = 0; c < NR_CONTEXTS; c++)
		actor_init(&w->actors[c], 1 + id * NR_CONTEXTS + c, c);
	w->left = ~0UL;
	if (options.operations)
		w->left = DIV_ROUND_UP(options.operations, options.threads);
}

/* All threads have ended: what the worker holds is the caller's to drop. */
static void worker_finish(struct worker *w, struct actor *a)
{
	unsigned int i;

	for (i = 0; i < OWN_BLOCKS; i++)
		if (w->own[i].p)
			block_drop(a, &w->own[i]);
	for (i = 0; i < NR_CONTEXTS; i++) {
		tally_add(&w->actors[i].tally);
		free(w->actors[i].hand);
	}
}

/* A thread that has ended is joined, and another takes its place. */
static void worker_tend(struct worker *w)
{
	if (!w->alive || !__atomic_load_n(&w->ended, __ATOMIC_RELAXED))
		return;
	worker_join(w);
	if (w->left)
		worker_start(w);
}

/* Until the time is over, but not before everybody has done something. */
static void run(void)
{
	time_t end = time(NULL) + options.seconds;
	unsigned int i, alive, worked;

	do {
		usleep(2000);
		alive = 0;
		worked = 0;
		for (i = 0; i < options.threads; i++) {
			worker_tend(&workers[i]);
			alive += workers[i].alive;
			worked += __atomic_load_n(&workers[i].worked,
						  __ATOMIC_RELAXED);
		}
	} while (alive && (options.operations || worked < options.threads ||
			   time(NULL) < end));
}

/* The whole run; afterwards all blocks are freed. */
void workers_run(void)
{
	struct actor last;
	unsigned int i;

	workers = calloc(options.threads, sizeof(*workers));
	parcels_init();
	interrupts_init(interrupt);
	for (i = 0; i < options.threads; i++) {
		worker_setup(&workers[i], i);
		worker_start(&workers[i]);
	}
	pest_start();
	run();
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < options.threads; i++)
		if (workers[i].alive)
			worker_join(&workers[i]);
	pest_stop();
	actor_init(&last, 1 + options.threads * NR_CONTEXTS, TASK);
	for (i = 0; i < options.threads; i++)
		worker_finish(&workers[i], &last);
	parcels_drain(&last);
	shared_heaps_close(&last);
	tally_add(&last.tally);
	free(last.hand);
	free(workers);
}
