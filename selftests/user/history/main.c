// SPDX-License-Identifier: GPL-2.0
/*
 * history: random histories of the whole interface against a model.
 *
 * Each history plays in a process of its own, of which several go on at once.
 * One that fails is shrunk, written to a file and played once more for all to
 * see; --replay plays that file.
 */
#include <getopt.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "shrink.h"
#include "world.h"

static const char usage_text[] =
"usage: history [OPTION]...           play random histories\n"
"       history --replay FILE         play one from a file\n"
"       history --to-bytes FILE       write one as the fuzzer's bytes\n"
"       history --from-bytes FILE     and such bytes as one\n"
"  --seed N        the first history's seed; each next one's is 1 more\n"
"                  (default: the time)\n"
"  --histories N   how many (default 100)\n"
"  --steps N       operations in each (default 2000)\n"
"  --policy NAME   global, local, ownership or hoard (default: any)\n"
"  --fail-to FILE  where a failing history is written (default\n"
"                  failing-history.txt)\n"
"  --no-shrink     a failing history is written as it is\n"
"  --verbose       show the console\n"
"  --break N       for tests: after N steps a block's contents change\n";

struct options {
	u64 seed;
	unsigned long histories, steps;
	const char *policy, *replay, *fail_to, *to_bytes, *from_bytes;
	bool verbose, no_shrink;
};

static void __attribute__((__noreturn__)) usage(const char *why)
{
	fprintf(stderr, "history: %s\n%s", why, usage_text);
	exit(2);
}

static unsigned long number(const char *text, unsigned long least)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || end == text || *text == '-' || n < least)
		usage("a number was expected");
	return n;
}

static void parse(struct options *o, int argc, char **argv)
{
	static const struct option names[] = {
		{ "seed", 1, NULL, 's' }, { "histories", 1, NULL, 'n' },
		{ "steps", 1, NULL, 'l' }, { "policy", 1, NULL, 'p' },
		{ "to-bytes", 1, NULL, 't' }, { "from-bytes", 1, NULL, 'm' },
		{ "replay", 1, NULL, 'r' }, { "fail-to", 1, NULL, 'f' },
		{ "no-shrink", 0, NULL, 'x' }, { "verbose", 0, NULL, 'v' },
		{ "break", 1, NULL, 'b' }, { "help", 0, NULL, 'h' }, { 0 },
	};
	int c, i;

	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (c) {
		case 's':
			o->seed = number(optarg, 0);
			break;
		case 'n':
			o->histories = number(optarg, 1);
			break;
		case 'l':
			o->steps = number(optarg, 1);
			break;
		case 'p':
			for (i = 0; i < 4; i++)
				if (!strcmp(optarg, setup_policies[i]))
					o->policy = optarg;
			if (!o->policy)
				usage("no such policy");
			break;
		case 'r':
			o->replay = optarg;
			break;
		case 't':
			o->to_bytes = optarg;
			break;
		case 'm':
			o->from_bytes = optarg;
			break;
		case 'f':
			o->fail_to = optarg;
			break;
		case 'x':
			o->no_shrink = true;
			break;
		case 'v':
			o->verbose = true;
			break;
		case 'b':
			world_break_at = number(optarg, 1);
			break;
		case 'h':
			fputs(usage_text, stdout);
			exit(0);
		default:
			usage("no such option");
		}
	}
	if (optind < argc)
		usage("only options are accepted");
}

static void show_failing(struct history *h, const char *file)
{
	FILE *out = fopen(file, "w");

	if (!out) {
		perror(file);
		exit(2);
	}
	history_print(h, out);
	fclose(out);
	history_fails(h, true);
	printf("%zu operations are left of it; play them with --replay %s:\n",
	       h->nr, file);
	history_print(h, stdout);
}

static FILE *open_input(const char *file)
{
	FILE *in = fopen(file, "r");

	if (in)
		return in;
	perror(file);
	exit(2);
}

static void read_history(struct history *h, const char *file)
{
	FILE *in = open_input(file);
	int bad = history_parse(h, in);

	fclose(in);
	if (!bad)
		return;
	fprintf(stderr, "%s:%d: no operation or setup\n", file, bad);
	exit(2);
}

static int replay(const char *file)
{
	struct history h;

	read_history(&h, file);
	world_play(&h);
	printf("passed: %zu steps\n", h.nr);
	history_free(&h);
	return 0;
}

static u8 bytes[1 << 20];

static int to_bytes(const char *file)
{
	struct history h;
	size_t n;

	read_history(&h, file);
	n = history_to_bytes(&h, bytes, sizeof(bytes));
	history_free(&h);
	return fwrite(bytes, 1, n, stdout) == n ? 0 : 2;
}

static int from_bytes(const char *file)
{
	FILE *in = open_input(file);
	size_t n = fread(bytes, 1, sizeof(bytes), in);
	struct history h;

	fclose(in);
	if (!history_from_bytes(&h, bytes, n)) {
		fprintf(stderr, "%s: too short for a history\n", file);
		return 2;
	}
	history_print(&h, stdout);
	history_free(&h);
	return 0;
}

/* The histories of a seed up to the end, in this process; a child's work. */
static void play_from(const struct options *o, unsigned long first,
		      unsigned long nr, int report)
{
	unsigned long i;

	for (i = first; i < first + nr; i++) {
		struct history h;

		/* Whom to look at, if this is the last word. */
		if (write(report, &i, sizeof(i)) != sizeof(i))
			_exit(2);
		history_random(&h, o->seed + i, o->policy, o->steps);
		world_play(&h);
		history_free(&h);
	}
	exit(0);
}

/*
 * Play @nr histories in one child.  The number of the one that failed, or @first
 * + @nr.
 */
static unsigned long play_batch(const struct options *o, unsigned long first,
				unsigned long nr)
{
	unsigned long last = first + nr, n;
	int ends[2], status;
	pid_t child;

	if (pipe(ends))
		usage("no pipe");
	fflush(NULL);
	child = fork();
	if (!child)
		play_from(o, first, nr, ends[1]);
	close(ends[1]);
	while (read(ends[0], &n, sizeof(n)) == sizeof(n))
		last = n;
	close(ends[0]);
	waitpid(child, &status, 0);
	return status ? last : first + nr;
}

#define BATCH	64

static int play_all(const struct options *o)
{
	unsigned long done, n, bad;
	struct history h;

	printf("seed %llu, %lu histories of %lu steps, policy %s\n", o->seed,
	       o->histories, o->steps, o->policy ? o->policy : "any");
	for (done = 0; done < o->histories; done += n) {
		n = min(o->histories - done, (unsigned long)BATCH);
		bad = play_batch(o, done, n);
		if (bad == done + n)
			continue;
		printf("FAILED: seed %llu\n", o->seed + bad);
		history_random(&h, o->seed + bad, o->policy, o->steps);
		if (!o->no_shrink)
			history_shrink(&h);
		show_failing(&h, o->fail_to);
		history_free(&h);
		return 1;
	}
	printf("passed: %lu steps\n", o->histories * o->steps);
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = {
		.seed = time(NULL),
		.histories = 100,
		.steps = 2000,
		.fail_to = "failing-history.txt",
	};

	parse(&o, argc, argv);
	world_init(o.verbose);
	if (o.to_bytes)
		return to_bytes(o.to_bytes);
	if (o.from_bytes)
		return from_bytes(o.from_bytes);
	return o.replay ? replay(o.replay) : play_all(&o);
}
