// SPDX-License-Identifier: GPL-2.0
/*
 * A trace in print.  Which places the addresses stand for says addr2line, and
 * only the core's are shown.
 */
#include <stdio.h>
#include <unistd.h>

#include "explorer.h"

#define LINE	512
#define SHOWN	3

/* One line of addr2line; false at the end. */
static bool line_read(FILE *in, char *line)
{
	if (!fgets(line, LINE, in))
		return false;
	line[strcspn(line, "\n")] = '\0';
	return true;
}

/* A function and its file:line: shown if they are the core's. */
static void place_print(const char *function, const char *file,
			unsigned int *shown)
{
	const char *name = strrchr(file, '/');

	if (*shown == SHOWN || !strstr(file, "/hoardk/") ||
	    strstr(file, "nmilock.c") || !name)
		return;
	printf("%s%s %.*s", *shown ? " < " : "", function,
	       (int)strcspn(name + 1, " "), name + 1);
	++*shown;
}

/*
 * What addr2line says of an address is the address, and then for it and all
 * functions it was inlined into, two lines.
 */
static void places_print(FILE *in, const struct record *r, char *line)
{
	char function[LINE];
	unsigned int i, shown = 0;

	for (i = 0; i < TRACE_LEVELS && r->pc[i]; i++)
		while (line_read(in, line) && strncmp(line, "0x", 2)) {
			strscpy(function, line, sizeof(function));
			if (!line_read(in, line))
				break;
			place_print(function, line, &shown);
		}
}

static void record_print(const struct record *r)
{
	unsigned long at = (unsigned long)r->p - (unsigned long)memory_start;

	printf("# %6u cpu%u %-10s %-32s ", r->event, r->cpu, r->name, r->what);
	if (at < MEMORY_SIZE)
		printf("@%-8lx ", at);
	else
		printf("%9s ", "");
}

/* Has addr2line read all addresses from a file of ours. */
static FILE *places_ask(void)
{
	char command[LINE], path[] = "/tmp/interleave.XXXXXX";
	int fd = mkstemp(path);
	FILE *addresses = fdopen(fd, "w");
	unsigned int i, j;

	for (i = 0; i < shared->nr_records; i++)
		for (j = 0; j < TRACE_LEVELS && shared->records[i].pc[j]; j++)
			fprintf(addresses, "0x%lx\n",
				shared->records[i].pc[j] - 1);
	fclose(addresses);
	snprintf(command, sizeof(command),
		 "addr2line -a -f -i -e /proc/%d/exe <%s; rm %s", getpid(),
		 path, path);
	return popen(command, "r");
}

void trace_print(void)
{
	char line[LINE];
	FILE *in = places_ask();
	unsigned int i;

	if (!in || (shared->nr_records && !line_read(in, line)))
		return;
	for (i = 0; i < shared->nr_records; i++) {
		record_print(&shared->records[i]);
		places_print(in, &shared->records[i], line);
		printf("\n");
	}
	pclose(in);
}
