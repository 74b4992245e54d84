// SPDX-License-Identifier: GPL-2.0
/*
 * What chance would hardly bring about, done on purpose while nobody plays and
 * no cell is full: one block freed on two CPUs at the same moment, a second free
 * that waits in an outbox while the superblock is formatted anew, a kick that
 * nobody makes.
 *
 * Task context of the thread in charge; what belongs to a CPU is done by work
 * there.  hoardk's sweep and what the script does are under way all the same: what
 * they hide is met the next time, what they could seem to do is tried again.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/workqueue.h>

#include <linux/hoardk.h>
#include <linux/hoardk_test.h>

#include "torture.h"

#define HANDFUL		48
#define ALONE_SIZE	16256U		/* two blocks a superblock */
#define IN_USE_TRIES	5
#define FORWARD_TRIES	3
#define KICK_SIZE	512U
#define ODD_TIME	HZ		/* five periods of the sweep */

/* Blocks of a heap, made on one CPU. */
struct handful {
	struct hoardk_heap *heap;
	u32 size;
	unsigned int nr;
	void *p[HANDFUL];
};

static long make_here(void *arg)
{
	struct handful *b = arg;
	unsigned int i;

	for (i = 0; i < b->nr; i++) {
		b->p[i] = b->heap ?
			  hoardk_heap_alloc(b->heap, b->size, GFP_KERNEL | job.gfp) :
			  hoardk_alloc(b->size, GFP_KERNEL | job.gfp);
		if (!b->p[i])
			return -ENOMEM;
	}
	return 0;
}

static void free_some(struct handful *b, unsigned int first, unsigned int nr)
{
	unsigned int i;

	for (i = first; i < first + nr; i++) {
		hoardk_free(b->p[i]);
		b->p[i] = NULL;
	}
}

static long free_here(void *arg)
{
	struct handful *b = arg;

	free_some(b, 0, b->nr);
	return 0;
}

struct part {
	struct handful *of;
	unsigned int first;
	unsigned int nr;
};

static long free_part_here(void *arg)
{
	const struct part *part = arg;

	free_some(part->of, part->first, part->nr);
	return 0;
}

static void free_part(unsigned int cpu, struct handful *b, unsigned int first,
		      unsigned int nr)
{
	struct part part = { b, first, nr };

	work_on_cpu(cpu, free_part_here, &part);
}

static bool handful_make(struct handful *b, unsigned int cpu)
{
	if (!work_on_cpu(cpu, make_here, b))
		return true;
	free_here(b);
	return false;
}

static struct hoardk_heap *heap_open(enum hoardk_policy policy,
				     unsigned int slack)
{
	struct hoardk_heap_attr attr = { .policy = policy, .slack = slack };
	struct hoardk_heap *heap = hoardk_heap_create("rest", &attr);

	return IS_ERR(heap) ? NULL : heap;
}

static void heap_shut_with(struct hoardk_heap *heap, size_t blocks,
			   const char *after)
{
	size_t live = hoardk_heap_destroy(heap);

	if (live == blocks)
		return;
	job.accounting_errors++;
	pr_err("%zu blocks were live, not %zu, after %s\n", live, blocks, after);
}

static void heap_shut(struct hoardk_heap *heap, const char *after)
{
	heap_shut_with(heap, 0, after);
}

struct half {
	struct work_struct work;
	void *p;
	atomic_t *missing;
};

static void half_free(struct work_struct *work)
{
	struct half *half = container_of(work, struct half, work);

	atomic_dec(half->missing);
	while (atomic_read(half->missing))
		cond_resched();
	hoardk_free(half->p);
}

/* Exactly one of the two frees must be refused. */
static void free_at_once(void *p, unsigned int cpu, unsigned int other)
{
	atomic_t missing = ATOMIC_INIT(2);
	struct half one = { .p = p, .missing = &missing };
	struct half two = one;

	INIT_WORK_ONSTACK(&one.work, half_free);
	INIT_WORK_ONSTACK(&two.work, half_free);
	schedule_work_on(cpu, &one.work);
	schedule_work_on(other, &two.work);
	flush_work(&one.work);
	flush_work(&two.work);
	destroy_work_on_stack(&one.work);
	destroy_work_on_stack(&two.work);
}

static size_t handful_bytes(const struct handful *b)
{
	size_t bytes = 0;
	unsigned int i;

	for (i = 0; i < b->nr; i++)
		bytes += b->p[i] ? hoardk_block_bytes(b->p[i]) : 0;
	return bytes;
}

