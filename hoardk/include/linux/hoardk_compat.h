/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between kernel versions that clients of hoardk meet.  Included by
 * <linux/hoardk.h>.
 */
#ifndef _LINUX_HOARDK_COMPAT_H
#define _LINUX_HOARDK_COMPAT_H

#include <linux/version.h>

/* hoardk's namespace, as MODULE_IMPORT_NS() takes it: from 6.13 on a string. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define HOARDK_NS	"HOARDK"
#else
#define HOARDK_NS	HOARDK
#endif

#endif /* _LINUX_HOARDK_COMPAT_H */
