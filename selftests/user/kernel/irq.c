// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel's interrupts: a signal handler calls stub_interrupt(), which
 * plays an interrupt or an NMI on this thread's CPU.  One that comes while
 * interrupts are off is remembered and made up for when they are on again.
 */
#include "cpu.h"

static __thread void (*missed_fn)(void *arg);
static __thread void *missed_arg;

/*
 * The thread may be about to enter a section, and not know yet that its CPU is
 * seized: see preempt_disable().  An interrupt now would run beside the seizer.
 * Once it is in the section, the seizer waits.
 */
static bool cpu_is_stopped(const struct cpu *c)
{
	return section_depth() &&
	       __atomic_load_n(&c->stop, __ATOMIC_ACQUIRE);
}

void stub_interrupt(bool nmi, void (*fn)(void *arg), void *arg)
{
	struct cpu *c = cpu_here();

	if (nmi) {
		if (cpu_is_stopped(c))
			return;
		c->nmi++;
		fn(arg);
		c->nmi--;
		return;
	}
	if (c->irq_off || c->hardirq || cpu_is_stopped(c)) {
		missed_fn = fn;
		missed_arg = arg;
		c->irq_missed = true;
		return;
	}
	c->hardirq++;
	fn(arg);
	c->hardirq--;
}

/* Interrupts are on again, and one came while they were off. */
void cpu_irq_missed(struct cpu *c)
{
	c->irq_missed = false;
	/* It may have been for a thread that has ended. */
	if (missed_fn && !c->hardirq && !c->nmi)
		stub_interrupt(false, missed_fn, missed_arg);
}
