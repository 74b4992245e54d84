// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios of the global heap, and of the other policies.
 */
#include "hoardk/heap.h"
#include "scenario.h"

static void give_0(void)
{
	give(0);
}

static void give_1(void)
{
	give(1);
}

static void take_8(void)
{
	take(8, HALF);
}

static void take_9(void)
{
	take(9, HALF);
}

/* All need fresh memory. */
static void policy_global_fresh_setup(void)
{
	task_add("cpu-0", 0, take_8);
	task_add("cpu-1", 1, take_9);
}

static void give_0_take_8(void)
{
	give(0);
	take(8, HALF);
}

/* Policy global: all CPUs under one lock. */
static void policy_global_setup(void)
{
	take(0, HALF);
	take(1, HALF);
	task_add("cpu-0", 0, take_8);
	task_add("cpu-1", 1, give_0);
	task_add("cpu-2", 2, give_1);
}

/* Blocks 0 and 1 are in a superblock of the global heap. */
static void in_global(size_t size)
{
	take(0, size);
	take(1, size);
	hoardk_give_back();
	attach(0);
	attach(1);
}

static void take_third(void)
{
	take(8, THIRD);
}

static void take_third_too(void)
{
	take(9, THIRD);
}

/* A superblock leaves the global heap while a block of it is freed there. */
static void leave_global_setup(void)
{
	in_global(THIRD);
	task_add("fetcher", 0, take_third);
	task_add("freer", 2, give_0);
}

/* The same; two want it, and the freer has an outbox. */
static void leave_global_two_setup(void)
{
	in_global(THIRD);
	attach(2);
	task_add("fetcher-0", 0, take_third);
	task_add("fetcher-1", 1, take_third_too);
	task_add("freer", 2, give_0);
}

/* The last blocks of a superblock of the global heap: it goes to the pool. */
static void empty_global_setup(void)
{
	in_global(THIRD);
	task_add("freer-1", 1, give_0);
	task_add("freer-2", 2, give_1);
	task_add("fetcher", 0, take_8);
}

/* Policy ownership: superblocks stay where they are. */
static void policy_ownership_setup(void)
{
	attach(1);
	take(0, HALF);
	take(1, HALF);
	task_add("owner", 0, take_8);
	task_add("freer-1", 1, give_0);
	task_add("freer-2", 2, give_1);
}

/* Policy local: who frees a block keeps it, the other's owner frees another. */
static void policy_local_setup(void)
{
	attach(1);
	take(0, HALF);
	take(1, HALF);
	task_add("owner", 0, give_1);
	task_add("freer", 1, give_0_take_8);
}

static void give_back(void)
{
	hoardk_give_back();
}

/* The same, and then what nobody took is collected from all CPUs. */
static void policy_local_collapse_setup(void)
{
	attach(1);
	take(0, HALF);
	take(1, HALF);
	task_add("freer", 1, give_0);
	task_add("stray", 2, give_1);
	task_add("give-back", 0, give_back);
}

const struct scenario policy_scenarios[] = {
	{ "policy_global", policy_global_setup, .policy = "global" },
	{ "policy_global_fresh", policy_global_fresh_setup,
	  .policy = "global" },
	{ "leave_global", leave_global_setup },
	{ "leave_global_two", leave_global_two_setup },
	{ "empty_global", empty_global_setup },
	{ "policy_ownership", policy_ownership_setup, .policy = "ownership",
	  .kicks = true },
	{ "policy_local", policy_local_setup, .policy = "local" },
	{ "policy_local_collapse", policy_local_collapse_setup,
	  .policy = "local" },
	{ }
};
