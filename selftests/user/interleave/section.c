// SPDX-License-Identifier: GPL-2.0
/*
 * Sections with preemption off, and RCU, whose grace periods wait for them.
 *
 * The begin of a section is a point at which tasks are preempted where that
 * matters: on a CPU with more than one task, and when a grace period is waited
 * for.
 */
#include "explorer.h"

#define MAX_CALLBACKS	64

/**
 * struct callback - waits for a grace period
 * @head: of whom
 * @grace: its grace period
 */
struct callback {
	struct rcu_head *head;
	struct grace grace;
};

static KEPT unsigned int users[CPU_SLOTS];
static KEPT unsigned long ended[CPU_SLOTS];
static KEPT struct callback callbacks[MAX_CALLBACKS];
static KEPT unsigned int first_callback;
static KEPT unsigned int nr_callbacks;

static bool callbacks_ready(struct task *t)
{
	return first_callback < nr_callbacks &&
	       grace_over(&callbacks[first_callback].grace);
}

static void callback_run(void)
{
	struct rcu_head *head = callbacks[first_callback++].head;

	clock_acquire(head);
	grace_seen();
	head->func(head);
}

void section_reset(void)
{
	struct task *t = &tasks[CALLBACKS];

	memset(users, 0, sizeof(users));
	memset(ended, 0, sizeof(ended));
	first_callback = 0;
	nr_callbacks = 0;
	t->name = "callbacks";
	t->cpu = SPARE_CPU;
	t->fn = callback_run;
	t->may_start = callbacks_ready;
	t->used = true;
	t->repeats = true;
}

/* The sections of a CPU matter, whoever is on it. */
void section_watch(unsigned int cpu)
{
	shared->found_cpus |= BIT(cpu) & ~shared->watched_cpus;
}

static void uses(unsigned int cpu)
{
	users[cpu] |= BIT(task_number(task_now));
	if (hweight_long(users[cpu]) > 1)
		section_watch(cpu);
}

static unsigned int slot(void)
{
	return this_cpu - cpus;
}

static void section_trace(const char *what, unsigned long pc)
{
	if ((shared->watched_cpus | shared->found_cpus) & BIT(slot()))
		trace_add(what, NULL, pc);
}

static void section_begins(unsigned long pc)
{
	if (shared->watched_cpus & BIT(slot()) || shared->every)
		task_sync();
	else
		shared->events++;
	uses(slot());
	clock_acquire(this_cpu);
	section_trace("section begins", pc);
}

void section_ends(void)
{
	ended[slot()]++;
	clock_release(this_cpu);
	section_trace("section ends", CALLER);
}

void preempt_disable(void)
{
	if (task_now && !cpu_in_section(this_cpu))
		section_begins(CALLER);
	this_cpu->preempt++;
}

void preempt_enable(void)
{
	if (--this_cpu->preempt < 0)
		stub_bug("a section ends that did not begin");
	if (task_now && !cpu_in_section(this_cpu))
		section_ends();
}

/* A grace period begins: it waits for all sections that are on. */
void grace_begin(struct grace *g)
{
	unsigned int i;

	g->waits = 0;
	for (i = 0; i < CPU_SLOTS; i++) {
		uses(i);
		if (!cpu_in_section(&cpus[i]))
			continue;
		g->waits |= BIT(i);
		g->seen[i] = ended[i];
	}
}

bool grace_over(void *arg)
{
	struct grace *g = arg;
	unsigned int i;

	for (i = 0; i < CPU_SLOTS; i++)
		if (g->waits & BIT(i) && ended[i] == g->seen[i])
			return false;
	return true;
}

/* All sections that a grace period waited for have happened before. */
void grace_seen(void)
{
	unsigned int i;

	for (i = 0; i < CPU_SLOTS; i++)
		clock_acquire(&cpus[i]);
}

void stub_synchronize_rcu(void)
{
	struct grace g;

	might_sleep();
	if (!task_now)
		return;
	task_sync();
	trace_add("grace period begins", NULL, CALLER);
	grace_begin(&g);
	task_wait("waits for the grace period", grace_over, &g);
	grace_seen();
}

void stub_call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	struct callback *c;

	if (in_nmi())
		stub_bug("call_rcu() in an NMI");
	if (task_now)
		task_sync();
	if (nr_callbacks == MAX_CALLBACKS)
		stub_bug("more than %d callbacks", MAX_CALLBACKS);
	head->func = func;
	c = &callbacks[nr_callbacks++];
	c->head = head;
	c->grace.waits = 0;
	if (!task_now)
		return;
	grace_begin(&c->grace);
	clock_release(head);
	trace_add("call_rcu", head, CALLER);
}

static bool callbacks_done(void *arg)
{
	return first_callback >= (unsigned long)arg &&
	       !tasks[CALLBACKS].started;
}

void stub_rcu_barrier(void)
{
	might_sleep();
	if (task_now)
		task_wait("waits for callbacks", callbacks_done,
			  (void *)(unsigned long)nr_callbacks);
	while (!task_now && first_callback < nr_callbacks)
		callback_run();
}
