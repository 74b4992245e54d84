/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of hoardk_test.ko share.
 *
 * A test is a function without arguments in a suite's table.  It runs in the
 * task context of insmod, alone, and may start threads and interrupts of its
 * own as long as they are gone when it returns.  expect_*() may be used from
 * any of them, NMI included: the first failure of a test is kept with both
 * values and printed by the main thread.  main.c asks of every test that it
 * leaves as many bytes in use as it found and a heap that verifies.
 */
#ifndef HOARDK_TEST_H
#define HOARDK_TEST_H

#include <linux/gfp.h>
#include <linux/hoardk.h>
#include <linux/hoardk_test.h>
#include <linux/kernel.h>
#include <linux/prandom.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/types.h>

#include "nmi.h"
#include "parameter.h"

/* main.c: the tables */
struct test_case {
	const char *name;
	void (*run)(void);
};

struct test_suite {
	const char *name;
	const struct test_case *cases;
	unsigned int nr;
};

#define TEST_SUITE(suite)						\
	const struct test_suite suite##_suite = {			\
		.name = #suite,						\
		.cases = suite##_cases,					\
		.nr = ARRAY_SIZE(suite##_cases),			\
	}

extern const struct test_suite api_suite;
extern const struct test_suite flags_suite;
extern const struct test_suite resize_suite;
extern const struct test_suite align_suite;
extern const struct test_suite bulk_suite;
extern const struct test_suite heap_suite;
extern const struct test_suite badfree_suite;
extern const struct test_suite doublefree_suite;
extern const struct test_suite reuse_suite;
extern const struct test_suite nesting_suite;
extern const struct test_suite remote_suite;
extern const struct test_suite node_suite;
extern const struct test_suite failure_suite;
extern const struct test_suite random_suite;
extern const struct test_suite figures_suite;
extern const struct test_suite checked_suite;

extern unsigned long test_seed;
extern unsigned int test_steps;

/* results.c: expectations and the results file */
bool test_expect(const char *file, int line, bool holds, const char *got_text,
		 const char *op, const char *want_text, u64 got, u64 want);
void test_at(unsigned long where);
void test_skip(const char *why);

#define __expect(got, op, want)						\
({									\
	typeof(got) __got = (got);					\
	typeof(want) __want = (want);					\
	test_expect(__FILE__, __LINE__, __got op __want, #got, #op,	\
		    #want, (u64)(unsigned long)__got,			\
		    (u64)(unsigned long)__want);			\
})

#define expect_eq(got, want)	__expect(got, ==, want)
#define expect_ne(got, want)	__expect(got, !=, want)
#define expect_le(got, want)	__expect(got, <=, want)
#define expect_ge(got, want)	__expect(got, >=, want)
#define expect_lt(got, want)	__expect(got, <, want)
#define expect_null(got)	__expect((const void *)(got), ==, NULL)
#define expect_not_null(got)	__expect((const void *)(got), !=, NULL)
#define expect(cond)							\
({									\
	bool __holds = (cond);						\
	test_expect(__FILE__, __LINE__, __holds, #cond, "is", "true",	\
		    __holds, true);					\
})

int results_start(unsigned int plan);
void results_note(const char *fmt, ...) __printf(1, 2);
void results_begin(const char *suite, const char *name);
bool results_end(void);
void results_stop(void);

/* lib.c: blocks, threads, files */
void fill(void *p, size_t size, u32 key);
bool intact(const void *p, size_t size, u32 key);
bool all_zero(const void *p, size_t size);
bool real_block(const void *p);
u8 peek(const void *p, size_t at);
void poke(void *p, size_t at, u8 byte);
u32 below(struct rnd_state *rnd, u32 limit);
size_t some_size(struct rnd_state *rnd);

struct extent {
	unsigned long start;
	unsigned long end;
};

bool disjoint(struct extent *extents, unsigned int nr);

unsigned int other_cpu(void);
unsigned int cpu_at(unsigned int index);
void on_cpu(unsigned int cpu, void (*fn)(void *arg), void *arg);
void free_on_cpu(unsigned int cpu, void *p);
bool team(unsigned int nr, void (*fn)(unsigned int index, void *arg),
	  void *arg);
bool policy_is(const char *policy);

/* stats.c: hoardk's own figures, in the order of the file */
enum figure {
	STAT_CPUS,
	STAT_SUPERBLOCK_BYTES,
	STAT_SLACK_SUPERBLOCKS,
	STAT_IN_USE_BYTES,
	STAT_HELD_BYTES,
	STAT_PEAK_IN_USE_BYTES,
	STAT_PEAK_HELD_BYTES,
	STAT_FRAGMENTATION,
	STAT_BLOWUP,
	STAT_BLOWUP_BOUND,
	STAT_INTERNAL_FRAGMENTATION_BYTES,
	STAT_EXTERNAL_FRAGMENTATION_BYTES,
	STAT_OVERHEAD_BYTES,
	STAT_LARGE_BYTES,
	STAT_REMOTE_PENDING_BYTES,
	STAT_ALLOCS,
	STAT_LOCAL_FREES,
	STAT_REMOTE_FREES,
	STAT_SUPERBLOCKS_LOCAL,
	STAT_SUPERBLOCKS_GLOBAL,
	STAT_SUPERBLOCKS_EMPTY,
	STAT_MOVES_TO_GLOBAL,
	STAT_MOVES_TO_LOCAL,
	STAT_INVALID_FREES,
	STAT_DOUBLE_FREES,
	STAT_ALLOC_FAILURES,
	STAT_OVERFLOWS,
	STAT_WRITES_AFTER_FREE,
	STAT_QUARANTINE_BYTES,
	NR_STATS,
};

/* Ratios are kept in thousandths. */
struct stats {
	u64 value[NR_STATS];
};

int stats_open(void);
void stats_close(void);
bool stats_read(struct stats *stats);
void stats_check(const struct stats *stats);
u64 stat_now(enum figure which);

/* context.c, nmi.c: running a function somewhere else than in a task */
enum context {
	CONTEXT_TASK,
	CONTEXT_PREEMPT_OFF,
	CONTEXT_BH_OFF,
	CONTEXT_IRQ_OFF,
	CONTEXT_RAW_LOCK,
	CONTEXT_SOFTIRQ,
	CONTEXT_IRQ_WORK,
	CONTEXT_HRTIMER,
	CONTEXT_IPI,
	CONTEXT_NMI,
	NR_CONTEXTS,
};

bool context_is_bare(enum context context);
bool context_run(enum context context, void (*fn)(void *arg), void *arg);
int context_open(void);
void context_close(void);

#endif /* HOARDK_TEST_H */
