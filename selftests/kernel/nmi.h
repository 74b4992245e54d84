/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions called in NMI context.  Task context; nmi_works() is false where
 * the machine has no way to send NMIs.
 */
#ifndef HOARDK_TEST_NMI_H
#define HOARDK_TEST_NMI_H

#include <linux/types.h>

int nmi_open(void);
void nmi_close(void);
bool nmi_works(void);
bool nmi_run(unsigned int cpu, void (*fn)(void *arg), void *arg);

#endif /* HOARDK_TEST_NMI_H */
