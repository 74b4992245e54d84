// SPDX-License-Identifier: GPL-2.0
/*
 * Double and wild frees.  In each round every worker makes blocks; when all
 * have, everybody frees everybody's, many blocks more than once, on several
 * CPUs at the same time and in interrupts, and pointers that are no blocks.
 * Nobody allocates meanwhile, so each bad free must be counted: as a second
 * one, or as invalid, if the memory has been returned by then.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cpu.h"
#include "figures.h"
#include "module.h"
#include "worker.h"

/* One block in so many is freed by somebody whose it is not to free. */
#define EXTRA_SHARE	6
#define WILD_SHARE	32

static struct worker *workers;
static pthread_barrier_t all_made;
/* Frees that are on their way or done; relaxed. */
static unsigned long frees, wild_frees;
static char *some_page;

static unsigned int owner_of(const struct worker *w)
{
	return w - workers;
}

static void count(unsigned long *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/* A pointer that was never handed out. */
static const void *wild_pointer(struct actor *a, const struct block *b)
{
	switch (actor_below(a, 8)) {
	case 0:
		return (void *)0x1238;
	case 1:
		return (void *)&all_made;
	case 2:
		return __builtin_frame_address(0);
	case 3:
		return (void *)-4096L;
	case 4:
		return some_page;
	case 5:
		/* Never used: not mapped. */
		return (void *)(stub_linear_end - 4096 -
				actor_below(a, 1 << 30));
	default:
		return b->size > 1 ? b->p + 1 + actor_below(a, b->size - 1) :
				     (void *)8;
	}
}

static void free_wild(struct actor *a, const struct block *b)
{
	const void *p = wild_pointer(a, b);

	count(&wild_frees);
	if (actor_below(a, 4))
		hoardk_free(p);
	else if (hoardk_usable_size(p))
		complain_block("a wild pointer has a size", b, (size_t)p);
}

static void free_one(struct actor *a, const struct block *b)
{
	count(&frees);
	hoardk_free(b->p);
}

static const struct block *any_block(struct actor *a)
{
	struct worker *w = &workers[actor_below(a, options.threads)];

	return &w->own[actor_below(a, OWN_BLOCKS)];
}

/* An interrupt: one more free of a block. */
static void interrupt(void *arg)
{
	const struct block *b = any_block(arg);
	struct actor *a = arg;

	a->tally.interrupts++;
	/* Before all are made there is nothing to free. */
	if (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE) || !b->p)
		return;
	if (actor_below(a, 4))
		free_one(a, b);
	else
		free_wild(a, b);
}

static void make_all(struct worker *w, struct actor *a)
{
	unsigned int i;

	for (i = 0; i < OWN_BLOCKS; i++) {
		struct block *b = &w->own[i];

		*b = (struct block){ .owner = a->id, .size = block_size(a) };
		b->p = hoardk_alloc(b->size, GFP_KERNEL);
		a->tally.allocs += !!b->p;
	}
}

/* Each block has one worker that is to free it; the others may. */
static void free_all(struct worker *w, struct actor *a)
{
	unsigned int i, k, n = options.threads * OWN_BLOCKS;
	const struct block *b;

	k = actor_below(a, n);
	for (i = 0; i < n; i++, k = (k + 1) % n) {
		b = &workers[k / OWN_BLOCKS].own[k % OWN_BLOCKS];
		if (!b->p)
			continue;
		if (!actor_below(a, WILD_SHARE))
			free_wild(a, b);
		if (k % options.threads == owner_of(w)) {
			a->tally.frees++;
			free_one(a, b);
		} else if (!actor_below(a, EXTRA_SHARE)) {
			free_one(a, b);
		}
	}
}

static void *bad_main(void *arg)
{
	struct worker *w = arg;
	struct actor *a = &w->actors[TASK];

	worker_begin(w);
	make_all(w, a);
	pthread_barrier_wait(&all_made);
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	free_all(w, a);
	worker_end(w);
	return NULL;
}

static void round_run(void)
{
	unsigned long made = 0;
	unsigned int i, k;

	__atomic_store_n(&stop, false, __ATOMIC_RELAXED);
	for (i = 0; i < options.threads; i++)
		if (pthread_create(&workers[i].thread, NULL, bad_main,
				   &workers[i]))
			stub_bug("no thread for a worker");
	for (i = 0; i < options.threads; i++)
		pthread_join(workers[i].thread, NULL);
	for (i = 0; i < options.threads; i++)
		for (k = 0; k < OWN_BLOCKS; k++)
			made += !!workers[i].own[k].p;
	figures_bad += frees - made + wild_frees - figures_wild;
	figures_wild = wild_frees;
	frees = 0;
}

static void console(const char *line)
{
	/* Ten of so many lines are printed, and this is not about them. */
}

static void setup(void)
{
	enum context c;
	unsigned int i;

	workers = calloc(options.threads, sizeof(*workers));
	some_page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (i = 0; i < options.threads; i++)
		for (c = 0; c < NR_CONTEXTS; c++)
			actor_init(&workers[i].actors[c],
				   1 + i * NR_CONTEXTS + c, c);
	pthread_barrier_init(&all_made, NULL, options.threads);
	interrupts_init(interrupt);
	stub_console = console;
}

static void teardown(void)
{
	enum context c;
	unsigned int i;

	for (i = 0; i < options.threads; i++)
		for (c = 0; c < NR_CONTEXTS; c++) {
			tally_add(&workers[i].actors[c].tally);
			free(workers[i].actors[c].hand);
		}
	munmap(some_page, 4096);
	pthread_barrier_destroy(&all_made);
	free(workers);
	stub_console = NULL;
}

/* Rounds until the time is over. */
void bad_run(void)
{
	time_t end = time(NULL) + options.seconds;

	setup();
	pest_start();
	do {
		round_run();
		figures_settle();
	} while (time(NULL) < end);
	pest_stop();
	teardown();
}
