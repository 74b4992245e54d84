// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel's interrupts: a signal handler calls stub_interrupt(), which
 * plays an interrupt or an NMI on this thread's CPU.  One that comes while
 * interrupts are off is remembered and made up for when they are on again.
 */
#include "cpu.h"

static __thread void (*missed_fn)(void *arg);
static __thread void *missed_arg;

void stub_interrupt(bool nmi, void (*fn)(void *arg), void *arg)
{
	struct cpu *c = cpu_here();

	if (nmi) {
		c->nmi++;
		fn(arg);
		c->nmi--;
		return;
	}
	if (c->irq_off || c->hardirq) {
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
	if (!c->hardirq && !c->nmi)
		stub_interrupt(false, missed_fn, missed_arg);
}
