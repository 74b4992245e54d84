// SPDX-License-Identifier: GPL-2.0
/*
 * The console: what the module has printed, and whether that is what it should.
 */
#include <fnmatch.h>
#include <stdarg.h>
#include <unistd.h>

#include "detect.h"

#define LINES	64

static char lines[LINES][512];
static unsigned int nr;

static void console(const char *line)
{
	strscpy(lines[nr++ % LINES], line, sizeof(lines[0]));
}

void console_init(void)
{
	stub_console = console;
}

void console_clear(void)
{
	nr = 0;
}

unsigned int console_lines(void)
{
	return nr;
}

void console_dump(void)
{
	unsigned int i;

	for (i = nr > LINES ? nr - LINES : 0; i < nr; i++)
		fprintf(stderr, "console: %s", lines[i % LINES]);
}

static void match(const char *format, va_list args)
{
	char pattern[512];

	vsnprintf(pattern, sizeof(pattern), format, args);
	strcat(pattern, "\n");
	expect(nr, "nothing was said instead of: %s", pattern);
	expect(!fnmatch(pattern, lines[(nr - 1) % LINES], 0),
	       "wanted on the console: %s", pattern);
	console_clear();
}

void expect_said(const char *format, ...)
{
	va_list args;

	expect(nr <= 1, "%u lines were said", nr);
	va_start(args, format);
	match(format, args);
	va_end(args);
}

/* After others. */
void expect_last_said(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	match(format, args);
	va_end(args);
}

void expect_silence(void)
{
	expect(!nr, "%u lines were said", nr);
}

/* The test has failed: leave at once. */
void detect_fail(const char *function, int line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s(), line %d: ", function, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	console_dump();
	_exit(1);
}
