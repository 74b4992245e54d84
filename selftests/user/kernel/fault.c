// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel's page fault handler: an access that is listed in the exception
 * table goes on where that says (see extable.h); any other fault is fatal, as it
 * would have been.
 */
#include <signal.h>
#include <ucontext.h>

#include "cpu.h"
#include "extable.h"

extern const struct stub_extable __start_stub_extable[];
extern const struct stub_extable __stop_stub_extable[];

static struct sigaction before;

static void fault(int signal, siginfo_t *info, void *context)
{
	ucontext_t *c = context;
	greg_t *regs = c->uc_mcontext.gregs;
	const struct stub_extable *e;

	for (e = __start_stub_extable; e < __stop_stub_extable; e++) {
		if ((greg_t)&e->from + e->from != regs[REG_RIP])
			continue;
		regs[REG_RIP] = (greg_t)&e->to + e->to;
		return;
	}
	/* The access is made again, and this time nobody helps. */
	sigaction(signal, &before, NULL);
}

void stub_fault_init(void)
{
	struct sigaction action = {
		.sa_sigaction = fault,
		.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK,
	};

	sigaction(SIGSEGV, &action, &before);
}

bool stub_on_stack(const void *p)
{
	char here;

	return (unsigned long)p - (unsigned long)&here < 1 << 20;
}

/* Below the first mapping; the rest is the stub kernel's. */
unsigned long stub_user_end(void)
{
	return 1UL << 20;
}
