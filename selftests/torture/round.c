// SPDX-License-Identifier: GPL-2.0
/*
 * The thread in charge: sets up, goes by rounds, takes down.
 *
 * Task context of insmod.  Between rounds it alone runs, and compares what
 * hoardk says with what the players hold, to the byte.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include <linux/hoardk.h>
#include <linux/hoardk_test.h>

#include "../kernel/nmi.h"
#include "torture.h"

#define HEARTBEAT	(15 * HZ)

/* Narrow ranges fill superblocks of few classes, wide ones touch them all. */
static void round_sizes(void)
{
	u64 h = torture_random();

	job.min_size = torture.size / 2 ?: 8U << h % 11;
	job.max_size = torture.size ?:
		       min(job.min_size << (1 + (h >> 8) % 10), 16384U);
	job.uniform = h & 0x10000;
}

/* A quarter to one and three quarters of what was asked for. */
static unsigned int round_length(void)
{
	u32 ms = torture.round_ms;

	return msecs_to_jiffies(ms / 4 + torture_random() % (ms * 3 / 2)) + 1;
}

static int round_play(unsigned long end)
{
	unsigned long now = jiffies, stop = now + round_length();
	int error;

	round_sizes();
	error = torture_players_start();
	if (!error)
		error = torture_disturb_start();
	stop = min(stop, end + 1);
	while (!error && time_before(jiffies, stop) && !job.interrupted) {
		schedule_timeout_interruptible(stop - jiffies);
		if (signal_pending(current))
			job.interrupted = true;
	}
	torture_disturb_stop();
	torture_players_stop();
	torture.rounds++;
	return error;
}

static int round_drain(void)
{
	torture_heaps_close();
	torture_drain();
	torture_rest();
	stress_check();
	return torture_private_renew();
}

static bool went_wrong(u64 start)
{
	if (stress_check_passed())
		return false;
	torture.failed_ms = div_u64(ktime_get_ns() - start, NSEC_PER_MSEC);
	return true;
}

static int rounds(void)
{
	unsigned long end = jiffies + torture.seconds * HZ;
	unsigned long beat = jiffies + HEARTBEAT;
	u64 start = ktime_get_ns();
	int error = 0;

	do {
		error = round_play(end);
		stress_check();
		if (!error && torture_random() % 3 == 0)
			error = round_drain();
		if (time_after_eq(jiffies, beat)) {
			torture_heartbeat();
			beat = jiffies + HEARTBEAT;
		}
	} while (!error && !went_wrong(start) && !job.interrupted &&
		 time_before(jiffies, end));
	/* Fails only where there is no memory for what nobody needs any more. */
	round_drain();
	if (!torture.failed_ms)
		went_wrong(start);
	job.elapsed_ns = ktime_get_ns() - start;
	return error;
}

static int setup(void)
{
	int error;

	stress_stamp_init();
	error = stress_shadow_init() ?: nmi_open();
	if (error)
		return error;
	error = torture_players_create() ?: torture_wrong_init();
	if (error)
		return error;
	job.base = hoardk_heap_in_use(NULL);
	return torture_private_renew();
}

/* An errno if there is no verdict. */
int torture_run(void)
{
	int error = setup();

	if (!error)
		error = rounds();
	if (job.heap && hoardk_heap_destroy(job.heap))
		job.accounting_errors++;
	torture_wrong_exit();
	if (!error)
		torture_judge();
	nmi_close();
	torture_players_destroy();
	stress_shadow_exit();
	if (!error && job.interrupted)
		error = -EINTR;
	return error;
}
