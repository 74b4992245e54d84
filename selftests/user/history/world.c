// SPDX-License-Identifier: GPL-2.0
/*
 * Playing a history: load, do each operation, compare with the model after each,
 * unload, and see that nothing is left.
 */
#include <linux/hoardk_test.h>
#include <stdarg.h>
#include <stdlib.h>

#include "extable.h"
#include "hoardk/account.h"
#include "hoardk/heap.h"
#include "hoardk/stats.h"
#include "module.h"
#include "steps.h"
#include "world.h"

struct world world;
size_t world_break_at;

static bool verbose;
static char last_line[512];

void world_fail(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "step %zu: ", world.step);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	if (*last_line)
		fprintf(stderr, "the last line on the console: %s", last_line);
	abort();
}

static void console(const char *line)
{
	strscpy(last_line, line, sizeof(last_line));
	if (verbose)
		fputs(line, stderr);
}

/* Once for the process. */
void world_init(bool loud)
{
	verbose = loud;
	stub_console = console;
	stub_ratelimit_off = true;
	stub_pages_strict = true;
	stub_ram_pages = 1 << 18;
	stub_memory_init(NODES);
	stub_fault_init();
}

static void param(const char *name, unsigned int value)
{
	static char text[8][16];
	static unsigned int i;
	char *t = text[i++ % ARRAY_SIZE(text)];

	snprintf(t, sizeof(text[0]), "%u", value);
	expect(!stub_param_set(name, t), "no parameter %s", name);
}

/* What insmod would find zeroed, since it loads the module anew. */
static void forget(void)
{
	memset(&account, 0, sizeof(account));
	memset(&general_heap, 0, sizeof(general_heap));
	memset(&world, 0, sizeof(world));
	memset(last_line, 0, sizeof(last_line));
}

static void load(const struct setup *s)
{
	int err;

	forget();
	world.setup = *s;
	cpu_set_possible(s->cpus);
	steps_on_cpu(0);
	stub_param_set("policy", setup_policies[s->policy]);
	param("slack", s->slack);
	param("empty_percent", s->empty_percent);
	param("free_at_unload", s->free_at_unload);
	stub_init_on_alloc = s->init_on_alloc;
	stub_init_on_free = s->init_on_free;
	err = stub_module_load();
	expect(!err, "insmod: %d", err);
}

/* A by the stub's page allocator, less what hoardk does not count in A. */
static long held_by_pages(void)
{
	struct hoardk_heap *heap;
	long bytes = (stub_pages_taken() << PAGE_SHIFT) + stub_vmalloc_bytes();
	int cpu;

	mutex_lock(&heaps_mutex);
	list_for_each_entry(heap, &heaps, link) {
		if (heap != &general_heap)
			bytes -= PAGE_ALIGN(sizeof(*heap));
		for_each_possible_cpu(cpu) {
			const struct local_heap *h = heap_local(heap, cpu);

			if (h != &busy_heap)
				bytes -= LOCAL_HEAP_BYTES +
					 (h->loose ? PAGE_SIZE : 0);
		}
	}
	mutex_unlock(&heaps_mutex);
	return bytes;
}

static void check_heap(struct hoardk_heap *heap, unsigned int number)
{
	size_t u = hoardk_heap_in_use(heap), model = slots_bytes(number);

	expect(u == model, "heap %u: U is %zu instead of %zu", number, u, model);
	expect(hoardk_heap_pending(heap) <=
	       (size_t)atomic_long_read(&account.held.now),
	       "heap %u: more is to be drained than is held", number);
}

static void check_bound(void)
{
	long bound = stats_bound_bytes();
	long peak = atomic_long_read(&account.held.peak);

	expect(bound < 0 || peak <= bound, "peak A %ld is beyond its bound %ld",
	       peak, bound);
}

/* Between two operations everything must be as the model says. */
void world_check(void)
{
	unsigned long refused = atomic_long_read(&account.invalid_frees) +
				atomic_long_read(&account.double_frees);
	long held = atomic_long_read(&account.held.now);
	unsigned int i;

	expect(!preempt_count(), "a section was left on");
	expect(!hoardk_verify(), "a structure is wrong");
	expect(refused == world.refused, "%lu bad frees counted instead of %lu",
	       refused, world.refused);
	check_heap(NULL, 0);
	for (i = 0; i < HEAPS; i++)
		if (world.heaps[i])
			check_heap(world.heaps[i], i + 1);
	expect(held == held_by_pages(), "A is %ld instead of %ld", held,
	       held_by_pages());
	check_bound();
}

static void check_between(void)
{
	steps_interrupt_hold(true);
	world_check();
	steps_interrupt_hold(false);
}

static bool goes_around(u8 kind)
{
	return kind >= OP_cpu_down && kind <= OP_interrupt;
}

static void step(const struct op *op)
{
	steps_on_cpu(op->cpu % world.setup.cpus);
	if (goes_around(op->kind) || op->kind == OP_read) {
		do_around(op);
	} else {
		do_blocks(op);
		do_bad(op);
		around_reset();
	}
	if (world.step + 1 == world_break_at && slot_used(0)) {
		slot_used(0)->p[0] ^= 1;
		slot_check(slot_used(0));
	}
	check_between();
}

static void free_irq_slots(void)
{
	unsigned int i;

	for (i = 0; i < IRQ_SLOTS; i++)
		hoardk_free(world.irq_slots[i].p);
	memset(world.irq_slots, 0, sizeof(world.irq_slots));
}

static void free_all(void)
{
	struct op op = { .kind = OP_heap_destroy, .b = 1 };

	for (op.a = 0; op.a < HEAPS; op.a++)
		do_blocks(&op);
	op.kind = OP_free;
	for (op.a = 0; op.a < SLOTS; op.a++)
		if (world.slots[op.a].p)
			do_blocks(&op);
	free_irq_slots();
}

/* What is idle goes back by itself, within a second. */
static void idle(void)
{
	unsigned int i;

	for (i = 0; i < 5; i++) {
		steps_advance(200);
		steps_settle();
		steps_grace_period();
		world_check();
	}
	expect(!atomic_long_read(&account.held.now),
	       "%ld bytes are held after a second",
	       atomic_long_read(&account.held.now));
}

static void unload(void)
{
	unsigned int cpu;

	if (!world.setup.free_at_unload) {
		free_all();
		idle();
	}
	expect(!stub_module_unload(), "rmmod is refused, with %ld references",
	       atomic_long_read(&stub_module_refs));
	expect(!stub_pages_taken() && !stub_vmalloc_bytes(),
	       "%lu pages and %lu bytes of vmalloc are left",
	       stub_pages_taken(), stub_vmalloc_bytes());
	for (cpu = 0; cpu < CPUS_MAX; cpu++)
		cpus[cpu].online = false;
}

void world_play(const struct history *h)
{
	const struct op *op;

	load(&h->setup);
	for (op = h->ops; op < h->ops + h->nr; op++) {
		world.step = op - h->ops;
		step(op);
	}
	around_reset();
	world.step = h->nr;
	steps_on_cpu(0);
	unload();
}
