// SPDX-License-Identifier: GPL-2.0
/*
 * In the middle of something: at an access to shared memory another CPU does
 * what it likes, or an NMI comes.  The program is linked so that the core's calls
 * of stub_interleave() come here first.
 */
#include "detect.h"

/**
 * struct point - where to break in, once
 * @function: where the access is; that of an atomic operation is its own
 * @what: how it begins
 * @fn: what to do before it; NULL: nothing is waited for
 * @arg: its argument
 */
static struct point {
	const char *function;
	const char *what;
	void (*fn)(void *arg);
	void *arg;
} next;

void __wrap_stub_interleave(const char *function, int line, const char *what)
{
	struct point now = next;

	if (now.fn && !strcmp(function, now.function) &&
	    !strncmp(what, now.what, strlen(now.what))) {
		next.fn = NULL;
		now.fn(now.arg);
	}
	__real_stub_interleave(function, line, what);
}

void at_point(const char *function, const char *what, void (*fn)(void *arg),
	      void *arg)
{
	next = (struct point){ function, what, fn, arg };
}

void expect_point_reached(void)
{
	expect(!next.fn, "nothing came by %s, %s", next.function, next.what);
}

void on_cpu(unsigned int cpu, void (*fn)(void *arg), void *arg)
{
	struct cpu *self = this_cpu;

	this_cpu = &cpus[cpu];
	this_cpu->online = true;
	fn(arg);
	this_cpu = self;
}

struct call {
	void (*fn)(void *arg);
	void *arg;
};

static void nmi(void *arg)
{
	struct call *c = arg;

	stub_interrupt(true, c->fn, c->arg);
}

void in_nmi_on(unsigned int cpu, void (*fn)(void *arg), void *arg)
{
	on_cpu(cpu, nmi, &(struct call){ fn, arg });
}
