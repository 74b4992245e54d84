// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios of bad clients: blocks that are freed twice.
 */
#include "module.h"
#include "scenario.h"

#define LARGE	20000

static void give_0(void)
{
	give_unseen(0);
}

static void give_0_again(void)
{
	give_unseen(0);
}

static void take_8(void)
{
	take(8, HALF);
}

/* On two CPUs; the owner, or by policy global another, comes by. */
static void double_elsewhere(size_t size, void (*owner)(void))
{
	take(0, size);
	take(1, size);
	task_add("freer", 1, give_0);
	task_add("again", 2, give_0_again);
	task_add("owner", 0, owner);
}

/* On CPUs without local heaps. */
static void double_remote_setup(void)
{
	double_elsewhere(THIRD, take_8);
}

/* From two outboxes that are flushed. */
static void double_outbox_setup(void)
{
	attach(1);
	attach(2);
	double_elsewhere(THIRD, take_8);
}

/* Of a class apart, so that what was freed is not handed out again. */
static void take_8_checked(void)
{
	take(8, SEVENTH - 64);
}

/* With checks, whose trailers need room: one of the two is refused at once. */
static void double_checked_setup(void)
{
	double_elsewhere(THIRD - 64, take_8_checked);
}

/* By the owner and by another CPU. */
static void double_owner_setup(void)
{
	take(0, THIRD);
	take(1, THIRD);
	task_add("owner", 0, give_0);
	task_add("again", 1, give_0_again);
}

/* The last block of a superblock, which may go to the pool. */
static void double_last_setup(void)
{
	take(0, THIRD);
	task_add("owner", 0, give_0);
	task_add("again", 1, give_0_again);
	task_add("other", 2, take_8);
}

static void give_0_and_shrink(void)
{
	give_unseen(0);
	stub_shrink(4);
	stub_shrink(4);
}

/* And from there to the page allocator, while somebody looks at its header. */
static void double_released_setup(void)
{
	take(1, HALF);
	take(2, HALF);
	take(0, HALF);
	task_add("owner", 0, give_0_and_shrink);
	task_add("again", 1, give_0_again);
}

/* A large block. */
static void double_large_setup(void)
{
	take(0, LARGE);
	task_add("freer", 1, give_0);
	task_add("again", 2, give_0_again);
}

/* A large block, once from an interrupt. */
static void large_irq_setup(void)
{
	take(0, LARGE);
	take(1, LARGE);
	task_add("freer", 1, give_0);
	task_add("irq", 1, give_0_again)->kind = TASK_IRQ;
	task_add("again", 2, give_0_again);
}

static void cpu_0_down(void)
{
	cpu_down(0);
}

/* While the owner's CPU goes down. */
static void double_down_setup(void)
{
	attach(1);
	take(0, THIRD);
	task_add("freer", 1, give_0);
	task_add("again", 1, give_0_again);
	task_add("down", 2, cpu_0_down);
}

static struct hoardk_heap *private;

static void destroy(void)
{
	hoardk_heap_destroy(private);
}

/*
 * A block of a heap that is being destroyed: the client may not do that, and
 * nobody knows whether the block or the heap went first.
 */
static void double_destroy_setup(void)
{
	private = hoardk_heap_create("private", NULL);
	take_from(private, 0, THIRD);
	on_cpu(1);
	take_from(private, 1, THIRD);
	on_cpu(0);
	forget(0);
	forget(1);
	task_add("freer", 1, give_0_again);
	task_add("destroyer", 2, destroy);
}

/* By policy local two CPUs would keep it. */
static void double_loose_setup(void)
{
	attach(1);
	attach(2);
	take(0, THIRD);
	take(1, THIRD);
	task_add("freer", 1, give_0);
	task_add("again", 2, give_0_again);
}

/* By policy local the owner frees it as well, and its superblock may go. */
static void double_loose_owner_setup(void)
{
	attach(1);
	take(0, THIRD);
	task_add("owner", 0, give_0);
	task_add("again", 1, give_0_again);
	task_add("other", 2, take_8);
}

static void look_at_0(void)
{
	hoardk_usable_size(block_of(0));
}

/* Somebody asks for the size of a block that has been freed. */
static void lookup_released_setup(void)
{
	take(1, HALF);
	take(2, HALF);
	take(0, HALF);
	task_add("owner", 0, give_0_and_shrink);
	task_add("lookup", 1, look_at_0);
}

const struct scenario double_scenarios[] = {
	{ "double_remote", double_remote_setup, .bad = 1 },
	{ "double_outbox", double_outbox_setup, .bad = 1 },
	{ "double_owner", double_owner_setup, .bad = 1 },
	{ "double_last", double_last_setup, .bad = 1 },
	{ "double_released", double_released_setup, .bad = 1 },
	{ "double_global", double_remote_setup, .policy = "global", .bad = 1 },
	{ "double_down", double_down_setup, .bad = 1 },
	{ "double_destroy", double_destroy_setup, .bad = 1, .unsure = true },
	{ "double_loose", double_loose_setup, .policy = "local",
	  .late = true, .bad = 1 },
	{ "double_loose_owner", double_loose_owner_setup, .policy = "local",
	  .late = true, .bad = 1 },
	{ "lookup_released", lookup_released_setup, .bad = 1, .unsure = true },
	{ "double_checked", double_checked_setup, .checks = "poison", .bad = 1 },
	{ "double_checked_owner", double_owner_setup,
	  .checks = "redzone,quarantine", .bad = 1 },
	{ "double_checked_down", double_down_setup,
	  .checks = "poison,quarantine", .bad = 1 },
	{ "double_large", double_large_setup, .bad = 1 },
	{ "large_irq", large_irq_setup, .bad = 2 },
	{ }
};
