// SPDX-License-Identifier: GPL-2.0
/*
 * What memory was when the module had been loaded: each run begins so.
 */
#include <sys/mman.h>

#include "explorer.h"

#define MAX_RANGES	8

struct range {
	void *p;
	size_t size;
	void *copy;
};

extern char __data_start[], _end[], __start_kept[], __stop_kept[];
extern char __start_stub_percpu[];

static KEPT struct range ranges[MAX_RANGES];
static KEPT unsigned int nr_ranges;

/* Part of the image. */
void image_add(void *p, size_t size)
{
	struct range *r = &ranges[nr_ranges++];

	r->p = p;
	r->size = size;
	r->copy = mmap(NULL, size + 1, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (nr_ranges > MAX_RANGES || r->copy == MAP_FAILED)
		stub_bug("no memory for an image");
}

/* All variables but those in the section kept, per-CPU data, and memory. */
void image_save(void)
{
	unsigned int i;

	image_add(__data_start, __start_kept - __data_start);
	image_add(__stop_kept, _end - __stop_kept);
	image_add(per_cpu_ptr(&__start_stub_percpu[0], 0),
		  CPU_SLOTS * (cpus[1].offset - cpus[0].offset));
	memory_save();
	for (i = 0; i < nr_ranges; i++)
		memcpy(ranges[i].copy, ranges[i].p, ranges[i].size);
}

void image_restore(void)
{
	unsigned int i;

	for (i = 0; i < nr_ranges; i++)
		memcpy(ranges[i].p, ranges[i].copy, ranges[i].size);
	memory_reset();
}
