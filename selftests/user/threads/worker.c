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
#define LIFE_MIN	200
#define LIFE_SPAN	4000

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
	u32 n = actor_below(a, 1024);

	if (n < 700)
		churn(w, a);
	else if (n < 940)
		parcel_trade(a);
	else if (n < 1022)
		resize(w, a);
	else
		heap_session(a);
	if (options.busted == BUSTED_RACE)
		busted_race();
}

static bool stopping(const struct worker *w)
{
	return __atomic_load_n(&stop, __ATOMIC_RELAXED) ||
	       (options.operations && !w->left);
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
	for (; life && !stopping(w); life--, w->left--)
		step(w);
	worker_end(w);
	__atomic_store_n(&w->ended, true, __ATOMIC_RELAXED);
	return NULL;
}

static void worker_start(struct worker *w)
{
	w->ended = false;
	if (pthread_create(&w->thread, NULL, worker_main, w))
		stub_bug("no thread for a worker");
}

static void worker_setup(struct worker *w, unsigned int id)
{
	enum context c;

	for (c = 0; c < NR_CONTEXTS; c++)
		actor_init(&w->actors[c], 1 + id * NR_CONTEXTS + c, c);
	w->left = options.operations / options.threads;
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

/* Threads that have ended are joined, and others take their place. */
static void tend(void)
{
	unsigned int i;

	for (i = 0; i < options.threads; i++) {
		struct worker *w = &workers[i];

		if (!__atomic_load_n(&w->ended, __ATOMIC_RELAXED))
			continue;
		pthread_join(w->thread, NULL);
		worker_start(w);
	}
}

static bool all_done(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < options.threads; i++)
		n += workers[i].ended && !workers[i].left;
	return options.operations && n == options.threads;
}

static void run(void)
{
	time_t end = time(NULL) + options.seconds;

	while (options.operations ? !all_done() : time(NULL) < end) {
		usleep(2000);
		tend();
	}
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
		pthread_join(workers[i].thread, NULL);
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
