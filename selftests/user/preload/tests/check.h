/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of libhoardk.so share.  A test says on stderr what is wrong and
 * goes on; check_failed is what the process ends with.  Any thread.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>

extern int check_failed;

/* The status of a test that cannot be made here. */
#define CHECK_SKIPPED	77

/* Says so if @condition is false, which it returns. */
#define check(condition) check_that(condition, __FILE__, __LINE__, #condition)
bool check_that(bool condition, const char *file, int line, const char *what);

/* Write bytes that depend on @seed, and see whether they are still there. */
void fill(void *p, size_t size, unsigned int seed);
bool filled(const void *p, size_t size, unsigned int seed);

/* The compiler must not know what a pointer came from, or it leaves calls out. */
void *opaque(void *p);

void functions_test(bool corrupt);
void threads_test(void);
void fork_test(void);
void end_test(void);
void memory_test(void);
void locked_test(void);
void spawn_test(const char *self);
void double_free_test(void);

#endif /* CHECK_H */
