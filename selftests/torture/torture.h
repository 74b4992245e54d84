/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hoardk_torture: who plays, with what, and what it came to.
 *
 * Blocks lie in cells.  A player is one context of a CPU; at each turn it picks
 * a cell at random and fills it with a new block or drops the block it finds,
 * whoever made that.  The job goes by rounds; between two rounds no player has
 * a turn and nothing is disturbed, and all figures are exact.
 */
#ifndef HOARDK_TORTURE_H
#define HOARDK_TORTURE_H

#include <linux/atomic.h>
#include <linux/hrtimer.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/types.h>

#include "stress.h"

enum context { TASK, SOFTIRQ, HARDIRQ, NMI, CONTEXTS };

/* Which of a site's players has which context. */
enum { PLAYER_TASK, PLAYER_TASK2, PLAYER_SOFTIRQ, PLAYER_HARDIRQ, PLAYER_NMI,
	PLAYERS };

enum { CELL_EMPTY, CELL_BUSY, CELL_FULL };

/* Whoever made it busy has it until it says empty or full. */
struct cell {
	atomic_t state;
	struct block block;
};

/* Two turns of one player never overlap. */
struct player {
	struct actor actor;
	enum context context;
	u32 turn;
	u64 wrong;		/* bad frees, which hoardk must refuse */
	struct task_struct *task;
	struct hrtimer timer;
};

struct site {
	unsigned int cpu;
	struct player players[PLAYERS];
};

struct torture {
	/* As asked for. */
	u32 seconds;
	u32 round_ms;
	u32 cells;		/* of each CPU */
	u32 irq_us;
	u32 wrong;		/* one turn in so many frees badly as well */
	u32 reserve_mb;		/* the eater leaves so much memory */
	u32 size;
	bool reclaim;
	bool hotplug;
	bool nmi;
	bool fail;
	bool parting;

	/* Constant while players play. */
	unsigned int nr_sites;
	struct site *sites;
	u32 nr_cells;
	struct cell *board;
	struct player keeper;	/* of the thread in charge: see heaps.c */

	/* What happened; each has one writer at a time, read between rounds. */
	u64 rounds;
	u64 drains;
	u64 hotplug_cycles;
	u64 flips;
	u64 nmis;
	u64 failures;		/* requests for memory that fail_nth refused */
	u64 eaten_peak;		/* pages */
	u64 spit_outs;		/* of all that was eaten, before an OOM kill */
	u64 heaps_created;
	u64 heaps_left;		/* destroyed with live blocks */
	u64 doubles;		/* second frees, which hoardk must refuse */
	u64 either;		/* refused as second frees or as invalid ones */
	u64 rests;		/* times that rest.c had its turn */
	u64 failed_ms;		/* when a round first went wrong */
	struct tally by_context[CONTEXTS];
};

extern struct torture torture;

/* Of blocks that are in superblocks: are these two in the same one? */
static inline bool share_superblock(const void *p, const void *q)
{
	return !(((unsigned long)p ^ (unsigned long)q) / SZ_32K);
}

/* The requests of this thread may be made to fail: see tools/guest/torture.sh. */
static inline void torture_may_fail(void)
{
#ifdef CONFIG_FAULT_INJECTION
	current->make_it_fail = 1;
#endif
}

/* round.c */
int torture_run(void);

/* player.c */
int torture_players_create(void);
void torture_players_destroy(void);
int torture_players_start(void);
void torture_players_stop(void);
bool torture_cell_enter(struct cell *c, int from);
bool torture_cell_take(const struct player *p, struct cell *c);
void torture_cell_leave(struct cell *c, int to);
void torture_turn(struct player *p);
void torture_drain(void);
struct player *torture_player(unsigned int i);

/* irq.c */
void torture_irq_init(struct player *p);
void torture_irq_start(struct site *s);
void torture_irq_stop(struct site *s);
int torture_nmi_thread(void *unused);

/* eater.c */
int torture_eat_thread(void *unused);

/* heaps.c */
bool torture_heaps_turn(struct player *p, u64 h);
int torture_heaps_thread(void *unused);
void torture_heaps_close(void);
int torture_private_renew(void);

/* wrong.c */
int torture_wrong_init(void);
void torture_wrong_exit(void);
void torture_stale(void *p, u64 h);
void torture_wrong(struct player *p, const struct block *b, u64 h);
int torture_wrong_thread(void *unused);

/* rest.c */
void torture_rest(void);

/* part.c */
void torture_part(void);

/* disturb.c */
int torture_disturb_start(void);
void torture_disturb_stop(void);
bool torture_cpu_cycle(unsigned int cpu);
u64 torture_random(void);

/* result.c */
void torture_heartbeat(void);
void torture_judge(void);
void torture_result_create(void);
void torture_result_destroy(void);

#endif /* HOARDK_TORTURE_H */
