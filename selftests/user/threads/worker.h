/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Workers of the hammer, their interrupts, and the pest.
 */
#ifndef HAMMER_WORKER_H
#define HAMMER_WORKER_H

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "hammer.h"

/**
 * struct worker - what stays when its threads end; the thread's, or that of
 *	the main thread once it has joined it
 * @thread: the present one; the main thread's
 * @alive: it has not been joined; the main thread's
 * @actors: its contexts
 * @own: blocks it keeps for itself
 * @left: steps left
 * @timers: of its interrupts and its NMIs
 * @worked: it has done a step; its thread, the main thread looks
 * @ended: the thread has nothing more to do and may be joined; the same
 */
struct worker {
	pthread_t thread;
	bool alive;
	struct actor actors[NR_CONTEXTS];
	struct block own[OWN_BLOCKS];
	unsigned long left;
	timer_t timers[NR_CONTEXTS];
	bool worked;
	bool ended;
};

/* worker.c */
void worker_begin(struct worker *w);
void worker_end(struct worker *w);
void workers_run(void);

/*
 * signal.c or point.c.  @fn: what an interrupt does, with the actor that it is.
 * For the calling thread, which is @w's, from start to stop.
 */
void interrupts_init(void (*fn)(void *actor));
void interrupts_start(struct worker *w);
void interrupts_stop(struct worker *w);

/* pest.c */
void pest_start(void);
void pest_stop(void);

/* bad.c */
void bad_run(void);

#endif /* HAMMER_WORKER_H */
