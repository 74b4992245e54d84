// SPDX-License-Identifier: GPL-2.0
/*
 * Machines of several memory nodes: what a node was given is found again, and
 * memory kept for one node does not come on top of what another one needs.
 */
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/topology.h>

#include "test.h"

#define NR_BLOCKS	3000
#define NR_BEFORE	15000

struct work {
	void **p;
	unsigned int nr;
	size_t size;
	int node;
	unsigned int elsewhere;
};

static bool two_nodes(void)
{
	if (num_online_nodes() > 1)
		return true;
	test_skip("needs two memory nodes; boot with --nodes 2");
	return false;
}

static bool work_open(struct work *work, unsigned int nr, size_t size)
{
	work->nr = nr;
	work->size = size;
	work->p = kvcalloc(nr, sizeof(*work->p), GFP_KERNEL);
	return expect_not_null(work->p);
}

static void work_close(struct work *work)
{
	if (work->p)
		hoardk_free_bulk(work->nr, work->p);
	kvfree(work->p);
}

/* A CPU of the memory node number @index, counted round and round. */
static unsigned int cpu_of_node(unsigned int index)
{
	unsigned int cpu;
	int node = first_online_node;

	index %= num_online_nodes();
	while (index--)
		node = next_online_node(node);
	for_each_online_cpu(cpu)
		if (cpu_to_node(cpu) == node)
			return cpu;
	return cpu_at(0);
}

static void get_on_node(void *arg)
{
	struct work *work = arg;
	unsigned int i;

	for (i = 0; i < work->nr; i++) {
		work->p[i] = hoardk_alloc_node(work->size, GFP_KERNEL,
					       work->node);
		test_at(i);
		if (!expect(real_block(work->p[i])))
			return;
		if (page_to_nid(virt_to_page(work->p[i])) != work->node)
			work->elsewhere++;
	}
}

/* Blocks of one node, two in three of which stay. */
static void get_two_thirds(struct work *work)
{
	unsigned int i;

	on_cpu(cpu_of_node(0), get_on_node, work);
	for (i = 0; i < work->nr; i += 3) {
		hoardk_free(work->p[i]);
		work->p[i] = NULL;
	}
}

/* What blocks asked for on @work's node take, on a CPU of another one. */
static void expect_shared(struct work *work)
{
	struct stats before, after;
	u64 superblock, needed;

	stats_read(&before);
	on_cpu(cpu_of_node(0), get_on_node, work);
	stats_read(&after);
	superblock = after.value[STAT_SUPERBLOCK_BYTES];
	needed = round_up(work->nr * work->size, superblock);
	results_note("%u blocks of node %d: held grew by %lld bytes", work->nr,
		     work->node,
		     (s64)(after.value[STAT_HELD_BYTES] -
			   before.value[STAT_HELD_BYTES]));
	expect_eq(work->elsewhere, 0u);
	expect_le(after.value[STAT_HELD_BYTES],
		  before.value[STAT_HELD_BYTES] + needed + 4 * superblock);
}

/*
 * Blocks of a node share superblocks, though many superblocks of another node
 * would be found before them.
 */
static void blocks_share(void)
{
	struct work many = {}, work = {};

	if (!two_nodes())
		return;
	many.node = cpu_to_node(cpu_of_node(0));
	work.node = cpu_to_node(cpu_of_node(1));
	if (work_open(&many, NR_BEFORE, 64) && work_open(&work, NR_BLOCKS, 64)) {
		get_two_thirds(&many);
		expect_shared(&work);
	}
	work_close(&work);
	work_close(&many);
}

static void get_and_free(void *arg)
{
	struct work *work = arg;
	unsigned int i;

	for (i = 0; i < work->nr; i++)
		work->p[i] = hoardk_alloc(work->size, GFP_KERNEL);
	for (i = 0; i < work->nr; i++) {
		expect(real_block(work->p[i]));
		hoardk_free(work->p[i]);
		work->p[i] = NULL;
	}
}

/* No pause in between: what the first node gave back is still kept. */
static void nodes_take_turns(void)
{
	struct work work = {};
	struct stats s;

	if (!two_nodes() || !work_open(&work, NR_BLOCKS, 10000))
		return;
	on_cpu(cpu_of_node(0), get_and_free, &work);
	on_cpu(cpu_of_node(1), get_and_free, &work);
	stats_read(&s);
	if (s.value[STAT_BLOWUP_BOUND] != U64_MAX)
		results_note("blowup %llu, bound %llu thousandths",
			     s.value[STAT_BLOWUP], s.value[STAT_BLOWUP_BOUND]);
	expect_le(s.value[STAT_BLOWUP], s.value[STAT_BLOWUP_BOUND]);
	work_close(&work);
}

static const struct test_case node_cases[] = {
	{ "blocks_share", blocks_share },
	{ "nodes_take_turns", nodes_take_turns },
};

TEST_SUITE(node);
