// SPDX-License-Identifier: GPL-2.0
/*
 * libhoardk.so: the statistics at exit, if asked for.  The program's streams
 * may be closed by then, and so may be its stderr: that is kept aside from the
 * start.  One write, so that those of several processes do not mix.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "../kernel/module.h"
#include "preload.h"

#define STATS_MAX	8192
/* Above what programs close, or expect to get. */
#define KEPT_FD		200

/* A copy: programs that change their title write over their environment. */
static char stats_to[PATH_MAX];
static int kept_fd = STDERR_FILENO;

/* @where: the value of HOARDK_STATS, or NULL. */
void stats_init(const char *where)
{
	int fd;

	if (!where)
		return;
	strscpy(stats_to, where, sizeof(stats_to));
	if (strcmp(stats_to, "1"))
		return;
	fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, KEPT_FD);
	if (fd >= 0)
		kept_fd = fd;
}

static int stats_open(void)
{
	if (!strcmp(stats_to, "1"))
		return kept_fd;
	return open(stats_to, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
}

/* Not if exit() was called amid a call of the allocator, by a handler. */
static void __attribute__((__destructor__)) stats_print(void)
{
	char text[STATS_MAX];
	FILE *out;
	long n;
	int fd;

	if (!*stats_to || preempt_count())
		return;
	out = fmemopen(text, sizeof(text), "w");
	if (!out)
		return;
	stub_debugfs_show("stats", out);
	n = ftell(out);
	fclose(out);
	fd = stats_open();
	if (fd < 0 || n <= 0 || write(fd, text, n) != n)
		stub_printk("hoardk: cannot write the statistics to %s\n",
			    stats_to);
}
