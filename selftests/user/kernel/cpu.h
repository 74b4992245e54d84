/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stub kernel's CPUs: preempt, sched, hardirq context, per-CPU data, CPU
 * masks, hotplug, NUMA nodes.
 *
 * A thread stands for a CPU: it comes up when the thread first calls and goes
 * down when the thread ends.  What the kernel would run on that CPU beside the
 * task (kworkers, smp_call_on_cpu()) is run by another thread, which seizes the
 * CPU: it waits until the CPU's thread is in no section, and that thread waits
 * at its next preempt_disable() until the CPU is released.  So, as in the
 * kernel, nothing runs on a CPU beside a section but interrupts.
 *
 * A section is one of liburcu's, so that who waits for a grace period waits for
 * sections.  Seizing is Dekker's algorithm with the fence on the seizing side
 * (membarrier), as liburcu's: the section costs its thread two plain stores and
 * a load.
 *
 * In steps (STUB_STEPS) there is one thread in all, which may be on any CPU: see
 * steps.h.  Scheduled (STUB_SCHEDULED as well) it plays tasks that take turns at
 * every access to memory: see interleave/explorer.h.
 */
#ifndef STUB_CPU_H
#define STUB_CPU_H

#include "atomic.h"
#include "rcu.h"

/* Slots for threads; those from nr_cpus on stand for no CPU. */
#ifndef STUB_SLOTS
#define STUB_SLOTS		1024
#endif
#define STUB_CPUS		512

/**
 * struct cpu - a CPU, or a thread that is none
 * @offset: from a per-CPU variable's address to this CPU's copy
 * @reader: where liburcu counts the sections its thread is in, or NULL; its
 *	thread, but that cpus_lock covers the end
 * @preempt: in steps: sections its thread is in
 * @stop: somebody seizes or has seized it: its thread must not enter a section
 * @number: nr_cpus where this is no CPU
 * @irq_off: depth of local_irq_save(); its thread
 * @hardirq: in an interrupt; its thread
 * @nmi: in an NMI; its thread
 * @irq_missed: an interrupt came while they were off; its thread
 * @thread: who has it, as the system numbers threads; cpus_lock
 * @online: a CPU that is up; cpus_lock
 * @used: a thread has it, or is taking it down; cpus_lock
 */
struct cpu {
	unsigned long offset;
	struct urcu_bp_reader *reader;
	int preempt;
	int stop;
	int number;
	int irq_off;
	int hardirq;
	int nmi;
	int thread;
	bool irq_missed;
	bool online;
	bool used;
} ____cacheline_aligned;

extern struct cpu cpus[STUB_SLOTS];
extern __thread struct cpu *this_cpu
	__attribute__((__tls_model__("initial-exec")));
extern unsigned int nr_cpus;
extern unsigned int nr_node_ids;

struct cpu *cpu_attach(void);
void cpu_attach_spare(void);
bool thread_is_over(void);
void section_register(void);
void section_wait(void);
void cpu_seize(unsigned int cpu, struct cpu *alias);
void cpu_release(unsigned int cpu);
void cpu_run_on(unsigned int cpu, void (*fn)(void *arg), void *arg);
void cpus_freeze(void);
void cpus_thaw(bool alone);
void cpus_bury(void);
void cpu_set_possible(unsigned int nr);
void cpu_irq_missed(struct cpu *c);
void stub_interrupt(bool nmi, void (*fn)(void *arg), void *arg);
void __noreturn __printf(1, 2) stub_bug(const char *format, ...);

/*
 * Call a function that has no arguments.  Where instructions are counted
 * (STUB_FAST), in a way that changes no registers, so that the functions around
 * it need not save any: see preload/seldom.c.
 */
#ifdef STUB_FAST
#define seldom(function) \
	__asm__ __volatile__("call " #function "_seldom" : : : "memory", "cc", \
		"xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", \
		"xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", \
		"xmm15")
#else
#define seldom(function)	((void)(function)())
#endif

static __always_inline struct cpu *cpu_here(void)
{
	struct cpu *c = this_cpu;

	if (unlikely(!c)) {
		seldom(cpu_attach);
		c = this_cpu;
	}
	return c;
}

