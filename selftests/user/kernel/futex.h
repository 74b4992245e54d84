/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stub kernel: how threads wait for a word to change.
 */
#ifndef STUB_FUTEX_H
#define STUB_FUTEX_H

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

/* errno stays: free() must not change it. */
static inline void futex_wait(int *word, int value)
{
	int error = errno;

	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
	errno = error;
}

static inline void futex_wake(int *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

#endif /* STUB_FUTEX_H */
