/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stub kernel's asm/asm.h: an access that may fault is listed with the place to
 * go on; fault.c looks there.
 */
#ifndef STUB_EXTABLE_H
#define STUB_EXTABLE_H

#include "arith.h"

/**
 * struct stub_extable - an access that may fault
 * @from: its address, relative to this member
 * @to: where to go on, the same
 */
struct stub_extable {
	s32 from;
	s32 to;
};

#define _ASM_EXTABLE(from, to)						\
	" .pushsection stub_extable,\"a\"\n"				\
	" .balign 4\n"							\
	" .long (" #from ") - .\n"					\
	" .long (" #to ") - .\n"					\
	" .popsection\n"

void stub_fault_init(void);

#endif /* STUB_EXTABLE_H */
