// SPDX-License-Identifier: GPL-2.0
/*
 * Players in interrupts: timers in softirq and hardirq, and NMIs that a thread
 * sends around.  They break in on hoardk in the middle of whatever is going on.
 *
 * A timer whose CPU goes is moved by the kernel and never runs twice at once;
 * disturb.c starts it anew on its CPU when that is back.  NMIs do not nest, so
 * the player of the CPU they come to is theirs.
 */
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/smp.h>

#include "../compat.h"
#include "../kernel/nmi.h"
#include "torture.h"

#define IRQ_TURNS	8
#define NMI_TURNS	4

/*
 * A timer rests so many times as long as it ran, at least: on a slow kernel there
 * would be nothing but interrupts, and neither tasks nor RCU would get on.
 */
#define IRQ_REST	4

static enum hrtimer_restart fire(struct hrtimer *timer)
{
	struct player *p = container_of(timer, struct player, timer);
	u64 begin = ktime_get_ns(), rest;
	int i;

	for (i = 0; i < IRQ_TURNS; i++)
		torture_turn(p);
	/* Not in step with the tick, nor with the other timers. */
	rest = NSEC_PER_USEC * (torture.irq_us + p->turn % torture.irq_us);
	rest = max(rest, IRQ_REST * (ktime_get_ns() - begin));
	hrtimer_forward_now(timer, ns_to_ktime(rest));
	return HRTIMER_RESTART;
}

static enum hrtimer_mode mode_of(const struct player *p)
{
	return p->context == HARDIRQ ? HRTIMER_MODE_REL_PINNED_HARD :
				       HRTIMER_MODE_REL_PINNED_SOFT;
}

void torture_irq_init(struct player *p)
{
	hrtimer_setup(&p->timer, fire, CLOCK_MONOTONIC, mode_of(p));
}

static void start_here(void *arg)
{
	struct site *s = arg;
	unsigned int i;

	for (i = PLAYER_SOFTIRQ; i <= PLAYER_HARDIRQ; i++)
		hrtimer_start(&s->players[i].timer,
			      ns_to_ktime(NSEC_PER_USEC * torture.irq_us),
			      mode_of(&s->players[i]));
}

/* Task context, with the site's CPU online. */
void torture_irq_start(struct site *s)
{
	torture_irq_stop(s);
	smp_call_function_single(s->cpu, start_here, s, 1);
}

void torture_irq_stop(struct site *s)
{
	hrtimer_cancel(&s->players[PLAYER_SOFTIRQ].timer);
	hrtimer_cancel(&s->players[PLAYER_HARDIRQ].timer);
}

static void nmi_turns(void *arg)
{
	struct site *s = arg;
	int i;

	for (i = 0; i < NMI_TURNS; i++)
		torture_turn(&s->players[PLAYER_NMI]);
}

int torture_nmi_thread(void *unused)
{
	struct site *s;

	while (!kthread_should_stop()) {
		s = &torture.sites[torture_random() % torture.nr_sites];
		cpus_read_lock();
		if (cpu_online(s->cpu) && nmi_run(s->cpu, nmi_turns, s))
			torture.nmis++;
		cpus_read_unlock();
		usleep_range(100, 1000);
	}
	return 0;
}
