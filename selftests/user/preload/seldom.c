// SPDX-License-Identifier: GPL-2.0
/*
 * libhoardk.so: calls that change no register but the flags and the vector ones
 * (see seldom() in kernel/cpu.h).  The caller's frame may be anything.
 */
#include "../kernel/cpu.h"

#define SELDOM(function)						\
	__asm__(".pushsection .text\n"					\
		".globl " #function "_seldom\n"				\
		".hidden " #function "_seldom\n"			\
		".type " #function "_seldom, @function\n"		\
		#function "_seldom:\n"					\
		".cfi_startproc\n"					\
		"	push %rbp\n"					\
		".cfi_adjust_cfa_offset 8\n"				\
		".cfi_rel_offset %rbp, 0\n"				\
		"	mov %rsp, %rbp\n"				\
		".cfi_def_cfa_register %rbp\n"				\
		"	push %rax\n"					\
		"	push %rcx\n"					\
		"	push %rdx\n"					\
		"	push %rsi\n"					\
		"	push %rdi\n"					\
		"	push %r8\n"					\
		"	push %r9\n"					\
		"	push %r10\n"					\
		"	push %r11\n"					\
		"	and $-16, %rsp\n"				\
		"	call " #function "\n"				\
		"	lea -72(%rbp), %rsp\n"				\
		"	pop %r11\n"					\
		"	pop %r10\n"					\
		"	pop %r9\n"					\
		"	pop %r8\n"					\
		"	pop %rdi\n"					\
		"	pop %rsi\n"					\
		"	pop %rdx\n"					\
		"	pop %rcx\n"					\
		"	pop %rax\n"					\
		"	pop %rbp\n"					\
		".cfi_def_cfa %rsp, 8\n"				\
		"	ret\n"						\
		".cfi_endproc\n"					\
		".size " #function "_seldom, . - " #function "_seldom\n" \
		".popsection\n")

SELDOM(cpu_attach);
SELDOM(section_register);
SELDOM(section_wait);
