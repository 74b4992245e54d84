/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Scenarios: what a few tasks do with hoardk at the same time, and what has to
 * be so when they are done: see check.c.
 *
 * Blocks have numbers, so that tasks can free what others have allocated.  A
 * block that is taken is stamped, and its stamp is looked at when it is given
 * back and at the end.
 */
#ifndef SCENARIO_H
#define SCENARIO_H

#include <linux/hoardk.h>
#include <linux/hoardk_test.h>

#include "explorer.h"

#define MAX_BLOCKS	64

/* Two, three, seven and eight blocks fill a superblock. */
#define HALF		16256
#define THIRD		10816
#define SEVENTH		4096
#define EIGHTH		4032

/**
 * struct scenario - a row of a table
 * @name: short
 * @setup: before the tasks run; adds them
 * @policy: the module's; NULL: hoard
 * @slack: K; NULL: 1
 * @checks: of the general heap; NULL: none
 * @bound: preemptions, if more than is usual
 * @bad: bad frees that must have been counted
 * @unsure: or fewer
 * @late: they count as frees until all local heaps are taken away
 * @kicks: each remote free kicks the owner, which does not change: so nothing
 *	waits when all is done
 * @nmi: an NMI takes part: what it cannot do is left to the sweep
 */
struct scenario {
	const char *name;
	void (*setup)(void);
	const char *policy;
	const char *slack;
	const char *checks;
	unsigned int bound;
	unsigned int bad;
	bool unsure;
	bool late;
	bool kicks;
	bool nmi;
};

extern const struct scenario remote_scenarios[];
extern const struct scenario detach_scenarios[];
extern const struct scenario policy_scenarios[];
extern const struct scenario double_scenarios[];
extern const struct scenario irq_scenarios[];
extern const struct scenario *scenario;

/* client.c: what tasks do */
void on_cpu(unsigned int cpu);
void attach(unsigned int cpu);
void take(unsigned int n, size_t size);
void take_from(struct hoardk_heap *heap, unsigned int n, size_t size);
void give(unsigned int n);
void give_unseen(unsigned int n);
void forget(unsigned int n);
void *block_of(unsigned int n);
void blocks_check(void);
void blocks_give_all(void);
long blocks_bytes(void);

/* check.c */
void check_end(void);

#endif /* SCENARIO_H */
