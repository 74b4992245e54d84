/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The files in /sys/kernel/debug/hoardk.
 */
#ifndef HOARDK_DEBUGFS_H
#define HOARDK_DEBUGFS_H

void hoardk_debugfs_init(void);
void hoardk_debugfs_exit(void);

#endif /* HOARDK_DEBUGFS_H */
