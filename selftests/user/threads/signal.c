// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts by signals: each worker's thread has two timers, whose signals
 * break in on whatever it does; the handler has the stub kernel play an
 * interrupt or an NMI.  NMIs break in on interrupts as well.
 */
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cpu.h"
#include "worker.h"

/* Nanoseconds to the next. */
#define PAUSE_MIN	30000
#define PAUSE_SPAN	400000

static const int signals[NR_CONTEXTS] = {
	[IRQ] = SIGUSR1, [NMI] = SIGUSR2,
};

static __thread struct worker *this_worker;
static void (*interrupt)(void *actor);

static void timer_arm(struct worker *w, enum context c)
{
	struct itimerspec t = {
		.it_value.tv_nsec = PAUSE_MIN +
				    actor_below(&w->actors[c], PAUSE_SPAN),
	};

	timer_settime(w->timers[c], 0, &t, NULL);
}

static void handler(int signal)
{
	struct worker *w = this_worker;
	enum context c = signal == signals[NMI] ? NMI : IRQ;
	int saved = errno;

	stub_interrupt(c == NMI, interrupt, &w->actors[c]);
	timer_arm(w, c);
	errno = saved;
}

static void change_mask(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signals[IRQ]);
	sigaddset(&set, signals[NMI]);
	pthread_sigmask(how, &set, NULL);
}

void interrupts_init(void (*fn)(void *actor))
{
	struct sigaction action = { .sa_handler = handler };

	interrupt = fn;
	sigaddset(&action.sa_mask, signals[IRQ]);
	sigaction(signals[IRQ], &action, NULL);
	sigaddset(&action.sa_mask, signals[NMI]);
	sigaction(signals[NMI], &action, NULL);
	change_mask(SIG_BLOCK);
}

void interrupts_start(struct worker *w)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID };
	enum context c;

	this_worker = w;
	event._sigev_un._tid = syscall(SYS_gettid);
	for (c = IRQ; c <= NMI; c++) {
		event.sigev_signo = signals[c];
		if (timer_create(CLOCK_MONOTONIC, &event, &w->timers[c]))
			stub_bug("no timer");
		timer_arm(w, c);
	}
	change_mask(SIG_UNBLOCK);
}

void interrupts_stop(struct worker *w)
{
	enum context c;

	change_mask(SIG_BLOCK);
	for (c = IRQ; c <= NMI; c++)
		timer_delete(w->timers[c]);
}
