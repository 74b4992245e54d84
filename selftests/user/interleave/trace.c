// SPDX-License-Identifier: GPL-2.0
/*
 * What is known of a run: its switches, by which it can be played again, and
 * then a line for each thing that happened, with the place in the core.
 */
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "explorer.h"

#define STACK_BYTES	(64UL << 10)

KEPT struct shared *shared;

void trace_init(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (shared == MAP_FAILED)
		stub_bug("no memory for traces");
}

/* This run has failed, and its process ends. */
void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(shared->failure, sizeof(shared->failure), format, args);
	va_end(args);
	_exit(1);
}

void trace_record(const char *what, const void *p, unsigned long pc)
{
	struct record *r = &shared->records[shared->nr_records];
	unsigned long *frame = __builtin_frame_address(0), *up = frame;
	unsigned int n = 0;

	if (shared->nr_records == MAX_RECORDS)
		return;
	shared->nr_records++;
	*r = (struct record){
		.event = shared->events,
		.name = task_now ? task_now->name : "-",
		.cpu = this_cpu->number,
		.what = what,
		.p = p,
		.pc = { pc },
	};
	/* Up the stack: @pc, and from there on its callers. */
	while (pc && n < TRACE_LEVELS && up >= frame &&
	       (char *)up < (char *)frame + STACK_BYTES) {
		if (n || up[1] == pc)
			r->pc[n++] = up[1];
		frame = up + 1;
		up = (unsigned long *)*up;
	}
}

/* The switches in the form that switches_parse() reads. */
void switches_print(void)
{
	unsigned int i;

	for (i = 0; i < shared->nr_switches; i++)
		printf("%s%u:%u", i ? "," : "", shared->switches[i].event,
		       shared->switches[i].task);
}

bool switches_parse(const char *text)
{
	struct chosen *c = shared->switches;
	int used;

	while (c < shared->switches + MAX_SWITCHES &&
	       sscanf(text, "%u:%u%n", &c->event, &c->task, &used) == 2 &&
	       c->task < NR_TASKS) {
		c++;
		text += used;
		text += *text == ',';
	}
	shared->nr_switches = c - shared->switches;
	return !*text && shared->nr_switches;
}
