// SPDX-License-Identifier: GPL-2.0
/*
 * hoardk: parameters, and the order in which the parts start and end.
 */
#define pr_fmt(fmt) "hoardk: " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>

#include "checked.h"
#include "class.h"
#include "debugfs.h"
#include "heap.h"
#include "large.h"
#include "pages.h"
#include "pool.h"
#include "superblock.h"
#include "sweep.h"

static char *policy = "hoard";
module_param(policy, charp, 0444);
MODULE_PARM_DESC(policy, "global, local, ownership or hoard (default)");

static unsigned int slack = 32;
module_param(slack, uint, 0444);
MODULE_PARM_DESC(slack, "K: superblocks a local heap may keep unused, 1 to 1024 (default 32)");

static unsigned int empty_percent = 50;
module_param(empty_percent, uint, 0444);
MODULE_PARM_DESC(empty_percent, "f: how empty a superblock must be to go back, 20 to 90 % (default 50)");

static char *checks = "none";
module_param(checks, charp, 0444);
MODULE_PARM_DESC(checks, "of the general heap and by default of others: none (default), all, or some of owner,redzone,poison,zero,random,quarantine");

module_param_named(free_at_unload, pages_free_at_unload, bool, 0444);
MODULE_PARM_DESC(free_at_unload, "free live blocks at unload and report them, instead of being refused");

module_param_named(fail_nth, pages_fail_nth, uint, 0644);
MODULE_PARM_DESC(fail_nth, "test: the n-th request for memory from now on fails");

module_param_named(fail_times, pages_fail_times, uint, 0644);
MODULE_PARM_DESC(fail_times, "test: how many requests fail from there on (default 1)");

static int __init hoardk_init(void)
{
	int kind = policy_parse(policy);
	unsigned int flags;
	char names[64];
	int err;

	if (kind < 0) {
		pr_err("policy must be global, local, ownership or hoard, not \"%s\"\n",
		       policy);
		return kind;
	}
	err = heap_check(kind, slack, empty_percent);
	if (!err)
		err = checks_parse(checks, &flags);
	if (err)
		return err;
	superblock_linear_start = PAGE_OFFSET;
	superblock_linear_size = hoardk_linear_end() - PAGE_OFFSET;
	err = class_init();
	if (err)
		return err;
	err = pool_init();
	if (err)
		return err;
	err = large_init();
	if (err)
		goto exit_pool;
	err = sweep_init();
	if (err)
		goto exit_large;
	err = heap_init(kind, slack, empty_percent, flags);
	if (err)
		goto exit_sweep;
	hoardk_debugfs_init();
	checks_name(flags, names, sizeof(names));
	pr_info("loaded: policy %s, K = %u, f = %u %%, %u CPUs, checks %s%s\n",
		policy_name(kind), slack, empty_percent, num_online_cpus(), names,
		pages_free_at_unload ? "; frees what is live at unload" : "");
	return 0;

exit_sweep:
	sweep_exit();
exit_large:
	large_exit();
exit_pool:
	pool_exit();
	return err;
}

static void __exit hoardk_exit(void)
{
	hoardk_debugfs_exit();
	heap_exit();
	sweep_exit();
	large_reap();
	pool_exit();
	/* Superblocks and records that wait for their grace period. */
	rcu_barrier();
	large_exit();
}

module_init(hoardk_init);
module_exit(hoardk_exit);

MODULE_DESCRIPTION("General-purpose allocator for kernel modules, after Hoard");
MODULE_AUTHOR("The hoardk developers");
MODULE_LICENSE("GPL");
