// SPDX-License-Identifier: GPL-2.0
/*
 * Players, their turns, and the board of cells.
 *
 * A turn may come in any context, NMI included: it never waits, and takes a
 * cell by compare-and-exchange or leaves it.  Threads play in task context and
 * go where disturb.c sends them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/prio.h>

#include "torture.h"

#define SALT_TURN	11
#define SALT_TIDE	12
#define BATCH		16U		/* turns between two looks around */
#define IRQ_LARGE	8192U		/* no interrupt reads more */

/* Turns of thousands that fill a cell: waves, so that superblocks go empty. */
static const u16 tides[] = { 100, 300, 500, 700, 950 };

bool torture_cell_enter(struct cell *c, int from)
{
	return atomic_read(&c->state) == from &&
	       atomic_cmpxchg_acquire(&c->state, from, CELL_BUSY) == from;
}

/* Pairs with torture_cell_enter(): the cell and what is in the block. */
void torture_cell_leave(struct cell *c, int to)
{
	atomic_set_release(&c->state, to);
}

/* A block to drop, unless it is too much for where @p is. */
bool torture_cell_take(const struct player *p, struct cell *c)
{
	if (!torture_cell_enter(c, CELL_FULL))
		return false;
	if (!p->actor.irq || c->block.size <= IRQ_LARGE)
		return true;
	torture_cell_leave(c, CELL_FULL);
	return false;
}

static unsigned int tide(void)
{
	u64 h = stress_hash(0, jiffies / (HZ / 10 ?: 1), SALT_TIDE);

	return tides[h % ARRAY_SIZE(tides)];
}

/* Half the cells are of this CPU's share, half anyone's. */
static struct cell *pick(u64 h)
{
	u32 at = (u32)h;

	if (h >> 63)
		return &torture.board[at % torture.nr_cells];
	at = raw_smp_processor_id() % torture.nr_sites * torture.cells +
	     at % torture.cells;
	return &torture.board[at];
}

static void make(struct player *p, struct cell *c)
{
	if (!torture_cell_enter(c, CELL_EMPTY))
		return;
	torture_cell_leave(c, stress_block_make(&p->actor, &c->block) ?
			      CELL_FULL : CELL_EMPTY);
}

static void drop(struct player *p, struct cell *c, u64 h)
{
	if (!torture_cell_take(p, c))
		return;
	if (torture.wrong && !((u32)(h >> 20) % torture.wrong))
		torture_wrong(p, &c->block, h);
	if (!((h >> 40) & 15))
		torture_stale(c->block.p, h >> 8);
	stress_block_drop(&p->actor, &c->block);
	torture_cell_leave(c, CELL_EMPTY);
}

void torture_turn(struct player *p)
{
	u64 h = stress_hash(p->actor.id, p->turn++, SALT_TURN);
	struct cell *c;

	if (!((h >> 56) & 7) && torture_heaps_turn(p, h))
		return;
	c = pick(h);
	if ((h >> 32) % 1000 < tide())
		make(p, c);
	else
		drop(p, c, h);
}

static int player_thread(void *arg)
{
	struct player *p = arg;
	unsigned int i;

	torture_may_fail();
	while (!kthread_should_stop()) {
		for (i = 0; i < BATCH; i++)
			torture_turn(p);
		if (p->turn / BATCH % 64)
			cond_resched();
		else
			usleep_range(20, 200);
	}
	return 0;
}

/* All blocks of the board go; nobody plays. */
void torture_drain(void)
{
	struct actor *a = &torture.keeper.actor;
	unsigned int i;

	for (i = 0; i < torture.nr_cells; i++) {
		drop(&torture.keeper, &torture.board[i], U64_MAX);
		cond_resched();
	}
	for (i = 0; torture_player(i); i++)
		stress_actor_drain(&torture_player(i)->actor);
	stress_actor_drain(a);
	torture.drains++;
}

/* The i-th of all players, then the keeper, then NULL. */
struct player *torture_player(unsigned int i)
{
	if (i < torture.nr_sites * PLAYERS)
		return &torture.sites[i / PLAYERS].players[i % PLAYERS];
	return i == torture.nr_sites * PLAYERS ? &torture.keeper : NULL;
}

int torture_players_create(void)
{
	static const u8 contexts[PLAYERS] = {
		TASK, TASK, SOFTIRQ, HARDIRQ, NMI,
	};
	unsigned int cpu, i = 0;
	struct player *p;

	torture.nr_sites = num_online_cpus();
	torture.sites = kvcalloc(torture.nr_sites, sizeof(*torture.sites),
				 GFP_KERNEL);
	torture.nr_cells = torture.nr_sites * torture.cells;
	torture.board = kvcalloc(torture.nr_cells, sizeof(*torture.board),
				 GFP_KERNEL);
	if (!torture.sites || !torture.board)
		return -ENOMEM;
	for_each_online_cpu(cpu)
		if (i < torture.nr_sites)
			torture.sites[i++].cpu = cpu;
	for (i = 0; torture_player(i); i++) {
		p = torture_player(i);
		p->actor.id = i + 1;
		if (p == &torture.keeper)
			continue;
		p->context = contexts[i % PLAYERS];
		p->actor.irq = p->context != TASK;
		if (p->context == SOFTIRQ || p->context == HARDIRQ)
			torture_irq_init(p);
	}
	return 0;
}

void torture_players_destroy(void)
{
	kvfree(torture.board);
	kvfree(torture.sites);
}

int torture_players_start(void)
{
	struct task_struct *task;
	unsigned int i;

	for (i = 0; torture_player(i); i++) {
		struct player *p = torture_player(i);

		if (p == &torture.keeper || p->context != TASK)
			continue;
		task = kthread_run(player_thread, p, "hoardk_play/%u", i);
		if (IS_ERR(task))
			return PTR_ERR(task);
		/* Else those who disturb them hardly get to it. */
		set_user_nice(task, MAX_NICE);
		p->task = task;
	}
	for (i = 0; i < torture.nr_sites; i++)
		torture_irq_start(&torture.sites[i]);
	return 0;
}

/* Nothing disturbs them any more; NMIs have ended. */
void torture_players_stop(void)
{
	struct player *p;
	unsigned int i;

	for (i = 0; i < torture.nr_sites; i++)
		torture_irq_stop(&torture.sites[i]);
	for (i = 0; torture_player(i); i++) {
		p = torture_player(i);
		if (p->task)
			kthread_stop(p->task);
		p->task = NULL;
	}
	for (i = 0; torture_player(i); i++)
		stress_actor_flush(&torture_player(i)->actor);
}
