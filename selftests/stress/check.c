// SPDX-License-Identifier: GPL-2.0
/*
 * What the actors counted against what hoardk says, and complaints on the way.
 *
 * Sums and checks: task context, while no actor runs.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/module.h>
#include <linux/printk.h>

#include <linux/hoardk_test.h>

#include "stress.h"

#define COMPLAINTS	10	/* the counters go on counting */
#define CHECK_TRIES	100	/* a slow machine is no failure */
#define CHECK_MS	20

static const char * const heap_names[HEAPS] = {
	"general", "private", "passing",
};

static atomic_t complaints;

/* Any context. */
void stress_complain(const char *what, const struct block *b, size_t detail)
{
	if (atomic_inc_return(&complaints) > COMPLAINTS)
		return;
	pr_err("%s: block %p of %u bytes (usable %u), %s heap, block %u of actor %u, made on CPU %u, now on %u, at or instead %zu\n",
	       what, b->p, b->size, b->usable, heap_names[b->heap],
	       b->seq, b->owner, b->cpu, raw_smp_processor_id(), detail);
}

void stress_tally_add(struct tally *to, const struct tally *from)
{
	unsigned int i;

	to->allocs += from->allocs;
	to->frees += from->frees;
	to->remote_frees += from->remote_frees;
	to->reallocs += from->reallocs;
	to->alloc_failures += from->alloc_failures;
	to->corrupted += from->corrupted;
	to->overlapped += from->overlapped;
	to->misaligned += from->misaligned;
	for (i = 0; i < WAYS; i++) {
		to->made[i] += from->made[i];
		to->dropped[i] += from->dropped[i];
	}
	for (i = 0; i < HEAPS; i++)
		to->bytes[i] += from->bytes[i];
}

u64 stress_tally_operations(const struct tally *t)
{
	return t->allocs + t->frees + t->reallocs;
}

/*
 * A drain or a move that a worker's last frees have caused may still be under
 * way on another CPU, and is seen half done; what is lost stays lost.
 */
static void check_heap(unsigned int id, struct hoardk_heap *heap, size_t base)
{
	unsigned int tries = CHECK_TRIES;
	s64 held;

	for (;;) {
		held = (s64)hoardk_heap_in_use(heap) - (s64)base;
		if (held == job.total.bytes[id])
			return;
		if (!--tries)
			break;
		msleep(CHECK_MS);
	}
	job.accounting_errors++;
	pr_err("%s heap: hoardk says %lld bytes are in use, clients hold %lld\n",
	       heap_names[id], held, job.total.bytes[id]);
}

/* While nobody works: is all that hoardk says true? */
void stress_check(void)
{
	unsigned int violations;

	stress_tally_sum();
	check_heap(HEAP_GENERAL, NULL, job.base);
	check_heap(HEAP_PRIVATE, job.heap, 0);
	violations = hoardk_verify();
	if (violations)
		pr_err("hoardk_verify() found %u violations\n", violations);
	job.violations += violations;
	job.checked++;
}

bool stress_check_passed(void)
{
	const struct tally *t = &job.total;

	return !t->corrupted && !t->overlapped && !t->misaligned &&
	       !job.accounting_errors && !job.violations;
}