#ifdef __SANITIZE_THREAD__
void __tsan_acquire(void *p);
void __tsan_release(void *p);
#else
#define __tsan_acquire(p)	((void)(p))
#define __tsan_release(p)	((void)(p))
#endif

/* preempt.h */
#ifdef STUB_SCHEDULED
void preempt_disable(void);
void preempt_enable(void);
#elif defined(STUB_STEPS)
static __always_inline void preempt_disable(void)
{
	this_cpu->preempt++;
}

static __always_inline void preempt_enable(void)
{
	if (--this_cpu->preempt < 0)
		stub_bug("%s() without preempt_disable()", __func__);
}
#else
/*
 * On x86-64 these are plain accesses, which the compiler makes less of if it is
 * not told that they are atomic.
 */
#ifdef STUB_FAST
#define section_load(p)		(*(p))
#define section_store(p, v) do {					\
	barrier();							\
	*(p) = (v);							\
	barrier();							\
} while (0)
#else
#define section_load(p)		__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define section_store(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)
#endif

static __always_inline struct urcu_bp_reader *section_reader(void)
{
	struct urcu_bp_reader *r = urcu_bp_reader;

	if (unlikely(!r)) {
		seldom(section_register);
		r = urcu_bp_reader;
	}
	return r;
}

/*
 * As liburcu's rcu_read_lock(), where that has membarrier().  The store pairs
 * with those of cpu_seize() and synchronize_rcu().
 */
static __always_inline void preempt_disable(void)
{
	struct cpu *c = cpu_here();
	struct urcu_bp_reader *r = section_reader();
	unsigned long ctr = __atomic_load_n(&r->ctr, __ATOMIC_RELAXED);

	if (unlikely(ctr & URCU_BP_GP_CTR_NEST_MASK)) {
		__atomic_store_n(&r->ctr, ctr + URCU_BP_GP_COUNT,
				 __ATOMIC_RELAXED);
		barrier();
		return;
	}
	ctr = __atomic_load_n(&urcu_bp_gp.ctr, __ATOMIC_RELAXED);
	__atomic_store_n(&r->ctr, ctr, __ATOMIC_RELAXED);
	barrier();
	if (unlikely(section_load(&c->stop)))
		seldom(section_wait);
}

static __always_inline void preempt_enable(void)
{
	struct urcu_bp_reader *r = urcu_bp_reader;

#ifdef STUB_CHECKED
	if (!(r->ctr & URCU_BP_GP_CTR_NEST_MASK))
		stub_bug("%s() without preempt_disable()", __func__);
#endif
	/* A seizer's section is its CPU's: see rcu.c. */
	__tsan_release(&cpus[this_cpu->number]);
	section_store(&r->ctr, r->ctr - URCU_BP_GP_COUNT);
}
#endif

/* How many sections the calling thread is in. */
static inline int section_depth(void)
{
#ifdef STUB_STEPS
	return this_cpu->preempt;
#else
	struct urcu_bp_reader *r = urcu_bp_reader;

	return r ? r->ctr & URCU_BP_GP_CTR_NEST_MASK : 0;
#endif
}

static inline int preempt_count(void)
{
	struct cpu *c = cpu_here();

	return section_depth() + c->irq_off + c->hardirq + c->nmi;
}

#define in_nmi()		(unlikely(cpu_here()->nmi))
#define in_interrupt()		(cpu_here()->hardirq || in_nmi())
/* A thread that is no CPU cannot be given a local heap: no task, to the core. */
#define in_task()		(!in_interrupt() && \
				 cpu_here()->number < (int)nr_cpus)
#define preemptible()		(!preempt_count() && \
				 cpu_here()->number < (int)nr_cpus)

#define might_sleep() do {						\
	if (preempt_count())						\
		stub_bug("%s() sleeps with preemption off", __func__);	\
} while (0)

/* The compiler knows calls that access no memory of ours: malloc()'s. */
static inline unsigned long local_irq_save_flags(void)
{
	unsigned long flags = cpu_here()->irq_off++;

	barrier();
	return flags;
}

