/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stub kernel says it is 6.12, the newer of those that are supported.
 */
#ifndef STUB_VERSION_H
#define STUB_VERSION_H

#define KERNEL_VERSION(a, b, c)	(((a) << 16) + ((b) << 8) + (c))
#define LINUX_VERSION_CODE	KERNEL_VERSION(6, 12, 0)

#endif /* STUB_VERSION_H */
