/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stub kernel's asm/asm.h: a load that may fault is listed with the place
 * to go on and the register that gets -EFAULT; fault.c looks there.
 */
#ifndef STUB_EXTABLE_H
#define STUB_EXTABLE_H

#include "arith.h"

/**
 * struct stub_extable - a load that may fault
 * @from: its address, relative to this member
 * @to: where to go on, the same
 * @reg: number of the 64-bit register, as the processor counts
 */
struct stub_extable {
	s32 from;
	s32 to;
	s32 reg;
};

#define EX_TYPE_EFAULT_REG	0

/* The register's number is found by comparing names. */
#define _ASM_EXTABLE_TYPE_REG(from, to, type, reg)			\
	" .pushsection stub_extable,\"a\"\n"				\
	" .balign 4\n"							\
	" .long (" #from ") - .\n"					\
	" .long (" #to ") - .\n"					\
	" .set stub_reg, 0\n"						\
	" .irp name, rax,rcx,rdx,rbx,rsp,rbp,rsi,rdi,"			\
		"r8,r9,r10,r11,r12,r13,r14,r15\n"			\
	" .ifc " #reg ", %%\\name\n"					\
	" .long stub_reg\n"						\
	" .endif\n"							\
	" .set stub_reg, stub_reg + 1\n"				\
	" .endr\n"							\
	" .popsection\n"

void stub_fault_init(void);

#endif /* STUB_EXTABLE_H */
