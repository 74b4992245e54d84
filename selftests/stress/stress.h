/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one job of hoardk_stress: what was asked for, who works, how it went.
 *
 * The job goes by rounds.  The coordinator (insmod) starts a round, every
 * worker does its part and arrives; between two rounds nothing allocates or
 * frees, no timer runs, and all figures are exact.
 */
#ifndef HOARDK_STRESS_H
#define HOARDK_STRESS_H

#include <linux/atomic.h>
#include <linux/hrtimer.h>
#include <linux/printk.h>
#include <linux/wait.h>

#include "block.h"

#define IRQ_SLOTS	64
#define IRQ_RING	64

struct hoardk_heap;
struct ring;
struct worker;

/* One timer of a worker's CPU. */
struct irq {
	struct hrtimer timer;
	enum hrtimer_mode mode;
	struct actor actor;
	struct worker *worker;
	struct ring *in;	/* from the thread of another CPU */
	struct ring *out;	/* to the thread of another CPU */
	struct block slot[IRQ_SLOTS];
};

struct worker {
	struct task_struct *task;
	unsigned int id;
	unsigned int cpu;	/* where it belongs; may be away */
	bool producer;
	u64 own_left;		/* blocks to make in this round */
	u64 *left;		/* own_left or, if the role rotates, job.left */
	u32 cursor;		/* the pattern's: next receiver or slot */
	u32 filled;		/* rotate: blocks in the array */
	u32 handed;		/* rotate: of these, handed out */
	u32 replaced;		/* larson: in this generation */
	u32 generation;		/* larson: arrays passed on; next one reads */
	struct actor actor;
	struct irq irq[2];	/* hardirq, softirq */
};

/*
 * A pattern's step does a bounded number of operations, never waits, and
 * returns how many it did.
 */
struct pattern {
	const char *name;
	u32 live;		/* defaults */
	u32 min_size;
	u32 max_size;
	bool uniform;
	bool rotates;		/* one producer at a time */
	int (*setup)(void);
	unsigned int (*step)(struct worker *w);
};

enum phase { PHASE_RUN, PHASE_DRAIN };

struct job {
	/* As asked for; constant while workers run. */
	const struct pattern *pattern;
	u32 seed;
	u32 min_size;
	u32 max_size;
	u32 live;
	u32 batch;
	u32 checkpoints;
	u32 seconds;
	u32 irq_us;
	u32 busted;
	gfp_t gfp;		/* more flags for all */
	u64 ops;
	bool uniform;
	bool irq;
	bool large;
	bool mix;

	/* Set up before the workers; constant while they run. */
	unsigned int nr;		/* workers */
	struct worker **workers;
	struct ring **rings;		/* [from * nr + to], NULL if not used */
	struct block **arrays;		/* nr of live blocks, NULL if not used */
	struct hoardk_heap *heap;
	size_t base;			/* in use before the job */

	/* Rounds; the coordinator writes all but arrived and producing. */
	unsigned int round;
	enum phase phase;
	bool pause;
	atomic_t arrived;
	atomic_t producing;		/* workers with blocks left to make */
	wait_queue_head_t go;
	wait_queue_head_t done;

	/* Of the worker whose turn it is, and passed on with the turn. */
	u32 turn;
	u64 left;
	u32 cursor;
	bool freeing;

	/* Bytes as asked for, within 8 KiB an actor; exact between rounds. */
	atomic_long_t requested;
	atomic_long_t peak;

	/* The outcome; the coordinator's. */
	struct tally total;
	u64 irq_operations;
	s64 lost;
	u64 accounting_errors;
	u64 violations;
	u64 checked;			/* checkpoints */
	u64 elapsed_ns;
	bool interrupted;
	bool pass;
};

extern struct job job;

/* A parameter is not what it may be. */
static inline int refuse(const char *name, const char *accepted)
{
	pr_err("%s is not acceptable; accepted: %s\n", name, accepted);
	return -EINVAL;
}

/* job.c */
int stress_job_run(void);

/* worker.c */
struct worker *stress_worker_create(unsigned int id, unsigned int cpu);
void stress_worker_stop(struct worker *w);
void stress_worker_destroy(struct worker *w);

/* pattern.c */
const struct pattern *stress_pattern_find(const char *name);
bool stress_produce(struct worker *w, struct block *b);
struct ring *stress_ring(unsigned int from, unsigned int to);

/* chain.c */
unsigned int stress_chain_step(struct worker *w);

/* irq.c */
int stress_irq_create(struct worker *w);
void stress_irq_destroy(struct worker *w);
void stress_irq_start(struct worker *w);
void stress_irq_stop(struct worker *w);
unsigned int stress_irq_exchange(struct worker *w);
void stress_irq_drain(struct worker *w);

/* check.c */
void stress_tally_add(struct tally *to, const struct tally *from);
u64 stress_tally_operations(const struct tally *t);
void stress_check(void);
bool stress_check_passed(void);
void stress_complain(const char *what, const struct block *b, size_t detail);

/* result.c */
void stress_tally_sum(void);
void stress_result_judge(void);
void stress_result_create(void);
void stress_result_destroy(void);

#endif /* HOARDK_STRESS_H */
