// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel's CPUs as threads: see cpu.h.  Any thread; cpus_lock covers
 * who has which slot, and each slot's seizing has a lock of its own, inside that.
 */
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "futex.h"
#include "lock.h"
#include "work.h"

static struct stub_lock cpus_lock;
static struct stub_lock seize_locks[STUB_SLOTS];
static unsigned int slots_used;
static __thread unsigned int ending_round;
static pthread_key_t thread_key;
static bool started;

/*
 * The C library calls the destructors of a thread's keys in so many rounds, as
 * long as there are values.  In the last but one the thread's CPU goes down, so
 * that what others' destructors free before finds it up; in the last the thread
 * gives up the slot of none that it needs for that, and liburcu's destructor
 * comes along after both.
 */
#ifdef __SANITIZE_THREAD__
/* ThreadSanitizer gives a thread up in the very last. */
#define LAST_ROUND	(PTHREAD_DESTRUCTOR_ITERATIONS - 1)
#else
#define LAST_ROUND	PTHREAD_DESTRUCTOR_ITERATIONS
#endif

static void membarrier(int command)
{
	if (syscall(SYS_membarrier, command, 0, 0))
		stub_bug("this kernel lacks a private expedited barrier");
}

static void slot_release(struct cpu *c)
{
	stub_lock(&cpus_lock);
	c->used = false;
	/* Whoever seizes a CPU that is going down may be looking. */
	__atomic_store_n(&c->reader, NULL, __ATOMIC_RELEASE);
	stub_unlock(&cpus_lock);
}

static void thread_ends(void *arg)
{
	struct cpu *c = this_cpu;

	if (!c)
		return;
	if (++ending_round < LAST_ROUND - 1 ||
	    (ending_round < LAST_ROUND && c->number == (int)nr_cpus)) {
		pthread_setspecific(thread_key, c);
		return;
	}
	if (c->number < (int)nr_cpus)
		cpu_down(c->number);
	else
		this_cpu = NULL;
	slot_release(c);
	if (syscall(SYS_gettid) == getpid())
		work_leave();
}

/* Nothing of the calling thread is left that would end another attachment. */
bool thread_is_over(void)
{
	return !this_cpu && ending_round >= LAST_ROUND;
}

static struct cpu *slot_take(unsigned int from, unsigned int to)
{
	unsigned int i;

	for (i = from; i < to; i++)
		if (!cpus[i].used)
			break;
	if (i == to)
		return NULL;
	if (i > nr_cpus) {
		cpus[i].offset = cpus[nr_cpus].offset;
		cpus[i].number = nr_cpus;
	}
	cpus[i].used = true;
	cpus[i].thread = syscall(SYS_gettid);
	slots_used = max(slots_used, i + 1);
	return &cpus[i];
}

/*
 * A thread that attaches when its keys' destructors have run keeps its slot when
 * it ends: such slots are found when there are no others.
 */
static void slots_reclaim(void)
{
	int error = errno;
	unsigned int i;

	for (i = 0; i < slots_used; i++)
		if (cpus[i].used &&
		    syscall(SYS_tgkill, getpid(), cpus[i].thread, 0))
			cpus[i].used = false;
	errno = error;
}

static void slot_attach(bool spare)
{
	struct cpu *c = NULL;

	stub_lock(&cpus_lock);
	if (!started) {
		membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
		/* Before liburcu's constructor has run, this has it find out. */
		urcu_bp_register_thread();
		if (!urcu_bp_has_sys_membarrier)
			stub_bug("liburcu finds no membarrier");
		pthread_key_create(&thread_key, thread_ends);
		started = true;
	}
	if (!spare)
		c = slot_take(0, nr_cpus);
	if (!c)
		c = slot_take(nr_cpus, STUB_SLOTS);
	if (!c) {
		slots_reclaim();
		c = slot_take(nr_cpus, STUB_SLOTS);
	}
	if (!c)
		stub_bug("more than %d threads", STUB_SLOTS);
	if (c->number < (int)nr_cpus)
		__atomic_store_n(&c->online, true, __ATOMIC_RELAXED);
	stub_unlock(&cpus_lock);
	this_cpu = c;
	section_register();
	pthread_setspecific(thread_key, c);
}

/* The calling thread becomes a CPU, or none if there are too many. */
struct cpu *cpu_attach(void)
{
	slot_attach(ending_round);
	return this_cpu;
}

/* The calling thread stands for no CPU. */
void cpu_attach_spare(void)
{
	if (!this_cpu)
		slot_attach(true);
}

/*
 * liburcu does not know the calling thread, not yet or, when the thread ends, not
 * any more.  The seizer of its CPU that does not see this is seen by the thread
 * when it enters its first section.
 */
void section_register(void)
{
	if (!urcu_bp_reader)
		urcu_bp_register();
	__atomic_store_n(&this_cpu->reader, urcu_bp_reader, __ATOMIC_RELEASE);
}

/* The calling thread, about to enter a section, finds its CPU seized. */
void section_wait(void)
{
	struct urcu_bp_reader *r = urcu_bp_reader;
	struct cpu *c = this_cpu;
	int stop;

	do {
		__atomic_store_n(&r->ctr, 0, __ATOMIC_RELEASE);
		while ((stop = __atomic_load_n(&c->stop, __ATOMIC_ACQUIRE)))
			futex_wait(&c->stop, stop);
		__atomic_store_n(&r->ctr, urcu_bp_gp.ctr, __ATOMIC_RELAXED);
		barrier();
	} while (__atomic_load_n(&c->stop, __ATOMIC_ACQUIRE));
}

