// SPDX-License-Identifier: GPL-2.0
/*
 * Every context may allocate, and every other may free what it got; and an
 * interrupt or an NMI may come in the middle of any operation.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/smp.h>

#include "test.h"

#define ATOMIC	(GFP_ATOMIC | __GFP_NOWARN)

struct trip {
	size_t size;
	void *p;
};

static void trip_out(void *arg)
{
	struct trip *trip = arg;

	trip->p = hoardk_alloc(trip->size, ATOMIC);
	if (trip->p)
		fill(trip->p, trip->size, trip->size);
}

static void trip_home(void *arg)
{
	struct trip *trip = arg;

	if (trip->p)
		expect(intact(trip->p, trip->size, trip->size));
	hoardk_free(trip->p);
}

struct pass {
	enum context from;
	enum context to;
};

/*
 * From where only what is at hand can be had, a block of ours must be: but on
 * another CPU there need be none.
 */
static void one_trip(const struct pass *pass, size_t size)
{
	struct trip trip = { .size = size };
	void *warm = hoardk_alloc(size, GFP_KERNEL);

	test_at(pass->from * 10000000 + pass->to * 1000000 + size);
	if (!context_run(pass->from, trip_out, &trip))
		goto out;
	if (!context_is_bare(pass->from) ||
	    (size <= 1000 && pass->from != CONTEXT_IPI))
		expect(real_block(trip.p));
	if (!context_run(pass->to, trip_home, &trip))
		hoardk_free(trip.p);
out:
	hoardk_free(warm);
}

static void pass_blocks(void *arg)
{
	static const size_t sizes[] = { 8, 100, 1000, SZ_4K, SZ_16K, SZ_64K };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		one_trip(arg, sizes[i]);
}

static void passes_from(enum context from)
{
	struct pass pass = { .from = from };

	if (from == CONTEXT_NMI && !nmi_works()) {
		test_skip("no way to send an NMI here");
		return;
	}
	for (pass.to = 0; pass.to < NR_CONTEXTS; pass.to++)
		on_cpu(other_cpu(), pass_blocks, &pass);
}

#define PASSES_FROM(name, context)	\
static void name(void)			\
{					\
	passes_from(context);		\
}

PASSES_FROM(from_task, CONTEXT_TASK)
PASSES_FROM(from_preempt_off, CONTEXT_PREEMPT_OFF)
PASSES_FROM(from_bh_off, CONTEXT_BH_OFF)
PASSES_FROM(from_irq_off, CONTEXT_IRQ_OFF)
PASSES_FROM(from_raw_lock, CONTEXT_RAW_LOCK)
PASSES_FROM(from_softirq, CONTEXT_SOFTIRQ)
PASSES_FROM(from_irq_work, CONTEXT_IRQ_WORK)
PASSES_FROM(from_hrtimer, CONTEXT_HRTIMER)
PASSES_FROM(from_ipi, CONTEXT_IPI)
PASSES_FROM(from_nmi, CONTEXT_NMI)

/* All functions in one go, in whatever context that is. */
static void all_functions(void *unused)
{
	void *p[8] = {}, *q;
	unsigned int nr;

	p[0] = hoardk_zalloc(40, ATOMIC);
	p[1] = hoardk_calloc(5, 9, ATOMIC);
	p[2] = hoardk_memalign(256, 300, ATOMIC);
	p[3] = hoardk_alloc_node(77, ATOMIC, NUMA_NO_NODE);
	if (p[0])
		expect(all_zero(p[0], 40));
	if (p[2])
		expect_eq((unsigned long)p[2] % 256, 0ul);
	if (p[3])
		expect_ge(hoardk_usable_size(p[3]), (size_t)77);
	q = hoardk_realloc(p[3], 700, ATOMIC);
	if (q)
		p[3] = q;
	nr = hoardk_alloc_bulk(64, ATOMIC, 4, p + 4);
	expect_le(nr, 4u);
	hoardk_free_sensitive(p[0]);
	hoardk_free_bulk(3 + nr, p + 1);
}

static void everything_everywhere(void)
{
	enum context context;

	for (context = 0; context < NR_CONTEXTS; context++) {
		test_at(context);
		all_functions(NULL);
		if (context != CONTEXT_NMI || nmi_works())
			expect(context_run(context, all_functions, NULL));
	}
}

#define STASH		16
#define STORMS		1500

