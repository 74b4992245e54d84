// SPDX-License-Identifier: GPL-2.0
/*
 * libhoardk.so: its start, at the first call that any thread makes, which may
 * come from the dynamic linker, before all constructors.  Nothing on the way
 * here allocates: the stub makes its thread later (see work.h).
 *
 * The environment:
 *   HOARDK_POLICY, HOARDK_SLACK, HOARDK_EMPTY_PERCENT: the module's parameters
 *   HOARDK_CPUS: threads that get a local heap at a time, 1 to 512 (256); more
 *	are served by the global heap
 *   HOARDK_STATS: 1: print debugfs's stats on stderr when the process exits;
 *	a path with a "/": append them to that file; 0: no
 */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "../kernel/lock.h"
#include "../kernel/mm.h"
#include "../kernel/module.h"
#include "../kernel/work.h"
#include "preload.h"

#define CPUS		256
/* With fewer pages in use a process gets no thread. */
#define THREAD_PAGES	256

static struct stub_lock start_lock;
static bool started;

static void say(const char *line)
{
	if (write(STDERR_FILENO, line, strlen(line)) < 0)
		return;
}

/* The core's messages until it is loaded: only a refusal is of interest. */
static void listen(const char *line)
{
	if (!strstr(line, ": loaded: "))
		say(line);
}

static void __noreturn __printf(1, 2) refuse(const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	say(line);
	_exit(1);
}

static const char *setting(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static unsigned int cpus_wanted(void)
{
	const char *value = setting("HOARDK_CPUS");
	unsigned long n = CPUS;
	char *end = "";

	if (value)
		n = strtoul(value, &end, 10);
	if (*end || n < 1 || n > STUB_CPUS)
		refuse("hoardk: HOARDK_CPUS must be a number from 1 to %d, not \"%s\"\n",
		       STUB_CPUS, value);
	return n;
}

static void set_number(const char *variable, const char *parameter)
{
	const char *value = setting(variable);

	if (value && stub_param_set(parameter, value))
		refuse("hoardk: %s must be a number, not \"%s\"\n", variable,
		       value);
}

/* Where statistics go, or NULL. */
static const char *stats_wanted(void)
{
	const char *value = setting("HOARDK_STATS");

	if (!value || !strcmp(value, "0"))
		return NULL;
	if (strcmp(value, "1") && !strchr(value, '/'))
		refuse("hoardk: HOARDK_STATS must be 0, 1 or a path with a \"/\", not \"%s\"\n",
		       value);
	return value;
}

static void load(void)
{
	const char *policy = setting("HOARDK_POLICY");

	cpu_set_possible(cpus_wanted());
	stub_memory_init(1);
	if (policy)
		stub_param_set("policy", policy);
	set_number("HOARDK_SLACK", "slack");
	set_number("HOARDK_EMPTY_PERCENT", "empty_percent");
	work_min_pages = THREAD_PAGES;
	stub_console = listen;
	if (stub_module_load())
		_exit(1);
	stub_console = NULL;
}

/* The first call of a thread. */
void preload_attach(void)
{
	if (!__atomic_load_n(&started, __ATOMIC_ACQUIRE)) {
		stub_lock(&start_lock);
		if (!started) {
			load();
			__atomic_store_n(&started, true, __ATOMIC_RELEASE);
			stub_unlock(&start_lock);
			fork_init();
			stats_init(stats_wanted());
		} else {
			stub_unlock(&start_lock);
		}
	}
	cpu_here();
}
