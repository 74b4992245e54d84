// SPDX-License-Identifier: GPL-2.0
/*
 * A client of hoardk that makes one mistake, the one it is told to make, so that
 * the kernel's sanitizers can be shown to see it.  It is made when the module is
 * loaded, in task context; what leaks stays lost until hoardk is unloaded.
 */
#define pr_fmt(fmt) "hoardk_mistake: " fmt

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>

#include <linux/hoardk.h>

MODULE_IMPORT_NS(HOARDK_NS);

#define SMALL	100	/* 12 of its block's 112 bytes are padding */
#define LARGE	20000	/* whole pages hold 480 bytes more */

/*
 * How many blocks are lost at a time.  A copy of an address that somebody has left
 * behind, on the stack of interrupts say, hides one from kmemleak, about one in a
 * thousand.  They are of zeroes: a block that is hidden is searched for addresses, and
 * what it held before would hide others.
 */
#define LEAKS	8

static char *mistake = "none";
module_param(mistake, charp, 0444);
MODULE_PARM_DESC(mistake, "what to do wrong; a wrong name prints those there are");

static void *root;

/* A byte is written where the compiler does not see what it belongs to. */
static noinline void poke(char *p, long at)
{
	OPTIMIZER_HIDE_VAR(p);
	WRITE_ONCE(p[at], 1);
}

static noinline void peek(char *p, long at)
{
	OPTIMIZER_HIDE_VAR(p);
	(void)READ_ONCE(p[at]);
}

/* No memset(), which KMSAN does not see where the compiler knows no builtins. */
static void fill(char *p, size_t size)
{
	while (p && size--)
		poke(p, size);
}

/* What a byte is decides what happens. */
static __always_inline void branch_on(const char *p, long at)
{
	OPTIMIZER_HIDE_VAR(p);
	if (READ_ONCE(p[at]))
		pr_info("byte %ld is set\n", at);
}

static noinline void use(const char *p, long at)
{
	branch_on(p, at);
}

/* Every other one is as it should be, to the last byte. */
static void do_nothing(void)
{
	char *p = hoardk_alloc(SMALL, GFP_KERNEL);
	char *large = hoardk_alloc(LARGE, GFP_KERNEL);
	char *zeroed = hoardk_zalloc(SMALL, GFP_KERNEL);

	if (p && large && zeroed) {
		poke(p, 0);
		poke(p, SMALL - 1);
		poke(large, LARGE - 1);
		/* Who asks how much there is may use it. */
		poke(p, hoardk_usable_size(p) - 1);
		use(p, 0);
		use(zeroed, SMALL - 1);
	}
	hoardk_free(p);
	hoardk_free(large);
	hoardk_free(zeroed);
}

static void do_read_after_free(void)
{
	char *p = hoardk_alloc(SMALL, GFP_KERNEL);

	hoardk_free(p);
	peek(p, 20);
}

static void do_write_after_free(void)
{
	char *p = hoardk_alloc(SMALL, GFP_KERNEL);

	hoardk_free(p);
	poke(p, 20);
}

static void do_write_after_bulk_free(void)
{
	void *p[8];
	unsigned int n = hoardk_alloc_bulk(SMALL, GFP_KERNEL, 8, p);

	if (!n)
		return;
	hoardk_free_bulk(n, p);
	poke(p[n - 1], 20);
}

static void do_overflow(void)
{
	char *p = hoardk_alloc(SMALL, GFP_KERNEL);

	if (p)
		poke(p, SMALL);
	hoardk_free(p);
}

/* Past a size that leaves no padding: into the next block, which is free. */
static void do_overflow_exact(void)
{
	void *p[2] = { hoardk_alloc(64, GFP_KERNEL),
		       hoardk_alloc(64, GFP_KERNEL) };
	int last = p[1] > p[0];

	if (p[0] && p[1])
		poke(p[last], 64);
	hoardk_free(p[0]);
	hoardk_free(p[1]);
}

static void do_overflow_bulk(void)
{
	void *p[8];
	unsigned int n = hoardk_alloc_bulk(SMALL, GFP_KERNEL, 8, p);

	if (n)
		poke(p[0], SMALL);
	hoardk_free_bulk(n, p);
}

static void do_overflow_realloc(void)
{
	char *p = hoardk_alloc(SMALL, GFP_KERNEL), *smaller;

	smaller = p ? hoardk_realloc(p, SMALL - 20, GFP_KERNEL) : NULL;
	if (smaller)
		poke(smaller, SMALL - 20);
	hoardk_free(smaller);
}

static void do_overflow_large(void)
{
	char *p = hoardk_alloc(LARGE, GFP_KERNEL);

	if (p)
		poke(p, LARGE);
	hoardk_free(p);
}

/* The heap takes its blocks with it. */
static void do_write_after_destroy(void)
{
	struct hoardk_heap *heap = hoardk_heap_create("mistake", NULL);
	char *p;

	if (IS_ERR(heap))
		return;
	p = hoardk_heap_alloc(heap, SMALL, GFP_KERNEL);
	hoardk_heap_destroy(heap);
	poke(p, 20);
}