/*
 * A CPU works while another interrupts it.  Each interrupt allocates into one
 * slot of the stash and frees another, which an earlier one filled; only one
 * interrupt is under way at a time.
 */
struct storm {
	void (*strike)(struct storm *storm);
	unsigned int target;
	unsigned int strikes, empty_handed;
	void *stash[STASH];
	bool over;
	unsigned long worked;
};

static size_t stash_size(unsigned int slot)
{
	return 16u << (slot % 6);
}

static void struck(void *arg)
{
	struct storm *storm = arg;
	unsigned int n = storm->strikes++, slot = n * 5 % STASH;

	if (storm->stash[slot])
		expect(intact(storm->stash[slot], stash_size(slot), slot));
	hoardk_free(storm->stash[slot]);
	storm->stash[slot] = hoardk_alloc(stash_size(slot), ATOMIC);
	if (storm->stash[slot])
		fill(storm->stash[slot], stash_size(slot), slot);
	else
		storm->empty_handed++;
	if (n % 8 == 0)
		all_functions(NULL);
}

static void strike_nmi(struct storm *storm)
{
	expect(nmi_run(storm->target, struck, storm));
}

static void strike_irq(struct storm *storm)
{
	expect_eq(smp_call_function_single(storm->target, struck, storm, 1), 0);
}

/* The same classes as the interrupts use, so that both want the same bins. */
static void work(struct storm *storm)
{
	void *p[STASH] = {};
	unsigned int i = 0;

	while (!READ_ONCE(storm->over)) {
		unsigned int slot = i++ * 7 % STASH;

		if (p[slot])
			expect(intact(p[slot], stash_size(slot), slot + 99));
		hoardk_free(p[slot]);
		p[slot] = hoardk_alloc(stash_size(slot), GFP_KERNEL);
		if (expect(real_block(p[slot])))
			fill(p[slot], stash_size(slot), slot + 99);
		storm->worked++;
		cond_resched();
	}
	hoardk_free_bulk(STASH, p);
}

static void storm_member(unsigned int index, void *arg)
{
	struct storm *storm = arg;
	unsigned int i;

	if (index) {
		work(storm);
		return;
	}
	for (i = 0; i < STORMS; i++) {
		storm->strike(storm);
		/* Let the target do something to be struck in. */
		udelay(i % 32);
		/* On a slow machine it is long until the end: RCU would complain. */
		cond_resched();
	}
	WRITE_ONCE(storm->over, true);
}

static void storm_run(void (*strike)(struct storm *storm))
{
	struct storm *storm = kzalloc(sizeof(*storm), GFP_KERNEL);

	if (!expect_not_null(storm))
		return;
	storm->strike = strike;
	storm->target = cpu_at(1);
	team(2, storm_member, storm);
	expect_eq(storm->strikes, (unsigned int)STORMS);
	/*
	 * An interrupt that finds its heap busy may find nothing else, and the
	 * target does little but keep it busy.  But an allocator that always
	 * refused would pass everything else.
	 */
	expect_lt(storm->empty_handed, (unsigned int)STORMS * 9 / 10);
	expect_ge(storm->worked, 100ul);
	results_note("%u strikes, %u got no block, %lu operations struck",
		     storm->strikes, storm->empty_handed, storm->worked);
	hoardk_free_bulk(STASH, storm->stash);
	kfree(storm);
}

static void irq_storm(void)
{
	if (num_online_cpus() < 2)
		test_skip("a storm needs two CPUs; boot with --cpus 4");
	else
		storm_run(strike_irq);
}

static void nmi_storm(void)
{
	if (num_online_cpus() < 2)
		test_skip("a storm needs two CPUs; boot with --cpus 4");
	else if (!nmi_works())
		test_skip("no way to send an NMI here");
	else
		storm_run(strike_nmi);
}

static const struct test_case nesting_cases[] = {
	{ "from_task", from_task },
	{ "from_preempt_off", from_preempt_off },
	{ "from_bh_off", from_bh_off },
	{ "from_irq_off", from_irq_off },
	{ "from_raw_lock", from_raw_lock },
	{ "from_softirq", from_softirq },
	{ "from_irq_work", from_irq_work },
	{ "from_hrtimer", from_hrtimer },
	{ "from_ipi", from_ipi },
	{ "from_nmi", from_nmi },
	{ "everything_everywhere", everything_everywhere },
	{ "irq_storm", irq_storm },
	{ "nmi_storm", nmi_storm },
};

TEST_SUITE(nesting);
