// SPDX-License-Identifier: GPL-2.0
/*
 * A library that end.c loads: it allocates when it comes, and when it goes.
 */
#include <stdlib.h>

#include "check.h"

static char *kept;
static __thread char *of_thread;

void *plugin_make(size_t size);

static void __attribute__((__constructor__)) begin(void)
{
	kept = malloc(70000);
}

static void __attribute__((__destructor__)) finish(void)
{
	free(kept);
	free(of_thread);
	free(opaque(malloc(10)));
}

__attribute__((__visibility__("default"))) void *plugin_make(size_t size)
{
	char *p = malloc(size);

	of_thread = malloc(40);
	fill(p, size, 2);
	return p;
}
