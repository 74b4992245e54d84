// SPDX-License-Identifier: GPL-2.0
/*
 * Each access to memory: is the memory there, and does the order matter?
 *
 * Memory is looked at in cells of 4 bytes.  Two accesses to a cell conflict if
 * they are different tasks', one of them writes, and neither has happened
 * before the other by clock.c, which knows nothing of atomic operations and
 * plain flags.  Before accesses to cells with conflicts tasks are preempted.
 *
 * Watched are the module's variables, per-CPU data and what memory.c gives.
 */
#include <sys/mman.h>

#include "explorer.h"

#define CELL		4

#define IGNORED		1	/* does not matter: see access_ignore() */
#define CONFLICT	2	/* tasks are preempted here */
#define FOUND		4	/* conflict, not known when the search began */

/**
 * struct cell - who has accessed 4 bytes in this run
 * @run: in which it was last
 * @written: clock of the task that wrote last, 0: none
 * @read: clock of @sole at its last read, 0: none
 * @sole: the only task that has; SHARED: more than one, and then their clocks
 *	at their last reads are in a vector of its own
 * @writer: the task that wrote last
 */
struct cell {
	unsigned int run;
	u16 written;
	u16 read;
	u8 sole;
	u8 writer;
};

#define SHARED	NR_TASKS

#define NR_REGIONS	3

struct region {
	unsigned long start;
	unsigned long size;
	unsigned long first;
};

extern char __data_start[], _end[], __start_stub_percpu[];

KEPT const char *access_label;
static KEPT struct region regions[NR_REGIONS];
static KEPT struct cell *cells;
static KEPT vector *reads;
static KEPT u8 *flags;
static KEPT unsigned long nr_cells;
static KEPT unsigned int nr_found;
static KEPT unsigned int run;

static void *reserve(size_t size, int kind)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       kind | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		stub_bug("no address space for %zu bytes", size);
	return p;
}

static void region_add(struct region *r, const void *start, size_t size)
{
	*r = (struct region){ (unsigned long)start, size, nr_cells };
	nr_cells += size / CELL + 1;
}

/* After memory and per-CPU data are set up. */
void access_init(void)
{
	size_t percpu = cpus[1].offset - cpus[0].offset;

	region_add(&regions[0], memory_start, MEMORY_SIZE);
	region_add(&regions[1], __data_start, _end - __data_start);
	region_add(&regions[2], per_cpu_ptr(&__start_stub_percpu[0], 0),
		   CPU_SLOTS * percpu);
	cells = reserve(nr_cells * sizeof(*cells), MAP_PRIVATE);
	reads = reserve(nr_cells * sizeof(*reads), MAP_PRIVATE);
	flags = reserve(nr_cells, MAP_SHARED);
}

void access_reset(void)
{
	run++;
}

static __always_inline long cell_of(const void *p)
{
	const struct region *r;

	for (r = regions; r < regions + NR_REGIONS; r++)
		if ((unsigned long)p - r->start < r->size)
			return r->first +
			       ((unsigned long)p - r->start) / CELL;
	return -1;
}

/*
 * The order of accesses here does not matter: they add to a figure that the
 * core only prints, or are the stub kernel's own.
 */
void access_ignore(const void *p, size_t size)
{
	long i = cell_of(p), last = cell_of((char *)p + size - 1);

	for (; i >= 0 && i <= last; i++)
		flags[i] |= IGNORED;
}

static void conflict(long i)
{
	if (flags[i] & (CONFLICT | FOUND))
		return;
	flags[i] |= FOUND;
	nr_found++;
}

/* Conflicts were found that were not known when the search began. */
bool access_found(void)
{
	return nr_found || shared->found_cpus;
}

/* They are known in the next search; true if there are any. */
bool access_learn(void)
{
	bool any = access_found();
	unsigned long i;

	for (i = 0; any && i < nr_cells; i++)
		if (flags[i] & FOUND)
			flags[i] = CONFLICT;
	shared->contended += nr_found;
	shared->watched_cpus |= shared->found_cpus;
	shared->found_cpus = 0;
	nr_found = 0;
	return any;
}

/* Another task comes; true if there is a conflict. */
static bool note_shared(long i, unsigned int self, bool write)
{
	struct cell *c = &cells[i];
	bool bad = c->written && c->writer != self &&
		   c->written > clock_seen(c->writer);
	unsigned int t;

	if (c->sole != SHARED) {
		memset(reads[i], 0, sizeof(reads[i]));
		reads[i][c->sole] = c->read;
		c->sole = SHARED;
	}
	for (t = 0; write && t < NR_TASKS; t++)
		bad |= t != self && reads[i][t] > clock_seen(t);
	if (!write)
		reads[i][self] = clock_of(self);
	return bad;
}

static void note(long i, bool write)
{
	unsigned int self = task_number(task_now);
	struct cell *c = &cells[i];

	if (c->run != run)
		*c = (struct cell){ .run = run, .sole = self };
	if (c->sole != self && note_shared(i, self, write))
		conflict(i);
	if (write) {
		c->writer = self;
		c->written = clock_of(self);
	} else {
		c->read = clock_of(self);
	}
}

void access_freed(const void *p, unsigned long pc)
{
	trace_add("touches freed memory", p, pc);
	fail("touches freed memory at %p", p);
}

static void event(u8 flag)
{
	if (flag & CONFLICT || shared->every)
		task_sync();
	else
		shared->events++;
}

static void access_trace(long first, long last, const char *what,
			 const void *p, unsigned long pc)
{
	for (; first <= last; first++)
		if (flags[first] & (CONFLICT | FOUND)) {
			trace_add(what, p, pc);
			break;
		}
}

static void access_cells(long first, long last, const char *what, bool write,
			 const void *p, unsigned long pc)
{
	long i;

	for (i = first; i <= last; i++)
		note(i, write);
	access_trace(first, last, what, p, pc);
}

/* The core is about to access memory, in a run. */
void access_task(const void *p, size_t size, bool write, unsigned long pc)
{
	long first = cell_of(p), last, i;
	u8 any = 0;

	if (p == &this_cpu && task_now->roams && !cpu_in_section(this_cpu))
		task_sync();
	if (first < 0 || flags[first] & IGNORED)
		return;
	last = cell_of((char *)p + size - 1);
	for (i = first; i <= last; i++)
		any |= flags[i];
	event(any);
	access_cells(first, last, access_label ? : write ? "write" : "read",
		     write, p, pc);
	access_label = NULL;
}

/* The stub kernel has written to what the core may look at. */
void access_done(const void *p, unsigned long pc)
{
	long i = cell_of(p);

	if (i >= 0 && task_now)
		access_cells(i, i, "write", true, p, pc);
}

/* A word that may not be there is about to be read; is it? */
bool access_nofault(const void *p, unsigned long pc)
{
	if (cell_of(p) < 0)
		return false;
	if (task_now)
		access_task(p, sizeof(long), false, pc);
	return memory_is_taken(p);
}

/* A lock is about to be taken, at which tasks meet by intent. */
void access_sync(const void *p, const char *what, unsigned long pc)
{
	long i = cell_of(p);

	if (i < 0 || !task_now)
		return;
	event(flags[i]);
	note(i, true);
	if (cells[i].sole == SHARED)
		conflict(i);
	access_trace(i, i, what, p, pc);
}
