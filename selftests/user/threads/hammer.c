// SPDX-License-Identifier: GPL-2.0
/*
 * The hammer from its first to its last: the module is loaded, the workers run,
 * all is given back, the figures are compared, the module is unloaded.
 */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "extable.h"
#include "figures.h"
#include "module.h"
#include "worker.h"

/* Needs the types that the above have. */
#include <linux/hoardk_test.h>

#define NODES		2
/* CPUs beside the workers': the main thread's, RCU's, and one that is down. */
#define MORE_CPUS	3
#define COMPLAINTS	20	/* printed; all are counted */

static unsigned long complaints;
static struct tally total;

#ifdef __SANITIZE_THREAD__
/* Enough history to show both sides of a race. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "history_size=4";
}
#endif

/* Something is wrong; any context. */
void complain(const char *format, ...)
{
	char text[256];
	va_list args;
	int n;

	if (__atomic_fetch_add(&complaints, 1, __ATOMIC_RELAXED) >= COMPLAINTS)
		return;
	va_start(args, format);
	n = vsnprintf(text, sizeof(text) - 1, format, args);
	va_end(args);
	n = min(n, (int)sizeof(text) - 2);
	text[n++] = '\n';
	if (write(STDERR_FILENO, text, n) < 0)
		abort();
}

void complain_block(const char *what, const struct block *b, size_t detail)
{
	complain("%s: block %p of %u bytes (usable %u), number %u of actor %u, heap %s: %zu",
		 what, b->p, b->size, b->usable, b->seq, b->owner,
		 b->heap ? "private" : "general", detail);
}

/* When no worker runs. */
void tally_add(const struct tally *t)
{
	const u64 *from = (const u64 *)t;
	u64 *to = (u64 *)&total;
	size_t i;

	for (i = 0; i < sizeof(*t) / sizeof(u64); i++)
		to[i] += from[i];
}

/* One request in options.fail. */
static bool memory_fails(int order, gfp_t gfp)
{
	static unsigned int requests;
	u64 n = __atomic_fetch_add(&requests, 1, __ATOMIC_RELAXED);

	n = (n + options.seed) * 0x9e3779b97f4a7c15UL;
	n = (n ^ n >> 29) * 0xbf58476d1ce4e5b9UL;
	return (n >> 32) % options.fail == 0;
}

static void load(void)
{
	char slack[16];

	snprintf(slack, sizeof(slack), "%lu", options.slack);
	if (stub_param_set("policy", options.policy) ||
	    stub_param_set("slack", slack) || stub_module_load())
		stub_bug("hoardk cannot be loaded");
}

static void unload(void)
{
	int err = stub_module_unload();

	if (err)
		complain("the module cannot be unloaded: %d, %ld references",
			 err, atomic_long_read(&stub_module_refs));
	else if (stub_pages_taken())
		complain("%lu pages are still taken", stub_pages_taken());
}

/* All has been freed: so says hoardk. */
static void judge(void)
{
	unsigned int bad;

	if (total.allocs != total.frees)
		complain("made %llu blocks and dropped %llu", total.allocs,
			 total.frees);
	figures_settle();
	figures_compare();
	bad = hoardk_verify();
	if (bad)
		complain("hoardk_verify() found %u violations at the end", bad);
}

static void verdict(void)
{
	if (!total.frees)
		complain("nothing was done");
	printf("# %llu allocs, %llu frees, %llu resizes, %llu failures\n",
	       total.allocs, total.frees, total.resizes, total.failures);
	printf("# %llu parcels, %llu private heaps, %llu interrupts\n",
	       total.parcels, total.heaps, total.interrupts);
	if (complaints)
		printf("fail: %lu complaints, seed=%lu\n", complaints,
		       options.seed);
	else
		printf("pass\n");
}

int main(int argc, char **argv)
{
	options_read(argc, argv);
	stub_pages_strict = true;
	stub_memory_init(NODES);
	cpu_set_possible(options.threads + MORE_CPUS);
	stub_fault_init();
	shadow_init();
	load();
	if (options.fail)
		stub_memory_fails = memory_fails;
	if (options.bad)
		bad_run();
	else
		workers_run();
	stub_memory_fails = NULL;
	judge();
	unload();
	verdict();
	return complaints ? 1 : 0;
}
