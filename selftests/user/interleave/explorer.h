/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The explorer: plays a scenario's tasks in every order that matters.
 *
 * A task stands for what a CPU does: a client's calls, a kworker, RCU's
 * callbacks, an interrupt.  All are coroutines of one thread.  The core is
 * compiled as for ThreadSanitizer, so that it calls access.c before each access
 * to memory; there, and where the stub kernel waits, the scheduler decides who
 * goes on.  A run is the list of these choices.
 *
 * search.c tries all of them, depth first, with at most so many preemptions:
 * so are called switches away from a task that could have gone on
 * (M. Musuvathi and S. Qadeer, "Iterative Context Bounding for Systematic
 * Testing of Multithreaded Programs", PLDI 2007).
 *
 * A task is preempted only before an access that conflicts with one of another
 * task and that no lock, section, grace period or queued work orders with it:
 * before any other access a switch makes no difference.  Which accesses
 * conflict is found in the runs, and the search begins anew until no more turn
 * up.
 *
 * Memory is sequentially consistent here: what needs barriers on a machine is
 * not looked for.
 */
#ifndef EXPLORER_H
#define EXPLORER_H

#include <setjmp.h>

#include "lock.h"
#include "work.h"

/* CPUs of a scenario; the slot after them stands for no CPU. */
#define SCENARIO_CPUS		3
#define SPARE_CPU		SCENARIO_CPUS
#define CPU_SLOTS		(SCENARIO_CPUS + 1)

/* For what stays when memory is set back for the next run. */
#define KEPT	__attribute__((__section__("kept")))

/* Tasks of a run, by number: the scenario's, then the stub kernel's. */
#define MAX_CLIENTS		8
#define FIRST_WORKER		MAX_CLIENTS
#define UNBOUND_WORKER		(FIRST_WORKER + SCENARIO_CPUS)
#define CALLBACKS		(UNBOUND_WORKER + 1)
#define NR_TASKS		16

enum task_kind { TASK_PLAIN, TASK_IRQ, TASK_NMI };

/**
 * struct task - what a CPU does
 * @name: for people
 * @kind: what context it is
 * @cpu: where
 * @fn: what it does
 * @may_start: NULL: at once
 * @until: what it waits for; NULL: nothing
 * @arg: of @until
 * @waits: the same in words
 * @below: who had the CPU when this interrupt came
 * @used: takes part in the run
 * @optional: need not take place
 * @roams: may go to another CPU: so where it looks on which it is, and is in no
 *	section, is a point
 * @repeats: may start again when it has ended
 * @started: is under way
 * @done: has ended
 * @at: where it goes on
 */
struct task {
	const char *name;
	enum task_kind kind;
	unsigned int cpu;
	void (*fn)(void);
	bool (*may_start)(struct task *t);
	bool (*until)(void *arg);
	void *arg;
	const char *waits;
	struct task *below;
	bool used;
	bool optional;
	bool roams;
	bool repeats;
	bool started;
	bool done;
	jmp_buf at;
};

/* scheduler.c */
extern struct task tasks[NR_TASKS];
extern struct task *task_now;

void scheduler_init(void);
void scheduler_reset(void);
void scheduler_run(void);
struct task *task_add(const char *name, unsigned int cpu, void (*fn)(void));
void task_point(void);
void task_sync(void);
void task_wait(const char *waits, bool (*until)(void *arg), void *arg);

static inline unsigned int task_number(const struct task *t)
{
	return t - tasks;
}

/* section.c */
struct grace {
	unsigned int waits;
	unsigned long seen[CPU_SLOTS];
};

void section_reset(void);
void section_watch(unsigned int cpu);
void section_ends(void);
void grace_begin(struct grace *g);
bool grace_over(void *g);
void grace_seen(void);

static inline bool cpu_in_section(const struct cpu *c)
{
	return c->preempt || c->irq_off || c->hardirq || c->nmi;
}

/* access.c */
#define CALLER	((unsigned long)__builtin_return_address(0))

extern const char *access_label;

void access_init(void);
void access_reset(void);
void access_ignore(const void *p, size_t size);
void access_task(const void *p, size_t size, bool write, unsigned long pc);
void access_done(const void *p, unsigned long pc);
void __attribute__((__noreturn__))
access_freed(const void *p, unsigned long pc);
bool access_nofault(const void *p, unsigned long pc);
void access_sync(const void *p, const char *what, unsigned long pc);
bool access_found(void);
bool access_learn(void);

/* clock.c */
void clock_reset(void);
void clock_release(const void *object);
void clock_acquire(const void *object);

typedef u16 vector[NR_TASKS];

/* For each task, up to where it and others have happened before its now. */
extern vector clocks[NR_TASKS];

static inline unsigned int clock_of(unsigned int task)
{
	return clocks[task][task];
}

static inline unsigned int clock_seen(unsigned int task)
{
	return clocks[task_number(task_now)][task];
}

/* queue.c */
void queue_reset(void);
void queue_settle(void);
void queue_time_passes(void);

/* memory.c */
#define MEMORY_LINEAR		(4UL << 20)
#define MEMORY_VIRTUAL		(2UL << 20)
#define MEMORY_SIZE		(MEMORY_LINEAR + MEMORY_VIRTUAL)

extern char *memory_start;
extern bool *memory_pages;

void memory_init(void);
void memory_save(void);
void memory_reset(void);
unsigned long memory_taken(void);
unsigned long memory_given(void);

static inline bool memory_is_taken(const void *p)
{
	return memory_pages[((unsigned long)p - (unsigned long)memory_start) /
			    4096];
}

/* The core is about to access memory, in a run or outside of it. */
static inline void access_at(const void *p, size_t size, bool write,
			     unsigned long pc)
{
	if (task_now)
		access_task(p, size, write, pc);
	if ((unsigned long)p - (unsigned long)memory_start < MEMORY_SIZE &&
	    unlikely(!memory_is_taken(p)))
		access_freed(p, pc);
}

/* image.c */
void image_add(void *p, size_t size);
void image_save(void);
void image_restore(void);

/* search.c */
void search_init(void);
void search_begin(unsigned int bound);
unsigned int search_pick(unsigned int n);
bool search_next(void);

/* trace.c */
#define MAX_SWITCHES	1000
#define MAX_RECORDS	100000
#define TRACE_LEVELS	5

/**
 * struct chosen - a switch from one task to another
 * @event: when: events so far
 * @task: to which
 */
struct chosen {
	unsigned int event;
	unsigned int task;
};

/**
 * struct record - something that happened, for people
 * @event: events so far
 * @name: to whom
 * @cpu: where
 * @what: what
 * @p: where in memory
 * @pc: at which place of the core, and its callers
 */
struct record {
	unsigned int event;
	const char *name;
	unsigned int cpu;
	const char *what;
	const void *p;
	unsigned long pc[TRACE_LEVELS];
};

/**
 * struct shared - what remains of a run when its process has died
 * @bound: preemptions allowed
 * @events: so far in this run
 * @preemptions: so far in this run
 * @runs: so far in this search
 * @all_runs: and in those before
 * @contended: places in memory with conflicts
 * @watched_cpus: CPUs whose sections' begins are points
 * @found_cpus: the same, found in this search
 * @complete: all runs within the bound have been played
 * @every: tasks can be preempted before every access
 * @replay: the run is played from @switches
 * @tracing: and recorded
 * @nr_switches: of @switches
 * @switches: of this run
 * @failure: why it failed
 * @nr_records: of @records
 * @records: of this run
 */
struct shared {
	unsigned int bound;
	unsigned int events;
	unsigned int preemptions;
	unsigned long runs;
	unsigned long all_runs;
	unsigned int contended;
	unsigned long watched_cpus;
	unsigned long found_cpus;
	bool complete;
	bool every;
	bool replay;
	bool tracing;
	unsigned int nr_switches;
	struct chosen switches[MAX_SWITCHES];
	char failure[256];
	unsigned int nr_records;
	struct record records[MAX_RECORDS];
};

extern struct shared *shared;

void trace_init(void);
void trace_record(const char *what, const void *p, unsigned long pc);
void trace_print(void);
void switches_print(void);
bool switches_parse(const char *text);
void __attribute__((__noreturn__)) __printf(1, 2) fail(const char *format, ...);

static inline void trace_add(const char *what, const void *p,
			     unsigned long pc)
{
	if (unlikely(shared->tracing))
		trace_record(what, p, pc);
}

#endif /* EXPLORER_H */
