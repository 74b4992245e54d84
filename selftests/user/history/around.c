// SPDX-License-Identifier: GPL-2.0
/*
 * What happens around a client: CPUs go down, work is done, time passes, memory
 * runs short, interrupts come in the middle of an operation.
 */
#include <linux/hoardk_test.h>

#include "hoardk/pages.h"
#include "mm.h"
#include "module.h"
#include "steps.h"
#include "world.h"

static unsigned int fail_after, fail_times;
static int fail_order;

/* stub_memory_fails(): the requests that an operation asked to fail. */
static bool memory_fails(int order, gfp_t gfp)
{
	if (!fail_times || (fail_order != -2 && order != fail_order))
		return false;
	if (fail_after) {
		fail_after--;
		return false;
	}
	fail_times--;
	return true;
}

static void do_fail(const struct op *op)
{
	static const int orders[] = { -2, 3, 0, -1 };

	world.may_fail = true;
	if (op->c % 5 == 4) {
		pages_fail_nth = 1 + op->a % 8;
		pages_fail_times = 1 + op->b % 8;
		return;
	}
	fail_order = orders[op->c % 5];
	fail_after = op->a % 8;
	fail_times = 1 + op->b % 16;
	stub_memory_fails = memory_fails;
}

/* The shortage is over; what an operation asked for does not outlive the next. */
static void fail_end(void)
{
	stub_memory_fails = NULL;
	fail_times = 0;
	pages_fail_nth = 0;
	world.may_fail = false;
}

/* An interrupt allocates, or frees what one has allocated or was given. */
static void interrupt(void *arg)
{
	const struct op *op = arg;
	struct slot *s = &world.irq_slots[op->c % IRQ_SLOTS];
	void *p;

	if (s->p) {
		slot_check(s);
		p = s->p;
		s->p = NULL;
		hoardk_free(p);
		return;
	}
	p = hoardk_alloc(8 + op->c % 2048, GFP_ATOMIC);
	/* In an NMI there may be nothing at hand. */
	if (p)
		slot_set(s, p, 8 + op->c % 2048, 0);
}

static void do_interrupt(const struct op *op)
{
	static struct op pending;
	struct slot *from = slot_used(op->a), *to;

	steps_interrupt_cancel();
	pending = *op;
	to = &world.irq_slots[op->c % IRQ_SLOTS];
	/* Blocks of tasks are freed in interrupts as well. */
	if (op->b / 2 % 4 == 0 && from && !to->p) {
		*to = *from;
		from->p = NULL;
	}
	steps_interrupt_after(1 + op->a % 64, op->b % 2, interrupt, &pending);
}

static void do_cpu_down(const struct op *op)
{
	unsigned int cpu = op->a % world.setup.cpus;

	if (cpu_online(cpu) && &cpus[cpu] != this_cpu)
		cpu_down(cpu);
}

static void do_read(const struct op *op)
{
	static const char *const names[] = {
		"stats", "summary", "classes", "cpus", "heaps", "verify",
	};
	char text[16384];
	FILE *out = fmemopen(text, sizeof(text), "w");

	expect(stub_debugfs_show(names[op->a % ARRAY_SIZE(names)], out),
	       "no file %s", names[op->a % ARRAY_SIZE(names)]);
	fclose(out);
	expect(strlen(text) > 2, "nothing to read");
}

static void do_give_back(const struct op *op)
{
	static const struct {
		const char *text;
		bool good;
	} texts[] = { { "1\n", true }, { "0", false }, { "x", false } };
	unsigned int i = op->a % 4 % ARRAY_SIZE(texts);

	expect((stub_debugfs_write("give_back", texts[i].text) > 0) ==
	       texts[i].good, "give_back took %s the wrong way", texts[i].text);
}

static bool is_armed(u8 kind)
{
	return kind == OP_fail || kind == OP_interrupt;
}

void around_reset(void)
{
	fail_end();
	steps_interrupt_cancel();
}

void do_around(const struct op *op)
{
	switch (op->kind) {
	case OP_cpu_down:
		do_cpu_down(op);
		break;
	case OP_work:
		if (steps_work_due())
			steps_do_work(op->a % steps_work_due());
		break;
	case OP_settle:
		steps_settle();
		break;
	case OP_advance:
		steps_advance(op->a % 700);
		break;
	case OP_grace_period:
		steps_grace_period();
		break;
	case OP_give_back:
		do_give_back(op);
		break;
	case OP_shrink:
		stub_shrink(1 + op->a % 64);
		break;
	case OP_fail:
		do_fail(op);
		break;
	case OP_interrupt:
		do_interrupt(op);
		break;
	case OP_read:
		do_read(op);
		break;
	}
	if (!is_armed(op->kind))
		around_reset();
}
