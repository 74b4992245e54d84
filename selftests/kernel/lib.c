// SPDX-License-Identifier: GPL-2.0
/*
 * What many tests need: patterns in blocks, random sizes, overlap of blocks,
 * work on other CPUs, and hoardk's parameters.
 *
 * fill() and intact() are out of line on purpose: they write the whole usable
 * size of a block, which a compiler that knows the requested size would take
 * for an overflow.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/limits.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "test.h"

#define TEAM_MAX	8

static u64 pattern(u32 key, size_t word)
{
	return (key + 1) * 0x9e3779b97f4a7c15ull + word * 0xff51afd7ed558ccdull;
}

/* Fill a block with what only @key gives. */
void fill(void *p, size_t size, u32 key)
{
	size_t words = size / sizeof(u64), i;
	u64 last = pattern(key, words);
	u64 *word = p;

	for (i = 0; i < words; i++)
		word[i] = pattern(key, i);
	memcpy(word + words, &last, size % sizeof(u64));
}

bool intact(const void *p, size_t size, u32 key)
{
	size_t words = size / sizeof(u64), i;
	u64 last = pattern(key, words);
	const u64 *word = p;

	for (i = 0; i < words; i++)
		if (word[i] != pattern(key, i))
			return false;
	return !memcmp(word + words, &last, size % sizeof(u64));
}

bool all_zero(const void *p, size_t size)
{
	return !memchr_inv(p, 0, size);
}

/* Neither NULL nor the address that stands for nothing at all. */
bool real_block(const void *p)
{
	return !ZERO_OR_NULL_PTR(p) && !IS_ERR(p);
}

/*
 * What clients may not touch: free blocks, what lies behind a block.  Unseen by
 * KASAN, which has tests of its own, and by the compiler, which knows sizes.
 */
__no_sanitize_address noinline u8 peek(const void *p, size_t at)
{
	return READ_ONCE(((const u8 *)p)[at]);
}

__no_sanitize_address noinline void poke(void *p, size_t at, u8 byte)
{
	WRITE_ONCE(((u8 *)p)[at], byte);
}

u32 below(struct rnd_state *rnd, u32 limit)
{
	return (u32)(((u64)prandom_u32_state(rnd) * limit) >> 32);
}

/* Mostly small, some up to the end of the classes, few large. */
size_t some_size(struct rnd_state *rnd)
{
	u32 dice = below(rnd, 64);

	if (dice < 32)
		return below(rnd, 256) + 1;
	if (dice < 52)
		return below(rnd, SZ_4K) + 1;
	if (dice < 63)
		return below(rnd, SZ_16K + SZ_4K) + 1;
	return below(rnd, SZ_256K) + 1;
}

static int by_start(const void *a, const void *b)
{
	const struct extent *left = a, *right = b;

	if (left->start == right->start)
		return 0;
	return left->start < right->start ? -1 : 1;
}

/* No two of them share a byte.  Sorts them. */
bool disjoint(struct extent *extents, unsigned int nr)
{
	unsigned int i;

	sort(extents, nr, sizeof(*extents), by_start, NULL);
	for (i = 1; i < nr; i++)
		if (extents[i - 1].end > extents[i].start)
			return false;
	return true;
}

/* The online CPU number @index, counted round and round. */
unsigned int cpu_at(unsigned int index)
{
	unsigned int cpu;

	index %= num_online_cpus();
	for_each_online_cpu(cpu)
		if (!index--)
			return cpu;
	return cpumask_first(cpu_online_mask);
}

/* Some online CPU that we are not on; our own when there is but one. */
unsigned int other_cpu(void)
{
	unsigned int here = raw_smp_processor_id(), cpu;

	for_each_online_cpu(cpu)
		if (cpu != here)
			return cpu;
	return here;
}

struct call {
	void (*fn)(void *arg);
	void *arg;
};

static long call_fn(void *data)
{
	struct call *call = data;

	call->fn(call->arg);
	return 0;
}

/* Call @fn in task context on @cpu and wait for it. */
void on_cpu(unsigned int cpu, void (*fn)(void *arg), void *arg)
{
	struct call call = { .fn = fn, .arg = arg };

	expect_eq(work_on_cpu(cpu, call_fn, &call), 0l);
}

static void free_block(void *p)
{
	hoardk_free(p);
}

void free_on_cpu(unsigned int cpu, void *p)
{
	on_cpu(cpu, free_block, p);
}

struct team {
	void (*fn)(unsigned int index, void *arg);
	void *arg;
	atomic_t ready;
	bool go;
};

struct member {
	struct team *team;
	unsigned int index;
	struct task_struct *task;
};

static int member_fn(void *data)
{
	struct member *member = data;
	struct team *team = member->team;

	atomic_inc(&team->ready);
	/* Pairs with team(). */
	while (!smp_load_acquire(&team->go) && !kthread_should_stop())
		cond_resched();
	/* Pairs with team(). */
	if (smp_load_acquire(&team->go))
		team->fn(member->index, team->arg);
	/* kthread_stop() must find us here: it holds no reference. */
	set_current_state(TASK_INTERRUPTIBLE);
	while (!kthread_should_stop()) {
		schedule();
		set_current_state(TASK_INTERRUPTIBLE);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static bool member_start(struct member *member)
{
	struct task_struct *task;

	task = kthread_create(member_fn, member, "hoardk_test/%u",
			      member->index);
	if (IS_ERR(task))
		return false;
	kthread_bind(task, cpu_at(member->index));
	member->task = task;
	wake_up_process(task);
	return true;
}

/*
 * Run @fn in @nr threads on as many CPUs, let go together, and wait for all.
 * A thread that is told to stop before it ran would never run, hence the wait
 * until all are ready.
 */
bool team(unsigned int nr, void (*fn)(unsigned int index, void *arg),
	  void *arg)
{
	struct member members[TEAM_MAX] = {};
	struct team team = { .fn = fn, .arg = arg };
	unsigned int started, i;

	if (!expect_le(nr, (unsigned int)TEAM_MAX))
		return false;
	for (started = 0; started < nr; started++) {
		members[started].team = &team;
		members[started].index = started;
		if (!member_start(&members[started]))
			break;
	}
	while (atomic_read(&team.ready) < started)
		cond_resched();
	/* Pairs with member_fn(): what was set up before is seen. */
	smp_store_release(&team.go, expect_eq(started, nr));
	for (i = 0; i < started; i++)
		kthread_stop(members[i].task);
	return started == nr;
}

bool policy_is(const char *policy)
{
	char text[32];

	expect_eq(parameter_get("policy", text, sizeof(text)), 0);
	return !strcmp(text, policy);
}
