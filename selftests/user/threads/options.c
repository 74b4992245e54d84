// SPDX-License-Identifier: GPL-2.0
/*
 * The hammer's parameters, as NAME=VALUE.  One thread.
 */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "hammer.h"

struct options options = {
	.policy = "hoard",
	.slack = 32,
	.seconds = 5,
	.threads = 8,
	.interrupts = 1,
	.hotplug = 1,
	.disturb = 1,
};

static const char * const busted_names[] = {
	"none", "corrupt", "lose", "twice", "overlap", "race", "touch", NULL
};

static const char * const policy_names[] = {
	"global", "local", "ownership", "hoard", NULL
};

static const struct number {
	const char *name;
	unsigned long *value;
	unsigned long min;
	unsigned long max;
	const char *help;
} numbers[] = {
	{ "slack", &options.slack, 1, 1024, "K of the general heap" },
	{ "seconds", &options.seconds, 1, 100000, "how long" },
	{ "operations", &options.operations, 0, 1UL << 40,
	  "steps of all threads together, instead of seconds=; 0: none" },
	{ "threads", &options.threads, 1, MAX_WORKERS, "each one is a CPU" },
	{ "seed", &options.seed, 0, ULONG_MAX, "0: from the clock" },
	{ "fail", &options.fail, 0, 1000000,
	  "one request for memory of so many fails; 0: none" },
	{ "interrupts", &options.interrupts, 0, 1, "IRQs and NMIs" },
	{ "hotplug", &options.hotplug, 0, 1, "threads end, others begin" },
	{ "disturb", &options.disturb, 0, 1,
	  "somebody reads, verifies and reclaims meanwhile" },
	{ "bad", &options.bad, 0, 1,
	  "double and wild frees, counted, instead of the rest" },
	{ }
};

static void print_names(const char * const *names)
{
	for (; *names; names++)
		printf("%s%s", *names, names[1] ? ", " : "\n");
}

static void print_help(void)
{
	const struct number *n;

	printf("usage: hammer [NAME=VALUE]...\n");
	printf("  policy=       ");
	print_names(policy_names);
	for (n = numbers; n->name; n++)
		printf("  %s=%*s %s [%lu]\n", n->name,
		       (int)(12 - strlen(n->name)), "", n->help, *n->value);
	printf("  busted=       a control that must fail: ");
	print_names(busted_names);
	printf("The last line is the verdict.  Status: 0 pass, 1 fail, 2 bad usage.\n");
	exit(0);
}

static void __attribute__((__noreturn__)) __printf(1, 2)
refuse(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "hammer: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, "; hammer --help tells what is accepted\n");
	va_end(args);
	exit(2);
}

/* Which of the names, or refusal. */
static unsigned int find(const char *name, const char * const *names,
			 const char *value)
{
	unsigned int i;

	for (i = 0; names[i]; i++)
		if (!strcmp(names[i], value))
			return i;
	refuse("%s= cannot be \"%s\"", name, value);
}

static void read_number(const char *name, const char *value)
{
	const struct number *n;
	unsigned long got;
	char *end;

	for (n = numbers; n->name; n++)
		if (!strcmp(n->name, name))
			break;
	if (!n->name)
		refuse("there is no parameter \"%s\"", name);
	errno = 0;
	got = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || *end || errno || got < n->min ||
	    got > n->max)
		refuse("%s= must be a number from %lu to %lu, not \"%s\"", name,
		       n->min, n->max, value);
	*n->value = got;
}

static void read_one(char *arg)
{
	char *value = strchr(arg, '=');

	if (!strcmp(arg, "--help") || !strcmp(arg, "-h"))
		print_help();
	if (!value)
		refuse("\"%s\" is not NAME=VALUE", arg);
	*value++ = '\0';
	if (!strcmp(arg, "policy"))
		options.policy = policy_names[find(arg, policy_names, value)];
	else if (!strcmp(arg, "busted"))
		options.busted = find(arg, busted_names, value);
	else
		read_number(arg, value);
}

/* What this run could be repeated with. */
static void print_options(void)
{
	const struct number *n;

	printf("# policy=%s", options.policy);
	for (n = numbers; n->name; n++)
		printf(" %s=%lu", n->name, *n->value);
	printf(" busted=%s\n", busted_names[options.busted]);
	fflush(stdout);
}

void options_read(int argc, char **argv)
{
	struct timespec t;
	int i;

	for (i = 1; i < argc; i++)
		read_one(argv[i]);
	if (!options.seed) {
		clock_gettime(CLOCK_REALTIME, &t);
		options.seed = t.tv_sec * 1000003UL + t.tv_nsec;
	}
	print_options();
}
