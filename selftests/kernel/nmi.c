// SPDX-License-Identifier: GPL-2.0
/*
 * Calling a function in NMI context: an NMI handler of our own, and an NMI
 * sent to a CPU as an inter-processor interrupt.  One call at a time for each
 * CPU; the handler takes the call by exchange, so an NMI that is not ours
 * finds none and is passed on.
 */
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/percpu.h>

#include "nmi.h"

#ifdef CONFIG_X86_LOCAL_APIC
#include <asm/apic.h>
#include <asm/nmi.h>

struct nmi_call {
	void (*fn)(void *arg);
	void *arg;
	bool done;
};

static DEFINE_PER_CPU(struct nmi_call *, nmi_calls);
static bool usable;

static int nmi_handler(unsigned int type, struct pt_regs *regs)
{
	struct nmi_call *call = this_cpu_xchg(nmi_calls, NULL);

	if (!call)
		return NMI_DONE;
	call->fn(call->arg);
	/* Pairs with wait_done(): then what @fn wrote is there. */
	smp_store_release(&call->done, true);
	return NMI_HANDLED;
}

static bool wait_done(struct nmi_call *call)
{
	ktime_t end = ktime_add_ms(ktime_get(), 2000);

	/* Pairs with nmi_handler(). */
	while (!smp_load_acquire(&call->done)) {
		if (ktime_after(ktime_get(), end))
			return false;
		cpu_relax();
	}
	return true;
}

/*
 * Call @fn on @cpu in NMI context and wait for it; false if it did not come.
 * Preemption is off so that a call for this very CPU is seen by its owner.
 */
bool nmi_run(unsigned int cpu, void (*fn)(void *arg), void *arg)
{
	struct nmi_call call = { .fn = fn, .arg = arg };
	struct nmi_call **slot = per_cpu_ptr(&nmi_calls, cpu);
	bool done;

	preempt_disable();
	/* The call is complete before the handler can take it by xchg. */
	smp_store_release(slot, &call);
	apic->send_IPI(cpu, NMI_VECTOR);
	done = wait_done(&call);
	/* Too late is late: wait for a handler that has just taken it. */
	if (!done && !xchg(slot, NULL))
		done = wait_done(&call);
	preempt_enable();
	return done;
}

static void note_nmi(void *arg)
{
	*(bool *)arg = in_nmi();
}

int nmi_open(void)
{
	bool seen = false;
	int err;

	if (!apic || !apic->send_IPI)
		return 0;
	err = register_nmi_handler(NMI_LOCAL, nmi_handler, 0, KBUILD_MODNAME);
	if (err)
		return err;
	usable = nmi_run(raw_smp_processor_id(), note_nmi, &seen) && seen;
	if (!usable)
		unregister_nmi_handler(NMI_LOCAL, KBUILD_MODNAME);
	return 0;
}

void nmi_close(void)
{
	if (usable)
		unregister_nmi_handler(NMI_LOCAL, KBUILD_MODNAME);
	usable = false;
}

bool nmi_works(void)
{
	return usable;
}
#else
int nmi_open(void)
{
	return 0;
}

void nmi_close(void)
{
}

bool nmi_works(void)
{
	return false;
}

bool nmi_run(unsigned int cpu, void (*fn)(void *arg), void *arg)
{
	return false;
}
#endif
