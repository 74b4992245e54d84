// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts at points: accesses of the core to what CPUs share, one in so
 * many.  For ThreadSanitizer, which would hold signals back and hand them on with all
 * others blocked.  What is compiled for this has STUB_INTERLEAVE.
 */
#include "cpu.h"
#include "worker.h"

/* Accesses to the next, at most. */
#define POINTS		1000

static __thread struct worker *this_worker;
static __thread unsigned int points_left;
static void (*interrupt)(void *actor);

/* An access comes.  An interrupt may break in on a task, an NMI on both. */
void stub_interleave(const char *function, int line, const char *what)
{
	struct worker *w = this_worker;
	enum context c;

	if (likely(!w || cpu_here()->nmi))
		return;
	if (likely(points_left)) {
		points_left--;
		return;
	}
	points_left = actor_below(&w->actors[NMI], POINTS);
	c = cpu_here()->hardirq || points_left & 1 ? NMI : IRQ;
	stub_interrupt(c == NMI, interrupt, &w->actors[c]);
}

void interrupts_init(void (*fn)(void *actor))
{
	interrupt = fn;
}

void interrupts_start(struct worker *w)
{
	this_worker = w;
}

void interrupts_stop(struct worker *w)
{
	this_worker = NULL;
}
