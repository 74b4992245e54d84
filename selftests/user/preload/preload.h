/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of libhoardk.so know of each other.
 */
#ifndef PRELOAD_H
#define PRELOAD_H

#include "../kernel/cpu.h"

void preload_attach(void);
void fork_init(void);
void stats_init(const char *where);

/* Of the calling thread, and of the library if this is its first thread. */
static __always_inline void ensure_started(void)
{
	if (unlikely(!this_cpu))
		preload_attach();
}

#endif /* PRELOAD_H */
