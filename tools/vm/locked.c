// SPDX-License-Identifier: GPL-2.0
/*
 * locked: a plugin for QEMU that counts a guest's locked instructions, all CPUs
 * together, between the marks of hoardk_bench: a line for each pair of marks.
 *
 * Locked is what has a lock prefix, and an exchange with memory.  The plugin's
 * argument out=FILE is where the lines go.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "qemu-plugin.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT int qemu_plugin_version = 1;

/* One thread runs all CPUs where the clock counts instructions. */
static uint64_t locked, at_begin;
static FILE *out;

static void mark(unsigned int cpu, void *end)
{
	(void)cpu;
	if (!end) {
		at_begin = locked;
		return;
	}
	fprintf(out, "%llu\n", (unsigned long long)(locked - at_begin));
	fflush(out);
}

static bool is_prefix(uint8_t byte)
{
	return memchr("\x66\x67\xf2\xf3\x2e\x36\x3e\x26\x64\x65", byte, 10);
}

static bool is_locked(const uint8_t *code, size_t size)
{
	size_t i = 0;

	while (i < size && is_prefix(code[i]))
		i++;
	if (i < size && code[i] == 0xf0)
		return true;
	if (i < size && (code[i] & 0xf0) == 0x40)
		i++;
	return i + 1 < size && (code[i] == 0x86 || code[i] == 0x87) &&
	       code[i + 1] < 0xc0;
}

/* nopl 0x484b0001(%rax) begins, nopl 0x484b0000(%rax) ends. */
static bool is_mark(const uint8_t *code, size_t size, bool *end)
{
	if (size != 7 || memcmp(code, "\x0f\x1f\x80", 3) ||
	    memcmp(code + 4, "\x00\x4b\x48", 3))
		return false;
	*end = !code[3];
	return true;
}

static void watch(struct qemu_plugin_insn *insn)
{
	const uint8_t *code = qemu_plugin_insn_data(insn);
	size_t size = qemu_plugin_insn_size(insn);
	bool end;

	if (is_locked(code, size))
		qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64,
							   &locked, 1);
	else if (is_mark(code, size, &end))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, mark, NO_REGISTERS,
						       end ? &locked : NULL);
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (i = 0; i < n; i++)
		watch(qemu_plugin_tb_get_insn(tb, i));
}

EXPORT int qemu_plugin_install(uint64_t id, const struct qemu_info *info,
			       int argc, char **argv)
{
	(void)info;
	if (argc == 1 && !strncmp(argv[0], "out=", 4))
		out = fopen(argv[0] + 4, "w");
	if (!out) {
		fprintf(stderr, "locked: wants out=FILE, a file it can write\n");
		return 1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
