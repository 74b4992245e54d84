/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the malloc benchmarks share: options, clock, random numbers, threads,
 * the count of live bytes, and the figures printed at the end.
 *
 * The programs know nothing of the allocator: they call malloc() and free(),
 * and LD_PRELOAD decides whose these are.  Memory of their own (arrays of
 * pointers) comes from bench_pages(), so that it is in nobody's figures.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdlib.h>
#include <stdnoreturn.h>

typedef unsigned int u32;
typedef unsigned long u64;

#define BENCH_MAX_THREADS 256
#define BENCH_LINE 64

/* A number within min and max; a flag when max is 0.  The last has no name. */
struct bench_option {
	const char *name;
	unsigned long *value;	/* holds the default */
	unsigned long min, max;
	const char *help;
};

extern unsigned long bench_threads;

/* Reads the options of all programs and those given; bad ones end it. */
void bench_options(int argc, char **argv, const char *about,
		   const struct bench_option *options);

/* Ends the program with status 1: the allocator did something wrong. */
noreturn void bench_fail(const char *format, ...)
	__attribute((format(printf, 1, 2)));

/* Ends it with status 2: the options are wrong. */
noreturn void bench_usage(const char *format, ...)
	__attribute((format(printf, 1, 2)));

/* Zeroed memory that is there already and no part of the heap. */
void *bench_pages(size_t size);

/* To be called when such memory is there: notes how much is held so far. */
void bench_begin(void);

/* Prints the figures of ops operations that took ns. */
void bench_report(u64 ns, u64 ops);

u64 bench_clock(void);

/*
 * Runs work(0) to work(nr - 1) as threads that start together; returns the
 * nanoseconds from the first one's start to the last one's end.
 */
u64 bench_run(unsigned int nr, void (*work)(unsigned int id));

/* The part of total that thread id of nr does; the parts add up to total. */
static inline unsigned long bench_share(unsigned long total, unsigned int id,
					unsigned int nr)
{
	return total / nr + (id < total % nr);
}

/* To the compiler, the byte at p is read and changed here. */
static inline void bench_touch(char *p)
{
	asm volatile("" : "+m" (*p));
}

/* And here all of p's memory is read: stores before a free() are not dead. */
static inline void bench_keep(void *p)
{
	asm volatile("" : : "r" (p) : "memory");
}

/* While waiting for another thread: mostly spin, at times let it run. */
void bench_relax(unsigned int *spins);

/*
 * Live bytes, as requested.  Threads count for themselves and pass on what
 * has come together, so the peak is known to BENCH_LIVE_STEP a thread.  A
 * thread that ends, or hands over, has to flush; bench_run() does.
 */
#define BENCH_LIVE_STEP 16384L

extern __thread long bench_live_delta;

void bench_live_flush(void);

static inline void bench_live(long bytes)
{
	bench_live_delta += bytes;
	if (bench_live_delta > BENCH_LIVE_STEP ||
	    bench_live_delta < -BENCH_LIVE_STEP)
		bench_live_flush();
}

static inline void *bench_malloc(size_t size)
{
	void *p = malloc(size);

	if (!p)
		bench_fail("malloc(%zu) failed", size);
	bench_live((long)size);
	return p;
}

static inline void bench_free(void *p, size_t size)
{
	bench_live(-(long)size);
	free(p);
}

/* Random numbers: splitmix64.  A stream is a function of --seed and number. */
struct rng {
	u64 state;
};

void rng_init(struct rng *rng, u64 stream);

static inline u64 rng_mix(u64 x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

static inline u32 rng_next(struct rng *rng)
{
	rng->state += 0x9e3779b97f4a7c15;
	return rng_mix(rng->state) >> 32;
}

static inline u32 rng_below(struct rng *rng, u32 n)
{
	return (u64)rng_next(rng) * n >> 32;
}

static inline u32 rng_range(struct rng *rng, u32 min, u32 max)
{
	return min + rng_below(rng, max - min + 1);
}

#endif