static inline void local_irq_restore(unsigned long flags)
{
	struct cpu *c = this_cpu;

	barrier();
	c->irq_off = flags;
	barrier();
	if (unlikely(c->irq_missed) && !flags)
		cpu_irq_missed(c);
}

/* sched.h and below */
struct task_struct {
	const char *comm;
};

#define current			(&(struct task_struct){ "user" })
#define task_pid_nr(task)	((void)(task), cpu_here()->number)
#define object_is_on_stack(p)	stub_on_stack(p)
#define TASK_SIZE_MAX		stub_user_end()
#define cond_resched()		stub_resched()

bool stub_on_stack(const void *p);
unsigned long stub_user_end(void);
void stub_resched(void);
void schedule_timeout_uninterruptible(long ticks);

/*
 * percpu.h: copies of the section, one for each CPU, and one that all threads
 * share that are none: it is set up like the others, as if it were of a CPU
 * that never comes up.
 */
#define DEFINE_PER_CPU(type, name) \
	__section("stub_percpu") __typeof__(type) name
#define DECLARE_PER_CPU(type, name)	extern __typeof__(type) name
#define EXPORT_PER_CPU_SYMBOL_GPL(name)	extern __typeof__(name) name

#define stub_percpu(p, c) \
	((__typeof__(p))((unsigned long)(p) + (c)->offset))
#define per_cpu_ptr(p, cpu)	stub_percpu(p, &cpus[cpu])
#define this_cpu_ptr(p)		stub_percpu(p, this_cpu)
#define raw_cpu_ptr(p)		stub_percpu(p, cpu_here())
#ifdef __SANITIZE_THREAD__
/* What is read through a pointer depends on it, which the sanitizer cannot see. */
#define this_cpu_read(var)	\
	__atomic_load_n(this_cpu_ptr(&(var)), __ATOMIC_ACQUIRE)
#else
#define this_cpu_read(var)	READ_ONCE(*this_cpu_ptr(&(var)))
#endif
#define alloc_percpu(type)	((type *)stub_alloc_percpu(sizeof(type)))
#define alloc_percpu_gfp(type, gfp) \
	((void)(gfp), alloc_percpu(type))

void *stub_alloc_percpu(size_t size);
void free_percpu(void *p);

/* smp.h, cpu.h, cpumask.h */
#define smp_processor_id()	(cpu_here()->number)
#define raw_smp_processor_id()	(cpu_here()->number)
#define nr_cpu_ids		(nr_cpus + 1)
#define num_possible_cpus()	nr_cpus
#define for_each_possible_cpu(cpu) \
	for ((cpu) = 0; (cpu) < (int)nr_cpu_ids; (cpu)++)
#define for_each_online_cpu(cpu)					\
	for_each_possible_cpu(cpu)					\
		if (cpu_online(cpu))

static inline bool cpu_online(unsigned int cpu)
{
	return __atomic_load_n(&cpus[cpu].online, __ATOMIC_RELAXED);
}

unsigned int num_online_cpus(void);
void cpus_read_lock(void);
void cpus_read_unlock(void);
int smp_call_on_cpu(unsigned int cpu, int (*fn)(void *arg), void *arg,
		    bool physical);

/* cpuhotplug.h */
#define CPUHP_BP_PREPARE_DYN	0
int cpuhp_setup_state(int state, const char *name,
		      int (*startup)(unsigned int cpu),
		      int (*teardown)(unsigned int cpu));
void cpuhp_remove_state_nocalls(int state);
void cpuhp_dead(unsigned int cpu);
void cpu_down(unsigned int cpu);

/* numa.h, topology.h, nodemask.h: CPUs take turns on the nodes. */
#define NUMA_NO_NODE		(-1)
#define MAX_NUMNODES		8
#define num_online_nodes()	nr_node_ids
#define for_each_online_node(node) \
	for ((node) = 0; (node) < (int)nr_node_ids; (node)++)

static inline bool node_online(int node)
{
	return node < (int)nr_node_ids;
}

static inline int numa_mem_id(void)
{
	return cpu_here()->number % nr_node_ids;
}

#endif /* STUB_CPU_H */
