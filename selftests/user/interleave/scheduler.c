// SPDX-License-Identifier: GPL-2.0
/*
 * The scheduler: tasks as coroutines, and who of them goes on.
 *
 * A CPU is held by the task that ran on it last.  While that is in a section
 * only an interrupt can have the CPU instead, which then runs to its end first.
 */
#include <sys/mman.h>
#include <ucontext.h>

#include "explorer.h"

#define STACK_SIZE	(128UL << 10)
/* A run with more events than that does not end. */
#define MAX_EVENTS	1000000

KEPT struct task tasks[NR_TASKS];
KEPT struct task *task_now;
static KEPT struct task *holders[CPU_SLOTS];
static KEPT jmp_buf main_at;
static KEPT unsigned int nr_clients;
static KEPT unsigned int next_switch;

static noinline void jump(jmp_buf *from, jmp_buf *to)
{
	if (!_setjmp(*from))
		_longjmp(*to, 1);
}

static bool task_can_run(struct task *t)
{
	struct cpu *c = &cpus[t->cpu];

	if (!t->used || t->done)
		return false;
	if (!t->started && t->may_start && !t->may_start(t))
		return false;
	if (t->until && !t->until(t->arg))
		return false;
	if (t->started && holders[t->cpu] == t)
		return true;
	if (t->kind == TASK_PLAIN)
		return !cpu_in_section(c);
	return !t->started && !c->nmi &&
	       (t->kind == TASK_NMI || (!c->hardirq && !c->irq_off));
}

/* Who can go on, @self first: how many they are. */
static unsigned int candidates(struct task *self, struct task **list)
{
	unsigned int n = 0;
	struct task *t;

	if (self)
		list[n++] = self;
	for (t = tasks; t < tasks + NR_TASKS; t++)
		if (t != self && task_can_run(t))
			list[n++] = t;
	return n;
}

static struct task *choose(struct task *self)
{
	struct task *list[NR_TASKS], *t;
	unsigned int n = candidates(self, list);

	if (!n)
		return NULL;
	t = list[n > 1 ? search_pick(n) : 0];
	if (self && t != self)
		shared->preemptions++;
	return t;
}

/* As recorded; where nothing is, @self or the first that can. */
static struct task *replay(struct task *self)
{
	struct chosen *c = &shared->switches[next_switch];
	struct task *list[NR_TASKS];

	if (next_switch < shared->nr_switches && c->event == shared->events) {
		next_switch++;
		if (&tasks[c->task] != self && !task_can_run(&tasks[c->task]))
			fail("task %u cannot go on at event %u: the switches are not of this run",
			     c->task, c->event);
		return &tasks[c->task];
	}
	if (self)
		return self;
	return candidates(NULL, list) ? list[0] : NULL;
}

static void record_switch(struct task *t)
{
	if (shared->replay)
		return;
	if (shared->nr_switches == MAX_SWITCHES)
		fail("more than %d switches", MAX_SWITCHES);
	shared->switches[shared->nr_switches++] = (struct chosen){
		.event = shared->events,
		.task = task_number(t),
	};
}

/* @t is about to go on, and to start if it has not. */
static void enter(struct task *t)
{
	struct cpu *c = &cpus[t->cpu];

	record_switch(t);
	task_now = t;
	this_cpu = c;
	t->until = NULL;
	if (!t->started) {
		t->started = true;
		t->below = holders[t->cpu];
		c->hardirq += t->kind == TASK_IRQ;
		c->nmi += t->kind == TASK_NMI;
	}
	holders[t->cpu] = t;
}

static void leave(struct task *t)
{
	struct cpu *c = &cpus[t->cpu];

	t->started = false;
	t->done = !t->repeats;
	if (t->kind == TASK_PLAIN) {
		if (cpu_in_section(c))
			fail("%s ends in a section", t->name);
		return;
	}
	c->hardirq -= t->kind == TASK_IRQ;
	c->nmi -= t->kind == TASK_NMI;
	holders[t->cpu] = t->below;
	if (!cpu_in_section(c))
		section_ends();
}

/* Another task goes on, @self when it is chosen again. */
static void switch_from(struct task *self, bool can_go_on)
{
	struct task *next;

	if (shared->replay)
		next = replay(can_go_on ? self : NULL);
	else
		next = choose(can_go_on ? self : NULL);
	if (next == self && can_go_on)
		return;
	if (next)
		enter(next);
	else
		task_now = NULL;
	if (next != self)
		jump(&self->at, next ? &next->at : &main_at);
}

static void count_event(void)
{
	if (++shared->events > MAX_EVENTS)
		fail("more than %d events: a loop", MAX_EVENTS);
}

/* Somebody else may go on here; the caller has counted an event. */
void task_point(void)
{
	if (shared->replay || shared->preemptions < shared->bound)
		switch_from(task_now, true);
}

/* The same, as an event of its own. */
void task_sync(void)
{
	count_event();
	task_point();
}

void task_wait(const char *waits, bool (*until)(void *arg), void *arg)
{
	struct task *self = task_now;

	if (until(arg))
		return;
	count_event();
	trace_add(waits, arg, CALLER);
	self->waits = waits;
	self->until = until;
	self->arg = arg;
	switch_from(self, false);
	trace_add("goes on", arg, CALLER);
}

static void task_main(int number)
{
	struct task *t = &tasks[number];

	jump(&t->at, &main_at);
	for (;;) {
		trace_add("begins", NULL, 0);
		t->fn();
		trace_add("ends", NULL, 0);
		count_event();
		leave(t);
		switch_from(t, false);
	}
}

static void task_create(unsigned int number)
{
	static KEPT ucontext_t context, unused;
	void *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (stack == MAP_FAILED || getcontext(&context))
		stub_bug("no memory for a stack");
	context.uc_stack.ss_sp = stack;
	context.uc_stack.ss_size = STACK_SIZE;
	makecontext(&context, (void (*)(void))task_main, 1, number);
	if (!_setjmp(main_at))
		swapcontext(&unused, &context);
}

void scheduler_init(void)
{
	unsigned int i;

	for (i = 0; i < NR_TASKS; i++)
		task_create(i);
}

void scheduler_reset(void)
{
	unsigned int i;

	for (i = 0; i < NR_TASKS; i++) {
		struct task *t = &tasks[i];

		t->used = false;
		t->started = false;
		t->done = false;
		t->repeats = false;
		t->optional = false;
		t->roams = false;
		t->kind = TASK_PLAIN;
		t->may_start = NULL;
		t->until = NULL;
	}
	memset(holders, 0, sizeof(holders));
	nr_clients = 0;
	next_switch = 0;
	task_now = NULL;
}

struct task *task_add(const char *name, unsigned int cpu, void (*fn)(void))
{
	struct task *t = &tasks[nr_clients++];

	if (nr_clients > MAX_CLIENTS)
		stub_bug("more than %d tasks", MAX_CLIENTS);
	t->name = name;
	t->cpu = cpu;
	t->fn = fn;
	t->used = true;
	cpus[cpu].online = true;
	return t;
}

/* Until nobody can go on. */
void scheduler_run(void)
{
	struct cpu *before = this_cpu;
	struct task *t = shared->replay ? replay(NULL) : choose(NULL);

	if (t) {
		enter(t);
		jump(&main_at, &t->at);
	}
	this_cpu = before;
	for (t = tasks; t < tasks + MAX_CLIENTS; t++)
		if (t->used && !t->done && !t->optional)
			fail("deadlock: %s waits: %s", t->name,
			     t->started ? t->waits : "to start");
}
