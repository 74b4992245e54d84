// SPDX-License-Identifier: GPL-2.0
/*
 * hoardk_test: runs the tests of hoardk on insmod and leaves what came of them
 * in /sys/kernel/debug/hoardk_test/results.
 *
 *	only=GLOB	the tests whose suite.name matches ("api.*")
 *	except=GLOB	but not these
 *	seed=N		what random sequences start from; printed
 *	steps=N		steps of each random sequence
 *	busted=1	add a test that must be reported as failed
 *	leak=N		allocate N blocks and a large one and leave them behind,
 *			as a chain whose start is printed
 *	reclaim=ADDRESS	free the chain that starts there
 *
 * insmod succeeds when all of them ran, however they went.  Task context; one
 * test at a time.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/glob.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/sched.h>

#include "test.h"

static char *only = "*";
module_param(only, charp, 0444);
MODULE_PARM_DESC(only, "glob of the tests to run, as suite.name");

static char *except = "";
module_param(except, charp, 0444);
MODULE_PARM_DESC(except, "glob of tests to leave out");

unsigned long test_seed;
module_param_named(seed, test_seed, ulong, 0444);
MODULE_PARM_DESC(seed, "seed of the random sequences; 0 takes any");

unsigned int test_steps = 1000;
module_param_named(steps, test_steps, uint, 0444);
MODULE_PARM_DESC(steps, "steps of each random sequence");

static bool busted;
module_param(busted, bool, 0444);
MODULE_PARM_DESC(busted, "add a test that must fail");

static unsigned int leak;
module_param(leak, uint, 0444);
MODULE_PARM_DESC(leak, "blocks to leak on purpose");

static unsigned long reclaim;
module_param(reclaim, ulong, 0444);
MODULE_PARM_DESC(reclaim, "start of a chain of leaked blocks to free");

/*
 * The control: one flipped bit must be seen by intact() and come out as a
 * failed test.  If it passes, no other pass here means anything.
 */
static void control_must_fail(void)
{
	u8 *p = hoardk_alloc(256, GFP_KERNEL);

	if (!p)
		return;
	fill(p, 256, 1);
	p[255] ^= 0x10;
	expect(intact(p, 256, 1));
	hoardk_free(p);
}

static const struct test_case control_cases[] = {
	{ "must_fail", control_must_fail },
};

static TEST_SUITE(control);

static const struct test_suite *const suites[] = {
	&api_suite, &flags_suite, &resize_suite, &align_suite, &bulk_suite,
	&heap_suite, &badfree_suite, &doublefree_suite, &reuse_suite,
	&nesting_suite, &remote_suite, &node_suite, &failure_suite,
	&random_suite, &figures_suite, &checked_suite, &control_suite,
};

static bool selected(const struct test_suite *suite,
		     const struct test_case *test)
{
	char name[80];

	if (suite == &control_suite)
		return busted;
	snprintf(name, sizeof(name), "%s.%s", suite->name, test->name);
	return glob_match(only, name) && !glob_match(except, name);
}

/* No test may leave blocks behind, or lists that do not add up. */
static void run_one(const struct test_suite *suite,
		    const struct test_case *test)
{
	struct stats stats;
	size_t in_use;

	results_begin(suite->name, test->name);
	hoardk_give_back();
	in_use = hoardk_heap_in_use(NULL);
	test->run();
	hoardk_give_back();
	expect_eq(hoardk_heap_in_use(NULL), in_use);
	expect_eq(hoardk_verify(), 0u);
	if (stats_read(&stats))
		stats_check(&stats);
	results_end();
	cond_resched();
}

/* Call @fn for every selected test, or just count them. */
static unsigned int for_selected(void (*fn)(const struct test_suite *suite,
					    const struct test_case *test))
{
	unsigned int i, j, nr = 0;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		for (j = 0; j < suites[i]->nr; j++) {
			if (!selected(suites[i], &suites[i]->cases[j]))
				continue;
			nr++;
			if (fn)
				fn(suites[i], &suites[i]->cases[j]);
		}
	}
	return nr;
}

/* The first word of each leaked block says where the next one is. */
static noinline void **leak_one(size_t size, void **next)
{
	void **p = hoardk_alloc(size, GFP_KERNEL);

	if (!p) {
		pr_err("no block of %zu bytes to leak\n", size);
		return next;
	}
	*p = next;
	return p;
}

static void leak_blocks(void)
{
	void **chain = leak_one(SZ_256K, NULL);
	unsigned int i;

	for (i = 0; i < leak; i++)
		chain = leak_one(100, chain);
	results_note("leaked=%lu", (unsigned long)chain);
}

static void reclaim_blocks(void **chain)
{
	while (chain) {
		void **next = *chain;

		hoardk_free(chain);
		chain = next;
	}
}

static int run_all(void)
{
	unsigned int nr = for_selected(NULL);
	int err;

	if (!nr && !leak && !reclaim) {
		pr_err("only=%s matches no test; try only=api.* or only=*\n",
		       only);
		return -EINVAL;
	}
	while (!test_seed)
		test_seed = get_random_u32();
	err = results_start(nr);
	if (err)
		return err;
	results_note("seed=%lu steps=%u", test_seed, test_steps);
	for_selected(run_one);
	if (leak)
		leak_blocks();
	reclaim_blocks((void **)reclaim);
	return 0;
}

static int __init hoardk_test_init(void)
{
	int err;

	err = stats_open();
	if (err)
		return err;
	err = context_open();
	if (!err) {
		err = run_all();
		context_close();
	}
	stats_close();
	return err;
}

static void __exit hoardk_test_exit(void)
{
	results_stop();
}

module_init(hoardk_test_init);
module_exit(hoardk_test_exit);

MODULE_DESCRIPTION("Tests of hoardk");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(HOARDK_NS);
