/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parameters of hoardk, read and written as a shell would.  Task context.
 */
#ifndef HOARDK_TEST_PARAMETER_H
#define HOARDK_TEST_PARAMETER_H

#include <linux/types.h>

int parameter_set(const char *name, unsigned long value);
int parameter_get(const char *name, char *text, size_t size);

#endif /* HOARDK_TEST_PARAMETER_H */
