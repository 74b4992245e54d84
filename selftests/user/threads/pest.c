// SPDX-License-Identifier: GPL-2.0
/*
 * The pest: a thread that stands for no CPU and, while the workers work, reads
 * the files in debugfs, verifies, and wants memory back.
 */
#include <stdio.h>
#include <unistd.h>

#include "module.h"
#include "worker.h"

/* Needs the types that the above have. */
#include <linux/hoardk_test.h>

#define PAUSE_US	4000

static const char * const files[] = {
	"stats", "summary", "classes", "cpus", "heaps",
};

static pthread_t thread;
static bool pest_stopping;
static FILE *nowhere;

static void verify(void)
{
	unsigned int n = hoardk_verify();

	if (n)
		complain("hoardk_verify() found %u violations", n);
}

static void pester(struct actor *a)
{
	switch (actor_below(a, 8)) {
	case 0:
		verify();
		break;
	case 1:
		stub_debugfs_write("give_back", "1");
		break;
	case 2:
	case 3:
		stub_shrink(actor_below(a, 64));
		break;
	case 4:
		hoardk_heap_in_use(NULL);
		break;
	default:
		stub_debugfs_show(files[actor_below(a, ARRAY_SIZE(files))],
				  nowhere);
	}
}

static void *pest_main(void *arg)
{
	struct actor a;

	cpu_attach_spare();
	actor_init(&a, 0, TASK);
	while (!__atomic_load_n(&pest_stopping, __ATOMIC_RELAXED)) {
		pester(&a);
		usleep(actor_below(&a, PAUSE_US));
	}
	free(a.hand);
	return NULL;
}

void pest_start(void)
{
	if (!options.disturb)
		return;
	nowhere = fopen("/dev/null", "w");
	if (!nowhere || pthread_create(&thread, NULL, pest_main, NULL))
		stub_bug("no pest");
}

void pest_stop(void)
{
	if (!options.disturb)
		return;
	__atomic_store_n(&pest_stopping, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	fclose(nowhere);
}
