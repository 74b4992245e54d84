// SPDX-License-Identifier: GPL-2.0
/*
 * hoardk_torture: everything that clients of hoardk may do, and much that they
 * may not, on all CPUs and in all contexts at once, while CPUs go and come and
 * memory fails.
 *
 * insmod does the whole job and returns 0 when it is done; whether hoardk held
 * is in /sys/kernel/debug/hoardk_torture/result, verdict last.  The first round
 * that goes wrong is the last.  An error of insmod means that there was no job.
 *
 * seed= chooses what each player does at each turn; which turn meets which is
 * up to the machine.  Nothing else may use hoardk meanwhile.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hoardk.h>
#include <linux/module.h>
#include <linux/random.h>

#include "torture.h"

struct job job;

struct torture torture;

static unsigned int seed;
module_param(seed, uint, 0444);
MODULE_PARM_DESC(seed, "chooses what players do; 0 (default): the machine chooses one");

static unsigned int seconds = 60;
module_param(seconds, uint, 0444);
MODULE_PARM_DESC(seconds, "how long, 1 to 100000 (default 60)");

static unsigned int round_ms = 2000;
module_param(round_ms, uint, 0444);
MODULE_PARM_DESC(round_ms, "how often all stop to compare figures, 10 to 100000 (default 2000)");

static unsigned int cells = 1024;
module_param(cells, uint, 0444);
MODULE_PARM_DESC(cells, "how many blocks a CPU's share is, 16 to 65536 (default 1024)");

static unsigned int irq_us = 300;
module_param(irq_us, uint, 0444);
MODULE_PARM_DESC(irq_us, "how often timers go off, 50 to 100000 microseconds (default 300)");

static unsigned int wrong = 512;
module_param(wrong, uint, 0444);
MODULE_PARM_DESC(wrong, "one turn in so many frees a bad pointer as well (default 512, 0: none)");

static unsigned int reserve_mb;
module_param(reserve_mb, uint, 0444);
MODULE_PARM_DESC(reserve_mb, "take all memory but so many MB, again and again (default 0: none)");

static unsigned int size;
module_param(size, uint, 0444);
MODULE_PARM_DESC(size, "blocks of half of this to this, 16 to 16384 (default 0: as each round likes)");

static bool reclaim = true;
module_param(reclaim, bool, 0444);
MODULE_PARM_DESC(reclaim, "hoardk is asked for all memory back, again and again (default)");

static bool hotplug = true;
module_param(hotplug, bool, 0444);
MODULE_PARM_DESC(hotplug, "CPUs go and come (default)");

static bool nmi = true;
module_param(nmi, bool, 0444);
MODULE_PARM_DESC(nmi, "NMIs play as well, where the machine has them (default)");

static bool fail = true;
module_param(fail, bool, 0444);
MODULE_PARM_DESC(fail, "requests for memory fail by hoardk's fail_nth (default)");

static bool parting;
module_param(parting, bool, 0444);
MODULE_PARM_DESC(parting, "unloaded while its last frees are under way, with a heap left (default: not)");

static unsigned int busted;
module_param(busted, uint, 0444);
MODULE_PARM_DESC(busted, "a control that must fail: 1 corrupt, 2 lose, 3 free twice, 4 overlap");

static int take_parameters(void)
{
	if (!seconds || seconds > 100000)
		return refuse("seconds=", "1 to 100000");
	if (round_ms < 10 || round_ms > 100000)
		return refuse("round_ms=", "10 to 100000");
	if (cells < 16 || cells > 65536)
		return refuse("cells=", "16 to 65536");
	if (irq_us < 50 || irq_us > 100000)
		return refuse("irq_us=", "50 to 100000");
	if (size && (size < 16 || size > 16384))
		return refuse("size=", "16 to 16384, 0 for all");
	if (busted > 4)
		return refuse("busted=", "0 (none) to 4");
	torture.seconds = seconds;
	torture.round_ms = round_ms;
	torture.cells = cells;
	torture.irq_us = irq_us;
	torture.wrong = wrong;
	torture.reserve_mb = reserve_mb;
	torture.size = size;
	torture.reclaim = reclaim;
	torture.hotplug = hotplug;
	torture.nmi = nmi;
	torture.fail = fail;
	torture.parting = parting;
	job.seed = seed ?: get_random_u32() | 1;
	job.busted = busted;
	job.mix = true;
	job.large = true;
	/* No warning and no killing where memory is short on purpose. */
	job.gfp = __GFP_NORETRY;
	return 0;
}

static int __init torture_init(void)
{
	int error;

	error = take_parameters();
	if (error)
		return error;
	pr_info("seed %u, %u s\n", job.seed, torture.seconds);
	error = torture_run();
	if (error) {
		stress_busted_exit();
		return error;
	}
	torture_result_create();
	return 0;
}

static void __exit torture_exit(void)
{
	torture_result_destroy();
	stress_busted_exit();
	if (torture.parting)
		torture_part();
}

module_init(torture_init);
module_exit(torture_exit);

MODULE_DESCRIPTION("Torture test of hoardk");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(HOARDK_NS);