/* Keep the thread of a slot out of sections from now on. */
static void slot_stop(unsigned int slot)
{
	struct cpu *c = &cpus[slot];

	stub_lock(&seize_locks[slot]);
	__atomic_store_n(&c->stop, 1, __ATOMIC_SEQ_CST);
}

static bool slot_in_section(const struct cpu *c)
{
	struct urcu_bp_reader *r = __atomic_load_n(&c->reader, __ATOMIC_ACQUIRE);

	return r && __atomic_load_n(&r->ctr, __ATOMIC_ACQUIRE) &
		    URCU_BP_GP_CTR_NEST_MASK;
}

/* After a membarrier: wait until it is in none. */
static void slot_quiesce(unsigned int slot)
{
	struct cpu *c = &cpus[slot];
	int spins = 0;

	while (slot_in_section(c))
		if (++spins < 100)
			__builtin_ia32_pause();
		else
			sched_yield();
	__tsan_acquire(c);
}

void cpu_release(unsigned int cpu)
{
	struct cpu *c = &cpus[cpu];

	__atomic_store_n(&c->stop, 0, __ATOMIC_RELEASE);
	futex_wake(&c->stop);
	stub_unlock(&seize_locks[cpu]);
}

/*
 * Take a CPU from its thread.  @alias: what the caller is while it has it; it
 * makes itself that, and what it was again before it releases the CPU.
 */
void cpu_seize(unsigned int cpu, struct cpu *alias)
{
	slot_stop(cpu);
	membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
	slot_quiesce(cpu);
	*alias = (struct cpu){
		.offset = cpus[cpu].offset,
		.number = cpus[cpu].number,
	};
}

/* Run @fn on a CPU; at once if that is this thread's. */
void cpu_run_on(unsigned int cpu, void (*fn)(void *arg), void *arg)
{
	struct cpu *self = cpu_here(), alias;

	if (self == &cpus[cpu]) {
		fn(arg);
		return;
	}
	cpu_seize(cpu, &alias);
	this_cpu = &alias;
	fn(arg);
	this_cpu = self;
	cpu_release(cpu);
}

/**
 * cpus_freeze() - keep every other thread out of sections, and out of this CPU
 *
 * Before a fork: what the child sees of the other CPUs is whole then.
 */
void cpus_freeze(void)
{
	unsigned int i;

	stub_lock(&cpus_lock);
	for (i = 0; i < slots_used; i++)
		if (&cpus[i] == this_cpu)
			stub_lock(&seize_locks[i]);
		else
			slot_stop(i);
	membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
	for (i = 0; i < slots_used; i++)
		if (&cpus[i] != this_cpu)
			slot_quiesce(i);
}

/*
 * After it.  @alone: in the child, where the other threads are gone.  Their CPUs
 * stay up until another thread takes them or cpus_bury() comes by; so does one
 * that was about to go down.
 */
void cpus_thaw(bool alone)
{
	unsigned int i;

	for (i = 0; i < slots_used; i++) {
		if (&cpus[i] == this_cpu) {
			cpus[i].thread = syscall(SYS_gettid);
			stub_unlock(&seize_locks[i]);
			continue;
		}
		if (alone) {
			if (i < nr_cpus && cpus[i].used)
				cpus[i].online = true;
			cpus[i].used = false;
			cpus[i].reader = NULL;
		}
		cpu_release(i);
	}
	stub_unlock(&cpus_lock);
}

/* Is that CPU up, and nobody's?  Then it is the caller's, to take it down. */
static bool cpu_claim_dead(unsigned int cpu)
{
	struct cpu *c = &cpus[cpu];
	bool dead;

	stub_lock(&cpus_lock);
	dead = c->online && !c->used;
	if (dead)
		c->used = true;
	stub_unlock(&cpus_lock);
	return dead;
}

/* The CPUs whose threads a fork has left behind go down. */
void cpus_bury(void)
{
	unsigned int i;

	for (i = 0; i < nr_cpus; i++)
		if (cpu_claim_dead(i)) {
			cpu_down(i);
			slot_release(&cpus[i]);
		}
}

/* A CPU goes down: its own thread, or in the child that of a fork. */
void cpu_down(unsigned int cpu)
{
	if (this_cpu == &cpus[cpu])
		this_cpu = NULL;
	cpu_attach_spare();
	stub_lock(&cpus_lock);
	__atomic_store_n(&cpus[cpu].online, false, __ATOMIC_RELAXED);
	stub_unlock(&cpus_lock);
	cpuhp_dead(cpu);
}

void stub_resched(void)
{
	might_sleep();
}

void schedule_timeout_uninterruptible(long ticks)
{
	might_sleep();
	usleep(ticks * 1000);
}

struct call_on_cpu {
	int (*fn)(void *arg);
	void *arg;
	int result;
};

static void call_on_cpu(void *arg)
{
	struct call_on_cpu *call = arg;

	call->result = call->fn(call->arg);
}

int smp_call_on_cpu(unsigned int cpu, int (*fn)(void *arg), void *arg,
		    bool physical)
{
	struct call_on_cpu call = { fn, arg };

	might_sleep();
	cpu_run_on(cpu, call_on_cpu, &call);
	return call.result;
}

