// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel's CPUs as far as threads and steps share them: per-CPU data,
 * masks, hotplug's callback, and how the stub reports a bug.
 */
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lock.h"
#include "mm.h"

/* Bytes of per-CPU data for each CPU. */
#ifndef PERCPU_SIZE
#define PERCPU_SIZE		(16 << 10)
#endif

struct cpu cpus[STUB_SLOTS];
__thread struct cpu *this_cpu;
unsigned int nr_cpus = 4;
unsigned int nr_node_ids = 1;

static int (*cpu_dead)(unsigned int cpu);

/* The section of per-CPU variables, and behind it what was allocated. */
extern char __start_stub_percpu[], __stop_stub_percpu[];
static char *percpu_areas;
static raw_spinlock_t percpu_lock;
static size_t percpu_next;
static void *percpu_freed[PERCPU_SIZE / 8];
static size_t percpu_nr_freed;

void stub_bug(const char *format, ...)
{
	char text[256];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text) - 1, format, args);
	va_end(args);
	text[n++] = '\n';
	if (write(STDERR_FILENO, "BUG: ", 5) + write(STDERR_FILENO, text, n))
		abort();
	abort();
}

/* Before any CPU is up. */
void cpu_set_possible(unsigned int nr)
{
	size_t i, size = __stop_stub_percpu - __start_stub_percpu;

	if (nr < 1 || nr > STUB_CPUS)
		stub_bug("the stub has 1 to %d CPUs, not %u", STUB_CPUS, nr);
	if (!percpu_areas) {
		percpu_areas = mmap(NULL, (size_t)(STUB_CPUS + 1) * PERCPU_SIZE,
				    PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
				    -1, 0);
		if (percpu_areas == MAP_FAILED)
			stub_bug("no memory for per-CPU data");
		percpu_next = ALIGN(size, 16);
	}
	nr_cpus = nr;
	for (i = 0; i <= nr; i++) {
		cpus[i].number = i;
		cpus[i].offset = (unsigned long)percpu_areas +
				 cpus[i].number * PERCPU_SIZE -
				 (unsigned long)__start_stub_percpu;
	}
}

unsigned int num_online_cpus(void)
{
	unsigned int cpu, n = 0;

	for (cpu = 0; cpu < nr_cpus; cpu++)
		n += cpu_online(cpu);
	return n;
}

/* Nothing in the stub needs CPUs to stay. */
void cpus_read_lock(void)
{
	might_sleep();
}

void cpus_read_unlock(void)
{
}

int cpuhp_setup_state(int state, const char *name,
		      int (*startup)(unsigned int cpu),
		      int (*teardown)(unsigned int cpu))
{
	cpu_dead = teardown;
	return 1;
}

/* A CPU is down: the module is told. */
void cpuhp_dead(unsigned int cpu)
{
	if (cpu_dead)
		cpu_dead(cpu);
}

void cpuhp_remove_state_nocalls(int state)
{
	cpu_dead = NULL;
}

void *stub_alloc_percpu(size_t size)
{
	unsigned int cpu;
	unsigned long flags;
	char *p;

	if (size > 8)
		stub_bug("per-CPU data of %zu bytes", size);
	if (stub_slab_fails(GFP_KERNEL))
		return NULL;
	raw_spin_lock_irqsave(&percpu_lock, flags);
	if (percpu_nr_freed) {
		p = percpu_freed[--percpu_nr_freed];
	} else {
		p = __start_stub_percpu + percpu_next;
		percpu_next += 8;
		if (percpu_next > PERCPU_SIZE)
			stub_bug("no room for per-CPU data");
	}
	raw_spin_unlock_irqrestore(&percpu_lock, flags);
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		memset(stub_percpu(p, &cpus[cpu]), 0, 8);
	return p;
}

void free_percpu(void *p)
{
	unsigned long flags;

	if (!p)
		return;
	raw_spin_lock_irqsave(&percpu_lock, flags);
	percpu_freed[percpu_nr_freed++] = p;
	raw_spin_unlock_irqrestore(&percpu_lock, flags);
}
