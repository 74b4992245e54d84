// SPDX-License-Identifier: GPL-2.0
/*
 * The figures in debugfs compared with what was done.  Task context; nobody
 * allocates or frees meanwhile.
 */
#include <stdio.h>

#include "figures.h"
#include "hammer.h"
#include "module.h"
#include "work.h"

unsigned long figures_bad, figures_wild;

static char *stats;

static void stats_read(void)
{
	size_t size;
	FILE *f;

	free(stats);
	f = open_memstream(&stats, &size);
	if (!f || !stub_debugfs_show("stats", f))
		stub_bug("no stats");
	fclose(f);
}

static long figure(const char *name)
{
	size_t n = strlen(name);
	const char *line;

	for (line = stats; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, name, n) && line[n] == ' ')
			return strtol(line + n, NULL, 10);
	}
	complain("stats has no %s", name);
	return -1;
}

static void expect(const char *name, long wanted)
{
	long got = figure(name);

	if (got != wanted)
		complain("%s is %ld, not %ld", name, got, wanted);
}

/*
 * Whatever is on its way arrives, and what is empty returns; last what a sweep
 * had in hand meanwhile.
 */
void figures_settle(void)
{
	stub_debugfs_write("give_back", "1");
	work_freeze();
	work_thaw(false);
	rcu_barrier();
}

void figures_compare(void)
{
	long frees, second, invalid;

	stats_read();
	expect("in_use_bytes", 0);
	expect("held_bytes", 0);
	expect("large_bytes", 0);
	expect("remote_pending_bytes", 0);
	expect("superblocks_local", 0);
	expect("superblocks_global", 0);
	expect("superblocks_empty", 0);
	frees = figure("local_frees") + figure("remote_frees");
	expect("allocs", frees);
	second = figure("double_frees");
	invalid = figure("invalid_frees");
	if (second + invalid != (long)figures_bad ||
	    invalid < (long)figures_wild)
		complain("double_frees %ld, invalid_frees %ld, but %lu were bad, %lu of them wild",
			 second, invalid, figures_bad, figures_wild);
}