/* A block that somebody had before, and wrote to. */
static char *used_block(size_t size)
{
	char *p = hoardk_alloc(size, GFP_KERNEL), *next;

	fill(p, size);
	hoardk_free(p);
	next = hoardk_alloc(size, GFP_KERNEL);
	if (p == next)
		return next;
	pr_err("not the same block\n");
	hoardk_free(next);
	return NULL;
}

static void do_use_unset(void)
{
	char *p = used_block(SMALL);

	if (p)
		use(p, 20);
	hoardk_free(p);
}

static void do_use_unset_bulk(void)
{
	void *p[2] = { used_block(SMALL), NULL }, *used = p[0];
	unsigned int i, n;

	hoardk_free(used);
	n = hoardk_alloc_bulk(SMALL, GFP_KERNEL, 2, p);
	for (i = 0; i < n; i++)
		if (p[i] == used)
			use(p[i], 20);
	hoardk_free_bulk(n, p);
}

/* A report would name this one. */
static noinline void use_kept(const char *p, long at)
{
	branch_on(p, at);
}

/* What a block grew by has no value; what it had keeps its own. */
static void do_use_unset_realloc(void)
{
	char *used = used_block(4 * SMALL);
	char *p = hoardk_alloc(SMALL, GFP_KERNEL), *larger;

	fill(p, SMALL);
	hoardk_free(used);
	larger = p ? hoardk_realloc(p, 4 * SMALL, GFP_KERNEL) : NULL;
	if (larger && larger == used) {
		use_kept(larger, SMALL - 1);
		use(larger, 4 * SMALL - 1);
	}
	hoardk_free(larger);
}

static noinline void do_leak(void)
{
	unsigned int i;

	for (i = 0; i < LEAKS; i++) {
		void *p = hoardk_alloc(SMALL, GFP_KERNEL);

		/* No tail call: the stack is to show this function. */
		if (p)
			memset(p, 0, SMALL);
	}
}

static noinline void do_leak_large(void)
{
	unsigned int i;

	for (i = 0; i < LEAKS; i++) {
		void *p = hoardk_zalloc(LARGE, GFP_KERNEL);

		barrier_data(p);
	}
}

/* No leak: a block is known to this module, others to the first alone. */
static noinline void do_refer(void)
{
	void **first = hoardk_zalloc(SMALL, GFP_KERNEL);
	unsigned int i;

	BUILD_BUG_ON(LEAKS * sizeof(*first) > SMALL);
	for (i = 0; first && i < LEAKS; i++)
		first[i] = hoardk_zalloc(64, GFP_KERNEL);
	WRITE_ONCE(root, first);
}

/* A leak: the first block no longer knows the others. */
static void do_forget(void)
{
	do_refer();
	if (root)
		memset(root, 0, LEAKS * sizeof(void *));
}

static int race(void *word)
{
	unsigned long end = jiffies + 2 * HZ;

	while (time_before(jiffies, end)) {
		unsigned int i;

		for (i = 0; i < 1000; i++) {
			*(long *)word = *(long *)word + 1;
			barrier();
		}
		cond_resched();
	}
	while (!kthread_should_stop())
		msleep(20);
	return 0;
}

static void do_race(void)
{
	long *word = hoardk_zalloc(sizeof(*word), GFP_KERNEL);
	struct task_struct *racer[2];
	unsigned int i;

	if (!word)
		return;
	for (i = 0; i < 2; i++)
		racer[i] = kthread_run(race, word, "mistake/%u", i);
	for (i = 0; i < 2; i++)
		if (!IS_ERR(racer[i]))
			kthread_stop(racer[i]);
	hoardk_free(word);
}

static const struct {
	const char *name;
	void (*fn)(void);
} mistakes[] = {
	{ "none", do_nothing },
	{ "read-after-free", do_read_after_free },
	{ "write-after-free", do_write_after_free },
	{ "write-after-bulk-free", do_write_after_bulk_free },
	{ "write-after-destroy", do_write_after_destroy },
	{ "overflow", do_overflow },
	{ "overflow-exact", do_overflow_exact },
	{ "overflow-bulk", do_overflow_bulk },
	{ "overflow-realloc", do_overflow_realloc },
	{ "overflow-large", do_overflow_large },
	{ "use-unset", do_use_unset },
	{ "use-unset-bulk", do_use_unset_bulk },
	{ "use-unset-realloc", do_use_unset_realloc },
	{ "leak", do_leak },
	{ "leak-large", do_leak_large },
	{ "refer", do_refer },
	{ "forget", do_forget },
	{ "race", do_race },
};

static int __init mistake_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++)
		if (!strcmp(mistake, mistakes[i].name)) {
			mistakes[i].fn();
			return 0;
		}
	pr_err("mistake=%s is none of these:\n", mistake);
	for (i = 0; i < ARRAY_SIZE(mistakes); i++)
		pr_err("  %s\n", mistakes[i].name);
	return -EINVAL;
}

static void __exit mistake_exit(void)
{
	void **first = READ_ONCE(root);
	unsigned int i;

	for (i = 0; first && i < LEAKS; i++)
		hoardk_free(first[i]);
	hoardk_free(first);
}

module_init(mistake_init);
module_exit(mistake_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("One mistake in the use of hoardk, for the sanitizers to see");
