/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The world a history is played in: the module, loaded into the stub kernel in
 * steps, and the model it is compared with: what is live, where, how large, with
 * which contents.
 */
#ifndef HISTORY_WORLD_H
#define HISTORY_WORLD_H

#include <linux/hoardk.h>

#include "op.h"

#define IRQ_SLOTS	12

/**
 * struct slot - a block that is live, or @p is NULL
 * @p: its address
 * @size: the bytes asked for
 * @have: the bytes of the block
 * @key: of its contents
 * @heap: 0: the general heap, else 1 + index into struct world.heaps
 */
struct slot {
	u8 *p;
	size_t size, have;
	u32 key;
	unsigned int heap;
};

/**
 * struct world - the state of a history
 * @setup: how the module was loaded
 * @slots: blocks that operations hold
 * @irq_slots: blocks that interrupts hold
 * @heaps: private heaps
 * @refused: bad frees so far, each of which must be counted exactly once
 * @may_fail: a request for memory has been made to fail
 * @step: number of the operation
 * @keys: the last key given
 */
struct world {
	struct setup setup;
	struct slot slots[SLOTS];
	struct slot irq_slots[IRQ_SLOTS];
	struct hoardk_heap *heaps[HEAPS];
	unsigned long refused;
	bool may_fail;
	size_t step;
	u32 keys;
};

extern struct world world;

void __attribute__((__noreturn__)) __attribute__((__format__(printf, 1, 2)))
world_fail(const char *format, ...);
#define expect(condition, ...) do {					\
	if (!(condition))						\
		world_fail(__VA_ARGS__);				\
} while (0)

/* The step at which the world breaks on purpose; 0: none. */
extern size_t world_break_at;

void world_init(bool verbose);
void world_play(const struct history *h);
void world_check(void);

/* slot.c */
void slot_fill(struct slot *s);
void slot_check(const struct slot *s);
void slot_enter(struct slot *s, void *p, size_t size, unsigned int heap);
void slot_set(struct slot *s, void *p, size_t size, unsigned int heap);
struct slot *slot_used(u32 nth);
struct slot *slot_unused(u32 nth);
size_t slots_bytes(unsigned int heap);
size_t slots_live(unsigned int heap);

/* The parts of an operation's doing. */
void do_blocks(const struct op *op);
void do_bad(const struct op *op);
void do_around(const struct op *op);
void around_reset(void);

#endif /* HISTORY_WORLD_H */