/* Exact when nothing is on its way any more, nor in a quarantine. */
static bool expect_in_use(struct hoardk_heap *heap, size_t bytes)
{
	unsigned int tries = IN_USE_TRIES;

	while (hoardk_heap_in_use(heap) != bytes) {
		hoardk_give_back();
		if (--tries)
			continue;
		job.accounting_errors++;
		pr_err("after a second free %zu bytes are in use, not %zu\n",
		       hoardk_heap_in_use(heap), bytes);
		return false;
	}
	return true;
}

/* With a heap that has gone wrong the frees may never end: it is left alone. */
static bool twice_beside_in(struct handful *b, struct handful *own,
			    unsigned int cpu, unsigned int other)
{
	/* Single pages are freed as large blocks are. */
	if (hoardk_block_bytes(b->p[0]) < SZ_2K) {
		free_at_once(b->p[0], cpu, other);
		torture.doubles++;
		b->p[0] = NULL;
	}
	return own->heap != b->heap ||
	       expect_in_use(b->heap, handful_bytes(b) +
			     handful_bytes(&own[0]) + handful_bytes(&own[1]));
}

/*
 * @of, @cpu, @other: who makes the block, and who frees it.  By policy local by
 * CPUs with local heaps, which keep what they free.
 */
static void twice_beside(enum hoardk_policy policy, unsigned int of,
			 unsigned int cpu, unsigned int other)
{
	struct handful own[2] = { { .size = 64, .nr = 8 },
				  { .size = 64, .nr = 8 } };
	struct handful b = { .size = 64, .nr = 8 };
	bool right = true;

	b.heap = heap_open(policy, 0);
	if (!b.heap)
		return;
	if (policy == HOARDK_POLICY_LOCAL) {
		own[0].heap = b.heap;
		own[1].heap = b.heap;
		handful_make(&own[0], cpu);
		handful_make(&own[1], other);
	}
	if (handful_make(&b, of)) {
		right = twice_beside_in(&b, own, cpu, other);
		free_here(&b);
	}
	free_here(&own[0]);
	free_here(&own[1]);
	if (right)
		heap_shut(b.heap, "one of several was freed twice at once");
}

/* Free all that lie in the superblock of the first one, but for that. */
static long free_neighbours(void *arg)
{
	struct handful *b = arg;
	unsigned int i;

	for (i = 1; i < b->nr; i++)
		if (share_superblock(b->p[0], b->p[i])) {
			hoardk_free(b->p[i]);
			b->p[i] = NULL;
		}
	return 0;
}

/* The superblock goes to the pool with the one free, and the other sees that. */
static void twice_alone(unsigned int of, unsigned int other)
{
	struct handful b = { .size = ALONE_SIZE, .nr = 4 };

	b.heap = heap_open(HOARDK_POLICY_HOARD, 1);
	if (!b.heap)
		return;
	if (handful_make(&b, of)) {
		work_on_cpu(of, free_neighbours, &b);
		free_at_once(b.p[0], of, other);
		torture.either++;
		b.p[0] = NULL;
		work_on_cpu(of, free_here, &b);
	}
	heap_shut(b.heap, "one of a superblock was freed twice at once");
}

static void twice_large(unsigned int of, unsigned int other)
{
	struct handful b = { .size = SZ_64K, .nr = 8 };
	unsigned int i;

	if (!handful_make(&b, of))
		return;
	for (i = 0; i < b.nr; i++) {
		free_at_once(b.p[i], of, other);
		torture.either++;
	}
}

static long free_first(void *arg)
{
	hoardk_free(((struct handful *)arg)->p[0]);
	return 0;
}

/*
 * A block waits in the outbox of @other when its owner frees it as well.  What
 * is made next takes the superblock anew, and must be left alone when the outbox
 * is emptied.
 */
static void outbox_stale(unsigned int of, unsigned int other)
{
	struct handful b = { .size = SZ_2K, .nr = HANDFUL };
	struct handful next = { .size = 3000, .nr = HANDFUL };
	struct handful own = { .size = 64, .nr = 8 };

	b.heap = heap_open(HOARDK_POLICY_HOARD, 64);
	if (!b.heap)
		return;
	next.heap = b.heap;
	own.heap = b.heap;
	/* @other needs a local heap to have an outbox. */
	if (handful_make(&own, other)) {
		if (handful_make(&b, of)) {
			work_on_cpu(of, free_neighbours, &b);
			work_on_cpu(other, free_first, &b);
			work_on_cpu(of, free_first, &b);
			torture.either++;
			b.p[0] = NULL;
			handful_make(&next, of);
			work_on_cpu(other, free_here, &b);
			expect_in_use(b.heap, handful_bytes(&next) +
				      handful_bytes(&own));
			work_on_cpu(of, free_here, &next);
		}
		work_on_cpu(other, free_here, &own);
	}
	heap_shut(b.heap, "a second free out of an outbox");
}

