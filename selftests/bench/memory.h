/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A and U while a work goes on: what the works have of memory.c.  Task context, on
 * one CPU at a time.
 */
#ifndef HOARDK_BENCH_MEMORY_H
#define HOARDK_BENCH_MEMORY_H

#include "bench.h"

/* Of the work that runs. */
extern enum allocator memory_who;

/* Allocate and free, counting what is live; memory_get() returns NULL on failure. */
void *memory_get(size_t size);
void memory_put(void *p, size_t size);
/* Now is a time to look, at @x on the work's own axis. */
void memory_sample(unsigned long x);

/* Let others run. */
void memory_settle(void);

/* An array of @n zeroes that is not counted, freed after the work; or NULL. */
void *memory_array(size_t n, size_t size);

/* shape.c */
int chain_run(unsigned int cpus);
int turns_run(unsigned int cpus);
int pipe_run(unsigned int cpus);
int shrink_run(unsigned int cpus);
int robson_run(unsigned int cpus);

#endif /* HOARDK_BENCH_MEMORY_H */
