// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios of local heaps that come and go: hoardk/detach.c, heap_attach(),
 * alloc_fresh(), and the sweep beside them.
 */
#include "hoardk/heap.h"
#include "module.h"
#include "scenario.h"

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
	take(8, HALF);
	give(8);
}

static void cpu_0_down(void)
{
	cpu_down(0);
}

/* A CPU goes down while another frees its blocks, and kicks it. */
static void down_freer_setup(void)
{
	attach(1);
	take(0, HALF);
	take(1, HALF);
	task_add("freer", 1, give_0);
	task_add("down", 2, cpu_0_down);
}

/* The same, and its own client allocates and frees. */
static void down_client_setup(void)
{
	attach(1);
	take(0, HALF);
	task_add("client", 0, take_and_give);
	task_add("freer", 1, give_0);
	task_add("down", 2, cpu_0_down);
}

/* Blocks of others wait in its outbox. */
static void down_outbox_setup(void)
{
	attach(1);
	take(0, EIGHTH);
	on_cpu(1);
	take(1, EIGHTH);
	on_cpu(0);
	task_add("client", 0, give_1);
	task_add("freer", 1, give_0);
	task_add("down", 2, cpu_0_down);
}

static void give_back(void)
{
	hoardk_give_back();
}

/* All local heaps are taken away while they are used. */
static void give_back_setup(void)
{
	attach(1);
	take(0, HALF);
	take(1, HALF);
	task_add("client", 0, give_1);
	task_add("freer", 1, give_0);
	task_add("give-back", 2, give_back);
}

/* The same, with an interrupt on a CPU that is about to lose its heap. */
static void give_back_irq_setup(void)
{
	attach(1);
	take(0, HALF);
	take(1, HALF);
	task_add("client", 0, give_1);
	task_add("irq", 0, give_0)->kind = TASK_IRQ;
	task_add("give-back", 2, give_back);
}

static void verify(void)
{
	unsigned int bad = hoardk_verify();

	if (bad)
		fail("%u violations while others run", bad);
}

/* Local heaps are looked at while their blocks are freed elsewhere. */
static void verify_freer_setup(void)
{
	attach(1);
	take(0, HALF);
	take(1, HALF);
	task_add("freer", 1, give_0);
	task_add("verify", 2, verify);
}

/* While their clients allocate and free. */
static void verify_client_setup(void)
{
	take(0, HALF);
	task_add("client", 0, take_and_give);
	task_add("verify", 2, verify);
}

static void take_8(void)
{
	take(8, HALF);
}

/* CPUs get local heaps while local heaps are taken away. */
static void attach_setup(void)
{
	task_add("client", 0, take_8);
	task_add("give-back", 2, give_back);
}

static void take_9(void)
{
	take(9, HALF);
}

static struct task *migrant;

static bool may_migrate(struct task *t)
{
	return migrant->started && !migrant->done &&
	       !cpu_in_section(&cpus[migrant->cpu]);
}

static void migrate(void)
{
	migrant->cpu = 1;
}

static void take_10(void)
{
	take(10, THIRD);
}

static void migration_add(void)
{
	struct task *t;

	migrant = task_add("migrant", 0, take_8);
	migrant->roams = true;
	t = task_add("migration", SPARE_CPU, migrate);
	t->may_start = may_migrate;
	t->optional = true;
	section_watch(0);
	section_watch(1);
}

/* A task that needs fresh memory goes to another CPU meanwhile. */
static void migrate_setup(void)
{
	attach(0);
	attach(1);
	migration_add();
	task_add("client", 1, take_9);
}

/* The same, and its first CPU is used by another task. */
static void migrate_left_setup(void)
{
	attach(0);
	attach(1);
	migration_add();
	task_add("client", 0, take_10);
}

/* The same; nobody has a local heap yet. */
static void migrate_attach_setup(void)
{
	migration_add();
	task_add("client", 1, take_9);
}

/* The sweep comes by while blocks are freed, and a CPU goes down. */
static void sweep_setup(void)
{
	attach(1);
	take(0, EIGHTH);
	take(1, EIGHTH);
	queue_time_passes();
	task_add("client", 0, give_1);
	task_add("freer", 1, give_0);
}

static void sweep_down_setup(void)
{
	attach(1);
	take(0, EIGHTH);
	queue_time_passes();
	task_add("freer", 1, give_0);
	task_add("down", 2, cpu_0_down);
}

static void shrink(void)
{
	stub_shrink(4);
}

/* Memory is short when a CPU that has an empty superblock goes down. */
static void shrink_down_setup(void)
{
	take(0, THIRD);
	take(1, HALF);
	give(1);
	task_add("client", 0, give_0);
	task_add("down", 2, cpu_0_down);
	task_add("shrinker", SPARE_CPU, shrink);
}

static struct hoardk_heap *private;
static bool freed;

static void give_0_last(void)
{
	give(0);
	freed = true;
	clock_release(&freed);
}

static bool is_freed(void *arg)
{
	return freed;
}

/* Nobody frees blocks of a heap that is destroyed: wait for the last. */
static void destroy(void)
{
	task_wait("waits for the last free", is_freed, NULL);
	clock_acquire(&freed);
	if (hoardk_heap_destroy(private) != 1)
		fail("not one block was live");
	forget(1);
}

static void destroy_all(void)
{
	hoardk_heap_destroy(private);
}

/* A heap is destroyed right after a remote free, with a kick under way. */
static void destroy_setup(void)
{
	private = hoardk_heap_create("private", NULL);
	take_from(private, 0, HALF);
	take_from(private, 1, HALF);
	task_add("freer", 1, give_0_last);
	task_add("destroyer", 2, destroy);
}

/* And a CPU that has a local heap in it goes down. */
static void destroy_down_setup(void)
{
	private = hoardk_heap_create("private", NULL);
	take_from(private, 0, HALF);
	forget(0);
	task_add("down", 1, cpu_0_down);
	task_add("destroyer", 2, destroy_all);
}

/* The freer has a local heap in it, with an outbox. */
static void destroy_outbox_setup(void)
{
	destroy_setup();
	on_cpu(1);
	take_from(private, 2, HALF);
	give(2);
	on_cpu(0);
}

const struct scenario detach_scenarios[] = {
	{ "down_freer", down_freer_setup },
	{ "down_client", down_client_setup },
	{ "down_outbox", down_outbox_setup },
	{ "give_back", give_back_setup },
	{ "give_back_irq", give_back_irq_setup },
	{ "verify_freer", verify_freer_setup, .kicks = true },
	{ "verify_client", verify_client_setup },
	{ "attach", attach_setup },
	{ "migrate", migrate_setup },
	{ "migrate_left", migrate_left_setup, .bound = 3 },
	{ "migrate_attach", migrate_attach_setup },
	{ "sweep", sweep_setup },
	{ "sweep_down", sweep_down_setup },
	{ "shrink_down", shrink_down_setup, .slack = "8" },
	{ "destroy", destroy_setup },
	{ "destroy_down", destroy_down_setup },
	{ "destroy_outbox", destroy_outbox_setup },
	{ }
};
