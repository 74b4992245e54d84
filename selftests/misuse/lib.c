// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel tests' helpers for blocks and threads, compiled for this module.
 */
#include "../kernel/lib.c"
