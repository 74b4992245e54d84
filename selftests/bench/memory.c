// SPDX-License-Identifier: GPL-2.0
/*
 * A and U while a work goes on, of hoardk and of SLUB.
 *
 * U is what the work asked for and has not freed, the same for both.  A is what
 * hoardk holds, by its own count, or what the kernel's slabs have grown by, by the
 * kernel's, which is behind by some pages a CPU.
 */
#include <linux/err.h>
#include <linux/hoardk_test.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>

#include "memory.h"

#define SAMPLES		8192

struct sample {
	unsigned long x;
	size_t live;
	size_t held;
};

/* The samples of one run, and the peaks, which are of all samples. */
struct series {
	const char *name;
	enum allocator who;
	struct sample *samples;
	unsigned int nr;
	size_t peak_live;
	size_t peak_held;
};

static struct series all[] = {
	{ .name = "hoardk", .who = HOARDK },
	{ .name = "kmalloc", .who = KMALLOC },
};

static struct series *now;
static void *arrays[4];
static unsigned int nr_arrays;
static size_t live, held_before;

enum allocator memory_who;

static size_t slab_bytes(void)
{
	return (global_node_page_state_pages(NR_SLAB_UNRECLAIMABLE_B) +
		global_node_page_state_pages(NR_SLAB_RECLAIMABLE_B)) * PAGE_SIZE;
}

static size_t held(void)
{
	size_t bytes;

	if (memory_who == HOARDK)
		return hoardk_held_bytes();
	bytes = slab_bytes();
	return bytes > held_before ? bytes - held_before : 0;
}

void *memory_get(size_t size)
{
	void *p = take(memory_who, size, NULL);

	if (p)
		live += size;
	return p;
}

void memory_put(void *p, size_t size)
{
	if (!p)
		return;
	live -= size;
	give(memory_who, p, size, NULL);
}

void memory_sample(unsigned long x)
{
	size_t bytes = held();

	now->peak_live = max(now->peak_live, live);
	now->peak_held = max(now->peak_held, bytes);
	if (now->nr < SAMPLES)
		now->samples[now->nr++] = (struct sample){ x, live, bytes };
}

/*
 * Let others run: CPUs that were told to take back what is theirs.  Idle ones do so
 * at once, but those of a VM when the host comes to them, and what is held would go
 * by that.
 */
void memory_settle(void)
{
	if (memory_wait && memory_who == HOARDK)
		hoardk_heap_await_kicks(NULL);
	cond_resched();
}

void *memory_array(size_t n, size_t size)
{
	if (nr_arrays == ARRAY_SIZE(arrays))
		return NULL;
	return arrays[nr_arrays++] = vcalloc(n, size);
}

static const struct {
	const char *name;
	int (*run)(unsigned int cpus);
} shapes[] = {
	{ "chain", chain_run },
	{ "turns", turns_run },
	{ "pipe", pipe_run },
	{ "shrink", shrink_run },
	{ "robson", robson_run },
};

static int run_series(struct series *s, int (*run)(unsigned int cpus),
		      unsigned int cpus)
{
	int err;

	s->samples = vcalloc(SAMPLES, sizeof(*s->samples));
	if (!s->samples)
		return -ENOMEM;
	now = s;
	memory_who = s->who;
	live = 0;
	held_before = slab_bytes();
	err = run(cpus);
	while (nr_arrays)
		vfree(arrays[--nr_arrays]);
	return err;
}

/* The work @what, on @cpus CPUs, with each allocator. */
int memory_run(const char *what, unsigned int cpus)
{
	int err = 0;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		if (strcmp(what, shapes[i].name))
			continue;
		for (k = 0; k < ARRAY_SIZE(all) && !err; k++)
			err = run_series(&all[k], shapes[i].run, cpus);
		return err;
	}
	pr_err("no memory work '%s': say chain, turns, pipe, shrink or robson\n",
	       what);
	return -EINVAL;
}

/* A line `peak NAME U A` each, then `sample NAME X U A`, in bytes. */
int memory_show(struct seq_file *m, void *v)
{
	const struct sample *s;
	size_t k, i;

	for (k = 0; k < ARRAY_SIZE(all); k++)
		seq_printf(m, "peak\t%s\t%zu\t%zu\n", all[k].name,
			   all[k].peak_live, all[k].peak_held);
	for (k = 0; k < ARRAY_SIZE(all); k++)
		for (i = 0; i < all[k].nr; i++) {
			s = &all[k].samples[i];
			seq_printf(m, "sample\t%s\t%lu\t%zu\t%zu\n",
				   all[k].name, s->x, s->live, s->held);
		}
	return 0;
}

void memory_close(void)
{
	size_t k;

	for (k = 0; k < ARRAY_SIZE(all); k++)
		vfree(all[k].samples);
}
