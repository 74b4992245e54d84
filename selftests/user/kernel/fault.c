// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel's page fault handler: a load that is listed in the exception
 * table goes on with -EFAULT in its register (see extable.h); any other fault
 * is fatal, as it would have been.
 */
#include <signal.h>
#include <ucontext.h>

#include "cpu.h"
#include "extable.h"

extern const struct stub_extable __start_stub_extable[];
extern const struct stub_extable __stop_stub_extable[];

static struct sigaction before;

/* In the order in which the processor counts registers. */
static const int registers[] = {
	REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
	REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
};

static void fault(int signal, siginfo_t *info, void *context)
{
	ucontext_t *c = context;
	greg_t *regs = c->uc_mcontext.gregs;
	const struct stub_extable *e;

	for (e = __start_stub_extable; e < __stop_stub_extable; e++) {
		if ((greg_t)&e->from + e->from != regs[REG_RIP])
			continue;
		regs[REG_RIP] = (greg_t)&e->to + e->to;
		regs[registers[e->reg]] = -EFAULT;
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
