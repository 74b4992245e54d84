// SPDX-License-Identifier: GPL-2.0
/*
 * Private heaps that cannot be made, and local heaps that are not needed after
 * all.
 */
#include <linux/err.h>

#include "detect.h"

/* More often than there is room for per-CPU data, if any were left behind. */
#define OFTEN	2500

static void failing_requests(void)
{
	struct hoardk_heap *heap;
	unsigned int n, i;

	insmod(NULL);
	for (n = 1;; n++) {
		fail_request(n, 1);
		heap = hoardk_heap_create("mine", NULL);
		if (!request_failed())
			break;
		expect_is(PTR_ERR(heap), -ENOMEM);
		expect_nothing_left();
		for (i = 0; i < OFTEN; i++) {
			fail_request(n, 1);
			expect_is(PTR_ERR(hoardk_heap_create("mine", NULL)),
				  -ENOMEM);
		}
		request_failed();
	}
	expect_is(n, 4);
	expect(!IS_ERR(heap), "no heap: %ld", PTR_ERR(heap));
	expect_is(hoardk_heap_destroy(heap), 0);
	rmmod();
}

/* Injection by fail_nth. */
static void injected(void)
{
	insmod("fail_nth=1");
	expect_is(PTR_ERR(hoardk_heap_create("mine", NULL)), -ENOMEM);
	hoardk_heap_destroy(hoardk_heap_create("mine", NULL));
	rmmod();
}

static void expect_no_heap(const char *name,
			   const struct hoardk_heap_attr *attr,
			   const char *says)
{
	expect_is(PTR_ERR(hoardk_heap_create(name, attr)), -EINVAL);
	expect_said("hoardk: %s", says);
	expect_nothing_left();
}

static void bad_attributes(void)
{
	static const char name_says[] =
		"a heap's name must have 1 to 31 characters";
	static const char policy_says[] =
		"policy must be global, local, ownership or hoard";

	insmod(NULL);
	expect_no_heap(NULL, NULL, name_says);
	expect_no_heap("", NULL, name_says);
	expect_no_heap("12345678901234567890123456789012", NULL, name_says);
	expect_no_heap("mine", &(struct hoardk_heap_attr){ .policy = 5 },
		       policy_says);
	expect_no_heap("mine", &(struct hoardk_heap_attr){ .policy = -1 },
		       policy_says);
	expect_no_heap("mine", &(struct hoardk_heap_attr){ .slack = 1025 },
		       "slack must be 1 to 1024 superblocks, not 1025");
	expect_no_heap("mine",
		       &(struct hoardk_heap_attr){ .empty_percent = 19 },
		       "empty_percent must be 20 to 90, not 19");
	expect_no_heap("mine",
		       &(struct hoardk_heap_attr){ .empty_percent = 91 },
		       "empty_percent must be 20 to 90, not 91");
	rmmod();
}

static void good_attributes(void)
{
	struct hoardk_heap_attr attr = { HOARDK_POLICY_OWNERSHIP, 1024, 90 };
	struct hoardk_heap *heap;

	insmod("slack=3 empty_percent=40 policy=local");
	heap = hoardk_heap_create("1234567890123456789012345678901", &attr);
	expect_is(heap->policy, HOARDK_POLICY_OWNERSHIP);
	expect_is(heap->slack, 1024);
	expect_is(heap->empty_percent, 90);
	hoardk_heap_destroy(heap);
	attr = (struct hoardk_heap_attr){ 0 };
	heap = hoardk_heap_create("mine", &attr);
	expect_is(heap->policy, HOARDK_POLICY_LOCAL);
	expect_is(heap->slack, 3);
	expect_is(heap->empty_percent, 40);
	hoardk_heap_destroy(heap);
	expect_silence();
	rmmod();
}

static void destroy_nothing(void)
{
	insmod(NULL);
	expect_is(hoardk_heap_destroy(NULL), 0);
	expect_is(hoardk_heap_destroy(ERR_PTR(-ENOMEM)), 0);
	rmmod();
}

static void *first;

/* Another task on this CPU is sooner. */
static void be_sooner(void *arg)
{
	first = hoardk_alloc(100, GFP_KERNEL);
}

static void attached_meanwhile(void)
{
	void *p;

	insmod(NULL);
	at_point("atomic_set", "atomic_set", be_sooner, NULL);
	p = get(0, 100);
	expect_point_reached();
	expect(superblock_of(p) == superblock_of(first),
	       "the CPU got two local heaps");
	expect_sound(2 * 112);
	put(0, p);
	put(0, first);
	rmmod();
}

/* No memory for a local heap, or for its list of loose blocks. */
static void no_local_heap(void)
{
	static const char *const policies[] = { "policy=hoard",
						"policy=local" };
	unsigned int i, n;
	void *p;

	for (i = 0; i < 2; i++)
		for (n = 1; n <= i + 1; n++) {
			insmod(policies[i]);
			fail_request(n, 1);
			p = get(0, 100);
			expect(request_failed(), "nothing was asked for");
			expect(local_heap(0) == &busy_heap,
			       "a local heap without memory");
			expect_sound(112);
			put(0, p);
			rmmod();
		}
}

const struct test heap_tests[] = {
	{ "heap_create: each request for memory fails; nothing is left",
	  failing_requests },
	{ "heap_create: fail_nth=1", injected },
	{ "heap_create refuses bad names and attributes", bad_attributes },
	{ "control: heap_create accepts what is at the limits",
	  good_attributes },
	{ "heap_destroy of no heap does nothing", destroy_nothing },
	{ "a local heap that another task was sooner with", attached_meanwhile },
	{ "no memory for a local heap", no_local_heap },
	{ 0 }
};
