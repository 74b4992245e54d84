/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A history: how the module is loaded, then operations one after another.
 * Every operation can be done in every state (what it lacks makes it nothing),
 * so any part of a history is one too: that is what shrinking needs.
 */
#ifndef HISTORY_OP_H
#define HISTORY_OP_H

#include <stdio.h>

#include "arith.h"

#define SLOTS		192
#define HEAPS		3
#define CPUS_MAX	4
#define NODES		2

/*
 * X(name, a, b, c): what the operands are; a "-" is unused.  All operations have
 * a CPU, on which they are called.
 */
#define OPS(X)								\
	X(alloc, slot, size, how)					\
	X(heap_alloc, slot, size, heap)					\
	X(memalign, slot, size, order)					\
	X(free, slot, how, -)						\
	X(realloc, slot, size, gfp)					\
	X(bulk_alloc, number, size, gfp)				\
	X(bulk_free, slot, number, -)					\
	X(usable, slot, -, -)						\
	X(touch, slot, -, -)						\
	X(heap_create, heap, policy, slack)				\
	X(heap_destroy, heap, -, -)					\
	X(cpu_down, number, -, -)					\
	X(work, nth, -, -)						\
	X(settle, -, -, -)						\
	X(advance, ms, -, -)						\
	X(grace_period, -, -, -)					\
	X(give_back, -, -, -)						\
	X(shrink, number, -, -)						\
	X(fail, after, times, kind)					\
	X(interrupt, points, how, slot)					\
	X(double_free, slot, cpu, cpu)					\
	X(wild_free, slot, kind, offset)				\
	X(read, file, -, -)

enum op_kind {
#define OP_KIND(name, a, b, c)	OP_##name,
	OPS(OP_KIND)
#undef OP_KIND
	NR_OPS
};

/**
 * struct op - an operation
 * @kind: enum op_kind
 * @cpu: where
 * @a: operands; what is out of range counts modulo what there is
 * @b: the same
 * @c: the same
 */
struct op {
	u8 kind;
	u8 cpu;
	u32 a, b, c;
};

/**
 * struct setup - how the module is loaded
 * @policy: 0 global, 1 local, 2 ownership, 3 hoard
 * @slack: K
 * @empty_percent: f
 * @cpus: possible CPUs
 * @init_on_alloc: as the kernel's parameter
 * @init_on_free: as the kernel's parameter
 * @free_at_unload: as the module's parameter: blocks live at the end
 */
struct setup {
	u32 policy, slack, empty_percent, cpus;
	u32 init_on_alloc, init_on_free, free_at_unload;
};

struct history {
	struct setup setup;
	struct op *ops;
	size_t nr;
};

extern const char *const setup_policies[4];

void history_random(struct history *h, u64 seed, const char *policy,
		    size_t steps);
bool history_from_bytes(struct history *h, const u8 *data, size_t size);
size_t history_to_bytes(const struct history *h, u8 *data, size_t size);
void history_print(const struct history *h, FILE *out);
int history_parse(struct history *h, FILE *in);
void history_free(struct history *h);

#endif /* HISTORY_OP_H */