/*
 * When a freer frees.  IN_PARTS: a first kick is over, or nearly, when those come
 * that cause the others.  TOGETHER: all, a little later.  ONE_BY_ONE: each a little
 * later, as long in all as a CPU takes to go down.
 */
enum pace { IN_PARTS, TOGETHER, ONE_BY_ONE };

struct freer {
	struct work_struct work;
	struct handful *b;
	enum pace pace;
};

static void freer_work(struct work_struct *work)
{
	struct freer *freer = container_of(work, struct freer, work);
	struct handful *b = freer->b;
	unsigned int i;

	if (freer->pace == TOGETHER)
		usleep_range(1000, 1500);
	for (i = 0; i < b->nr; i++) {
		if (freer->pace == ONE_BY_ONE)
			usleep_range(3000, 8000);
		else if (freer->pace == IN_PARTS && i == b->nr / 4)
			usleep_range(4000, 5000);
		hoardk_free(b->p[i]);
	}
}

static void freer_start(struct freer *freer, unsigned int cpu)
{
	INIT_WORK_ONSTACK(&freer->work, freer_work);
	schedule_work_on(cpu, &freer->work);
}

static void freer_end(struct freer *freer)
{
	flush_work(&freer->work);
	destroy_work_on_stack(&freer->work);
}

/*
 * What waits when the kicks have been that frees before this have caused: however
 * long they take, nobody else sees to it but the sweep.
 */
static size_t pending_after(struct hoardk_heap *heap)
{
	hoardk_heap_await_kicks(heap);
	return hoardk_heap_pending(heap);
}

static void expect_kicked(bool kicked, const char *complaint)
{
	if (kicked)
		return;
	job.accounting_errors++;
	pr_err("remote frees wait%s\n", complaint);
}

/* Next to nothing waits when all has been freed on @other and the kicks are done. */
static void kicks(unsigned int of, unsigned int other, bool verify)
{
	struct handful b = { .size = KICK_SIZE, .nr = HANDFUL };
	struct freer freer = {
		.b = &b, .pace = verify ? TOGETHER : IN_PARTS,
	};
	size_t waits = 0;

	b.heap = heap_open(HOARDK_POLICY_HOARD, 0);
	if (!b.heap)
		return;
	/* So that the next time it has nothing to do but with this heap. */
	if (verify)
		job.violations += hoardk_verify();
	if (handful_make(&b, of)) {
		freer_start(&freer, other);
		if (verify)
			job.violations += hoardk_verify();
		freer_end(&freer);
		waits = pending_after(b.heap);
	}
	heap_shut(b.heap, "all were freed on another CPU");
	expect_kicked(waits <= HANDFUL * KICK_SIZE / 4,
		      verify ? ", and nobody has been kicked after hoardk_verify()" :
			       ", and nobody has been kicked");
}

/*
 * A local heap goes while another CPU frees its blocks, and queues superblocks: all
 * of them do, or that of a CPU that goes @down.
 */
static void free_while_gone(unsigned int of, unsigned int other, bool down)
{
	struct handful b = { .size = ALONE_SIZE, .nr = HANDFUL };
	struct freer freer = {
		.b = &b, .pace = down ? ONE_BY_ONE : TOGETHER,
	};

	b.heap = heap_open(HOARDK_POLICY_HOARD, 64);
	if (!b.heap)
		return;
	if (handful_make(&b, of)) {
		freer_start(&freer, other);
		if (down)
			torture_cpu_cycle(of);
		else
			hoardk_give_back();
		freer_end(&freer);
	}
	heap_shut(b.heap, down ? "all were freed while a CPU went down" :
				 "all were freed while the local heap went");
}

/*
 * A superblock goes from the CPU @of to the global heap while two of its blocks
 * wait to be drained, too few for a kick; those that cause one let it be passed
 * on.  True when nothing waits any more: it may be that the sweep came between, and
 * that they caused none.
 */
