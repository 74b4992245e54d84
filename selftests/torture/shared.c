// SPDX-License-Identifier: GPL-2.0
/*
 * What hoardk_torture has in common with hoardk_stress and hoardk_test, whose
 * sources say what it is for: a module of its own needs a copy of its own.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "../stress/block.c"
#include "../stress/stamp.c"
#include "../stress/shadow.c"
#include "../stress/busted.c"
#include "../stress/check.c"
#include "../kernel/nmi.c"
#include "../kernel/parameter.c"
