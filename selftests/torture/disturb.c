// SPDX-License-Identifier: GPL-2.0
/*
 * What happens to the players: CPUs go and come, threads are sent elsewhere in
 * the middle of an allocation, requests for memory fail, heaps go, blocks are freed
 * twice.  One thread for each, within a round only; that CPUs go is for rest.c as
 * well.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>

#include <linux/hoardk_test.h>

#include "../kernel/nmi.h"
#include "../kernel/parameter.h"
#include "torture.h"

#define SALT_DISTURB	13

static atomic_t drawn;

/* From the seed, in whatever order threads draw. */
u64 torture_random(void)
{
	return stress_hash(0, atomic_inc_return(&drawn), SALT_DISTURB) >> 8;
}

/* A CPU that may go, then back it comes; false where it may not. */
bool torture_cpu_cycle(unsigned int cpu)
{
	if (remove_cpu(cpu))
		return false;
	usleep_range(100, 30000);
	while (add_cpu(cpu))
		msleep(20);
	torture.hotplug_cycles++;
	return true;
}

/* A CPU comes back with the timers of its players. */
static int hotplug_thread(void *unused)
{
	struct site *s;

	while (!kthread_should_stop()) {
		s = &torture.sites[1 + torture_random() %
				   (torture.nr_sites - 1)];
		if (torture_cpu_cycle(s->cpu))
			torture_irq_start(s);
		usleep_range(100, 100000);
	}
	return 0;
}

static int flip_thread(void *unused)
{
	while (!kthread_should_stop()) {
		u64 h = torture_random();
		struct site *s = &torture.sites[h % torture.nr_sites];
		struct player *p = &s->players[PLAYER_TASK + (h >> 20) % 2];

		s = &torture.sites[(h >> 32) % torture.nr_sites];
		/*
		 * Fails while the CPU is away.  Not while it is on its way: the
		 * scheduler lets kernel threads onto a CPU that is dying.
		 */
		cpus_read_lock();
		if (!set_cpus_allowed_ptr(p->task, cpumask_of(s->cpu)))
			torture.flips++;
		cpus_read_unlock();
		usleep_range(200, 3000);
	}
	return 0;
}

/* How many requests have failed since @times of them were ordered. */
static u64 failed_of(unsigned int times)
{
	unsigned long nth, left;
	char text[24];

	if (parameter_get("fail_nth", text, sizeof(text)) ||
	    kstrtoul(text, 10, &nth))
		return 0;
	if (!nth)
		return times;
	if (nth > 1 || parameter_get("fail_times", text, sizeof(text)) ||
	    kstrtoul(text, 10, &left) || left > times)
		return 0;
	return times - left;
}

static int fail_thread(void *unused)
{
	while (!kthread_should_stop()) {
		u64 h = torture_random();
		unsigned int times = 1 + (h >> 8) % 30;

		if (parameter_set("fail_times", times) ||
		    parameter_set("fail_nth", 1 + h % 30)) {
			pr_err("hoardk takes no fail_nth\n");
			job.accounting_errors++;
			break;
		}
		usleep_range(1000, 100000);
		torture.failures += failed_of(times);
		parameter_set("fail_nth", 0);
	}
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static int give_back_thread(void *unused)
{
	while (!kthread_should_stop()) {
		hoardk_give_back();
		usleep_range(1000, 400000);
	}
	return 0;
}

static struct disturber {
	const char *name;
	int (*thread)(void *unused);
	struct task_struct *task;
} disturbers[] = {
	{ "flip", flip_thread },
	{ "heaps", torture_heaps_thread },
	{ "give_back", give_back_thread },
	{ "wrong", torture_wrong_thread },
	{ "fail", fail_thread },
	{ "eat", torture_eat_thread },
	{ "nmi", torture_nmi_thread },
	{ "hotplug", hotplug_thread },
};

static bool wanted(const struct disturber *d)
{
	if (d->thread == torture_wrong_thread)
		return torture.wrong;
	if (d->thread == fail_thread)
		return torture.fail;
	if (d->thread == torture_eat_thread)
		return torture.reserve_mb;
	if (d->thread == torture_nmi_thread)
		return torture.nmi && nmi_works();
	if (d->thread == hotplug_thread)
		return torture.hotplug && torture.nr_sites > 1;
	if (d->thread == give_back_thread)
		return torture.reclaim;
	return true;
}

/* The players are there. */
int torture_disturb_start(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(disturbers); i++) {
		struct disturber *d = &disturbers[i];
		struct task_struct *task;

		if (!wanted(d))
			continue;
		task = kthread_run(d->thread, NULL, "hoardk_%s", d->name);
		if (IS_ERR(task))
			return PTR_ERR(task);
		d->task = task;
	}
	return 0;
}

/* All CPUs are online again, and no NMI is under way. */
void torture_disturb_stop(void)
{
	unsigned int i = ARRAY_SIZE(disturbers);

	while (i--) {
		if (disturbers[i].task)
			kthread_stop(disturbers[i].task);
		disturbers[i].task = NULL;
	}
}
