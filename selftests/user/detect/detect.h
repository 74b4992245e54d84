/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Directed tests, in the stub kernel in steps: of everything that detects
 * something, and of paths that random histories hardly come by.
 *
 * Each test plays in a process of its own, which begins with nothing loaded.
 */
#ifndef DETECT_DETECT_H
#define DETECT_DETECT_H

#include <linux/hoardk.h>
#include <linux/hoardk_test.h>

#include "hoardk/account.h"
#include "hoardk/heap.h"
#include "mm.h"
#include "module.h"
#include "steps.h"

#define CPUS	4
#define NODES	2

/* What a fault says; see struct test. */
#define FAULT	"SEGV"

/**
 * struct test - one line of TAP
 * @name: what holds
 * @run: plays it, and returns if it held
 * @dies: what it must say while it dies; NULL: it must not die
 */
struct test {
	const char *name;
	void (*run)(void);
	const char *dies;
};

/* The tables end with an empty entry. */
extern const struct test verify_tests[], badfree_tests[], load_tests[],
	heap_tests[], outbox_tests[], race_tests[], loose_tests[], nmi_tests[],
	large_tests[], alloc_tests[], owner_tests[], poison_tests[],
	checked_tests[], bulk_tests[], inline_tests[],
	stub_tests[];

void __noreturn __printf(3, 4)
detect_fail(const char *function, int line, const char *format, ...);
#define expect(condition, ...) do {					\
	if (!(condition))						\
		detect_fail(__func__, __LINE__, __VA_ARGS__);		\
} while (0)
#define expect_is(got, wanted) do {					\
	long is_got = (long)(got), is_wanted = (long)(wanted);		\
	expect(is_got == is_wanted, #got " is %ld instead of %ld",	\
	       is_got, is_wanted);					\
} while (0)

/* console.c: what was printed since the last look at it. */
void console_init(void);
void console_clear(void);
void console_dump(void);
unsigned int console_lines(void);
/* One line, which the pattern fits: * stands for anything. */
void __printf(1, 2) expect_said(const char *format, ...);
void expect_silence(void);
void __printf(1, 2) expect_last_said(const char *format, ...);

/* insmod.c: "policy=local slack=1"; NULL: nothing said. */
int insmod_try(const char *params);
void insmod(const char *params);
/* What is idle comes back within a second; the module leaves nothing. */
void rmmod(void);
void pass_second(void);
void expect_nothing_left(void);
long double_frees(void);
long invalid_frees(void);
/* All structures are right, and clients hold so many bytes. */
void expect_sound(size_t in_use);

/* Where the linker sends calls of the core and of the stub. */
void __wrap_stub_interleave(const char *function, int line, const char *what);
void __real_stub_interleave(const char *function, int line, const char *what);
int __wrap_cpuhp_setup_state(int state, const char *name,
			     int (*startup)(unsigned int cpu),
			     int (*teardown)(unsigned int cpu));
int __real_cpuhp_setup_state(int state, const char *name,
			     int (*startup)(unsigned int cpu),
			     int (*teardown)(unsigned int cpu));

/* point.c: in the middle of something. */
void at_point(const char *function, const char *what, void (*fn)(void *arg),
	      void *arg);
void expect_point_reached(void);
/* Meanwhile another CPU, in whatever state this one is, calls @fn. */
void on_cpu(unsigned int cpu, void (*fn)(void *arg), void *arg);
void in_nmi_on(unsigned int cpu, void (*fn)(void *arg), void *arg);

/* scene.c: blocks and superblocks where a test wants them. */
void *get(unsigned int cpu, size_t size);
void put(unsigned int cpu, const void *p);
struct local_heap *local_heap(unsigned int cpu);
void kick(unsigned int cpu);
void give_up_empty(struct hoardk_heap *heap, unsigned int cpu);
void free_and_give_up(void *p);
/* The same, and before the next count CPU 2 takes the superblock for @reused. */
extern void *reused;
extern size_t reused_size;
void reuse(void *arg);
void then_reuse(void *p);
unsigned int capacity_of(size_t size);
void fill(unsigned int cpu, size_t size, void **p);
void put_all(unsigned int cpu, unsigned int nr, void **p);
void fail_request(unsigned int nth, unsigned int times);
bool request_failed(void);

#endif /* DETECT_DETECT_H */
