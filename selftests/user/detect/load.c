// SPDX-License-Identifier: GPL-2.0
/*
 * insmod and rmmod: parameters, failing requests for memory, live blocks.
 */
#include "detect.h"

static bool no_hotplug_state;

int __wrap_cpuhp_setup_state(int state, const char *name,
			     int (*startup)(unsigned int cpu),
			     int (*teardown)(unsigned int cpu))
{
	if (no_hotplug_state)
		return -ENOSPC;
	return __real_cpuhp_setup_state(state, name, startup, teardown);
}

#define CHECKS_MUST_BE \
	"checks must be none, all, or some of owner,redzone,poison,zero,random,quarantine, not "

static void refused_params(void)
{
	static const struct {
		const char *params, *says;
	} bad[] = {
		{ "policy=none",
		  "policy must be global, local, ownership or hoard, not \"none\"" },
		{ "policy=",
		  "policy must be global, local, ownership or hoard, not \"\"" },
		{ "policy=hoards",
		  "policy must be global, local, ownership or hoard, not \"hoards\"" },
		{ "slack=0", "slack must be 1 to 1024 superblocks, not 0" },
		{ "slack=1025",
		  "slack must be 1 to 1024 superblocks, not 1025" },
		{ "empty_percent=19",
		  "empty_percent must be 20 to 90, not 19" },
		{ "empty_percent=91",
		  "empty_percent must be 20 to 90, not 91" },
		{ "checks=none,owner", CHECKS_MUST_BE "\"none,owner\"" },
		{ "checks=owner,none", CHECKS_MUST_BE "\"owner,none\"" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		expect_is(insmod_try(bad[i].params), -EINVAL);
		expect_said("hoardk: %s", bad[i].says);
		expect_nothing_left();
	}
}

static void accepted_params(void)
{
	static const char *const good[] = {
		"policy=global", "policy=local", "policy=ownership",
		"policy=hoard", "slack=1", "slack=1024", "empty_percent=20",
		"empty_percent=90",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		insmod(good[i]);
		put(0, get(0, 100));
		rmmod();
	}
}

static void failing_requests(void)
{
	unsigned int n;

	for (n = 1;; n++) {
		int err;

		fail_request(n, 1);
		err = insmod_try(NULL);
		if (!request_failed()) {
			expect_is(err, 0);
			break;
		}
		expect_is(err, -ENOMEM);
		expect_silence();
		expect_nothing_left();
	}
	/* Pools, records, buckets, queue, shrinker, per-CPU data. */
	expect(n > 6, "only %u requests", n - 1);
	console_clear();
	put(0, get(0, 100));
	rmmod();
}

static void no_hotplug(void)
{
	no_hotplug_state = true;
	expect_is(insmod_try(NULL), -ENOSPC);
	expect_nothing_left();
	no_hotplug_state = false;
	insmod(NULL);
	put(0, get(0, 100));
	rmmod();
}

static void live_blocks(void)
{
	void *p, *large;

	insmod(NULL);
	p = get(0, 100);
	large = get(0, 100000);
	expect_is(stub_module_unload(), -EBUSY);
	put(0, p);
	hoardk_give_back();
	expect_is(stub_module_unload(), -EBUSY);
	put(0, large);
	hoardk_give_back();
	expect_is(stub_module_unload(), 0);
	expect_nothing_left();
}

static void left_live(void)
{
	struct hoardk_heap *heap;

	insmod("free_at_unload=1");
	heap = hoardk_heap_create("mine", NULL);
	get(0, 100);
	get(1, 100);
	get(1, 100000);
	expect_is(stub_module_unload(), 0);
	expect_said("hoardk: unload: heap general leaked 3 blocks, %lu bytes in use; freed",
		    2 * 112 + PAGE_ALIGN(100000));
	expect_nothing_left();
	insmod("free_at_unload=1");
	heap = hoardk_heap_create("mine", NULL);
	expect(hoardk_heap_alloc(heap, 5000, GFP_KERNEL), "no memory");
	expect_is(stub_module_unload(), 0);
	expect_said("hoardk: unload: heap mine leaked 1 blocks, * bytes in use; freed");
	expect_nothing_left();
}

static void nothing_leaked(void)
{
	insmod("free_at_unload=1");
	put(0, get(0, 100));
	put(1, get(0, 100));
	expect_is(stub_module_unload(), 0);
	expect_silence();
	expect_nothing_left();
}

static void summary_of_nothing(void)
{
	char text[4096] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	insmod(NULL);
	expect(stub_debugfs_show("summary", out), "no file summary");
	fclose(out);
	expect(strstr(text, "no meaningful ratio"), "%s", text);
	rmmod();
}

static void give_back_takes_1(void)
{
	insmod(NULL);
	expect_is(stub_debugfs_write("give_back", "2"), -EINVAL);
	expect_said("hoardk: give_back takes 1: drain all, and return all empty superblocks");
	put(0, get(0, 100));
	expect_is(stub_debugfs_write("give_back", "1\n"), 2);
	expect_silence();
	expect_is(atomic_long_read(&account.held.now), 0);
	rmmod();
}

const struct test load_tests[] = {
	{ "insmod refuses bad parameters and says what is accepted",
	  refused_params },
	{ "control: insmod accepts what is at the limits", accepted_params },
	{ "insmod: each request for memory fails; nothing is left",
	  failing_requests },
	{ "insmod: no state for hotplug", no_hotplug },
	{ "rmmod is refused while blocks are live", live_blocks },
	{ "rmmod with free_at_unload=1 frees and reports them", left_live },
	{ "control: rmmod without live blocks says nothing", nothing_leaked },
	{ "debugfs: a summary of nothing", summary_of_nothing },
	{ "debugfs: give_back takes 1 and nothing else", give_back_takes_1 },
	{ 0 }
};
