// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel tests' helpers for blocks, threads and parameters, compiled for
 * this module.
 */
#include "../kernel/lib.c"
#include "../kernel/parameter.c"
