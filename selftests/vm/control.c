// SPDX-License-Identifier: GPL-2.0
/*
 * A module that misbehaves as it is told, so that the VM runner can be shown
 * to notice: tools/vm/selftest.sh loads it.  It stands alone, without hoardk.
 */
#include <linux/bug.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/preempt.h>
#include <linux/string.h>

static char *what = "nothing";
module_param(what, charp, 0444);
MODULE_PARM_DESC(what, "nothing, warn, hold (a reference for ever), sleep (while atomic) or oops");

static int __init control_init(void)
{
	if (!strcmp(what, "nothing"))
		return 0;
	if (!strcmp(what, "warn")) {
		WARN(1, "hoardk_vm_control: as asked\n");
		return 0;
	}
	if (!strcmp(what, "hold"))
		return try_module_get(THIS_MODULE) ? 0 : -EBUSY;
	if (!strcmp(what, "sleep")) {
		preempt_disable();
		msleep(20);
		preempt_enable();
		return 0;
	}
	if (!strcmp(what, "oops")) {
		/* The first page is never mapped in the kernel. */
		WRITE_ONCE(*(int *)8, 1);
		return 0;
	}
	pr_err("hoardk_vm_control: what=%s is none of nothing, warn, hold, sleep, oops\n",
	       what);
	return -EINVAL;
}

static void __exit control_exit(void)
{
}

module_init(control_init);
module_exit(control_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Misbehaves on request, to test the VM runner");
