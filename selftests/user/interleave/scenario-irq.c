// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios with interrupts and NMIs in the middle of a CPU's sections.
 */
#include "scenario.h"

#define LARGE	20000

static void give_0(void)
{
	give(0);
}

static void give_1(void)
{
	give(1);
}

static void take_and_give(void)
{
	take(8, THIRD);
	give(8);
}

static void give_0_take_9(void)
{
	give(0);
	take(9, THIRD);
}

static void give_0_take_other(void)
{
	give(0);
	take(9, HALF);
}

static void about(enum task_kind kind, void (*fn)(void))
{
	attach(1);
	take(0, THIRD);
	take(1, THIRD);
	task_add("client", 0, take_and_give);
	task_add("interrupt", 0, fn)->kind = kind;
	task_add("freer", 1, give_1);
}

/* While a CPU allocates and frees, and another frees its blocks. */
static void irq_free_setup(void)
{
	about(TASK_IRQ, give_0);
}

static void irq_both_setup(void)
{
	take(2, HALF);
	about(TASK_IRQ, give_0_take_other);
}

static void nmi_both_setup(void)
{
	about(TASK_NMI, give_0_take_9);
}

/* While a CPU passes on what is in its outbox. */
static void outbox(enum task_kind kind)
{
	attach(1);
	take(0, THIRD);
	take(1, THIRD);
	task_add("owner", 0, take_and_give);
	task_add("freer", 1, give_1);
	task_add("interrupt", 1, give_0)->kind = kind;
}

static void irq_outbox_setup(void)
{
	outbox(TASK_IRQ);
}

static void nmi_outbox_setup(void)
{
	outbox(TASK_NMI);
}

/* While a CPU works on the global heap, under its lock. */
static void global(enum task_kind kind)
{
	take(0, THIRD);
	take(1, THIRD);
	hoardk_give_back();
	attach(0);
	attach(1);
	task_add("client", 0, take_and_give);
	task_add("interrupt", 0, give_0_take_9)->kind = kind;
	task_add("freer", 1, give_1);
}

static void irq_global_setup(void)
{
	global(TASK_IRQ);
}

static void nmi_global_setup(void)
{
	global(TASK_NMI);
}

/* A large block, freed where its pages may not be returned. */
static void nmi_large_setup(void)
{
	take(0, LARGE);
	take(1, LARGE);
	task_add("client", 0, give_1);
	task_add("interrupt", 0, give_0)->kind = TASK_NMI;
}

/* By policy local a block that an interrupt frees becomes a stray. */
static void irq_stray_setup(void)
{
	attach(1);
	take(0, THIRD);
	take(1, THIRD);
	task_add("owner", 0, take_and_give);
	task_add("interrupt", 0, give_0)->kind = TASK_IRQ;
	task_add("freer", 1, give_1);
}

const struct scenario irq_scenarios[] = {
	{ "irq_free", irq_free_setup },
	{ "irq_both", irq_both_setup },
	{ "nmi_both", nmi_both_setup, .nmi = true },
	{ "irq_outbox", irq_outbox_setup },
	{ "nmi_outbox", nmi_outbox_setup, .nmi = true },
	{ "irq_global", irq_global_setup },
	{ "nmi_global", nmi_global_setup, .nmi = true },
	{ "nmi_large", nmi_large_setup, .nmi = true },
	{ "irq_stray", irq_stray_setup, .policy = "local" },
	{ }
};