static bool is_forwarded(unsigned int of, unsigned int other)
{
	struct handful b[3];
	size_t waits = 0;
	unsigned int i, made = 0;

	b[0].heap = heap_open(HOARDK_POLICY_HOARD, 1);
	if (!b[0].heap)
		return true;
	for (i = 0; i < ARRAY_SIZE(b); i++) {
		b[i].heap = b[0].heap;
		b[i].size = KICK_SIZE;
		b[i].nr = HANDFUL;
		made += handful_make(&b[i], of);
	}
	if (made == ARRAY_SIZE(b)) {
		free_part(other, &b[0], 0, 2);
		free_part(of, &b[0], 2, HANDFUL - 2);
		free_part(of, &b[1], HANDFUL / 2, HANDFUL / 2);
		free_part(other, &b[2], 0, 4);
		waits = pending_after(b[0].heap);
	}
	for (i = 0; i < ARRAY_SIZE(b); i++)
		work_on_cpu(of, free_here, &b[i]);
	heap_shut(b[0].heap, "a superblock was passed on");
	return !waits;
}

static void forwards(unsigned int of, unsigned int other)
{
	unsigned int tries = FORWARD_TRIES;

	while (!is_forwarded(of, other) && --tries)
		;
	expect_kicked(tries, " in a global heap");
}

/*
 * Empty superblocks go back to the page allocator while somebody frees what no
 * block starts at in one of them.
 */
static void free_odd(unsigned int of)
{
	struct handful b = { .size = ALONE_SIZE, .nr = 8 };
	unsigned long end = jiffies + ODD_TIME;
	void *odd[8];
	unsigned int i;

	b.heap = heap_open(HOARDK_POLICY_HOARD, 1);
	if (!b.heap)
		return;
	if (handful_make(&b, of)) {
		for (i = 0; i < b.nr; i++)
			odd[i] = b.p[i] + 1;
		work_on_cpu(of, free_here, &b);
		for (i = 0; time_before(jiffies, end); i++) {
			hoardk_free(odd[i % b.nr]);
			torture.keeper.wrong++;
			usleep_range(200, 300);
		}
	}
	heap_shut(b.heap, "odd addresses were freed");
}

struct odd_freer {
	struct work_struct work;
	void *odd;
	bool stop;
	u64 n;
};

static void free_odd_until(struct work_struct *work)
{
	struct odd_freer *freer = container_of(work, struct odd_freer, work);

	while (!READ_ONCE(freer->stop)) {
		hoardk_free(freer->odd);
		freer->n++;
		usleep_range(20, 50);
	}
}

/*
 * A heap goes while somebody frees an odd address in a superblock that names it to
 * the end, for its live block.
 */
static void odd_while_destroyed(unsigned int of, unsigned int other)
{
	struct handful b = { .size = 64, .nr = 1 };
	struct odd_freer freer = { };

	b.heap = heap_open(HOARDK_POLICY_HOARD, 0);
	if (!b.heap)
		return;
	if (handful_make(&b, of)) {
		freer.odd = b.p[0] + 1;
		INIT_WORK_ONSTACK(&freer.work, free_odd_until);
		schedule_work_on(other, &freer.work);
	}
	heap_shut_with(b.heap, freer.odd ? 1 : 0, "an odd address was freed");
	if (!freer.odd)
		return;
	WRITE_ONCE(freer.stop, true);
	flush_work(&freer.work);
	destroy_work_on_stack(&freer.work);
	torture.keeper.wrong += freer.n;
}

static unsigned int some_cpu(u64 h)
{
	return torture.sites[h % torture.nr_sites].cpu;
}

void torture_rest(void)
{
	u64 h = torture_random();
	unsigned int a = some_cpu(h), b = some_cpu(h + 1), c = some_cpu(h + 2);

	if (torture.nr_sites < 2 || !torture.wrong)
		return;
	twice_beside(HOARDK_POLICY_HOARD, a, a, b);
	twice_beside(HOARDK_POLICY_HOARD, a, b, c);
	if (torture.nr_sites > 2)
		twice_beside(HOARDK_POLICY_LOCAL, a, b, c);
	twice_alone(a, b);
	twice_large(a, b);
	outbox_stale(a, b);
	free_odd(a);
	odd_while_destroyed(a, b);
	free_while_gone(a, b, false);
	/* The first one cannot go down. */
	if (torture.hotplug && a != torture.sites[0].cpu)
		free_while_gone(a, b, true);
	forwards(a, b);
	kicks(a, b, false);
	kicks(a, b, true);
	torture.rests++;
}
