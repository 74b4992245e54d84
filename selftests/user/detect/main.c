// SPDX-License-Identifier: GPL-2.0
/*
 * detect: directed tests (TAP).  See detect.h.
 *
 * usage: detect [WORD]    only the tests whose name has this word
 */
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "detect.h"
#include "extable.h"

/* A test that takes so many seconds hangs. */
#define DEADLINE	120

static const struct test *const tables[] = {
	verify_tests, badfree_tests, load_tests, heap_tests, outbox_tests,
	race_tests, loose_tests, nmi_tests, large_tests, alloc_tests,
	owner_tests, poison_tests, checked_tests, bulk_tests, inline_tests,
	stub_tests,
};

static unsigned int count, failed;

static void __noreturn child(const struct test *t, int out)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	alarm(DEADLINE);
	dup2(out, STDERR_FILENO);
	console_init();
	stub_ratelimit_off = true;
	stub_pages_strict = true;
	stub_ram_pages = 1 << 18;
	stub_memory_init(NODES);
	stub_fault_init();
	t->run();
	exit(0);
}

/* All that it says, up to its end; what is beyond @size is dropped. */
static void listen(int in, char *text, size_t size)
{
	size_t at = 0;
	char rest[4096];
	ssize_t n;

	for (;;) {
		if (at < size - 1)
			n = read(in, text + at, size - 1 - at);
		else
			n = read(in, rest, sizeof(rest));
		if (n <= 0)
			break;
		if (at < size - 1)
			at += n;
	}
	text[at] = '\0';
}

static bool as_wanted(const struct test *t, int status, const char *text)
{
	if (!t->dies)
		return !status;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV &&
	    !strcmp(t->dies, FAULT))
		return true;
	return status && strstr(text, t->dies);
}

static void explain(const struct test *t, int status, char *text)
{
	char *line;

	if (t->dies)
		printf("# it should have died of: %s\n", t->dies);
	if (WIFSIGNALED(status))
		printf("# ended by signal %d\n", WTERMSIG(status));
	else
		printf("# exit status %d\n", WEXITSTATUS(status));
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		printf("#   %s\n", line);
}

static void play(const struct test *t)
{
	static char text[1 << 16];
	int ends[2], status;
	pid_t pid;

	if (pipe(ends)) {
		perror("pipe");
		exit(2);
	}
	fflush(NULL);
	pid = fork();
	if (!pid) {
		close(ends[0]);
		child(t, ends[1]);
	}
	close(ends[1]);
	listen(ends[0], text, sizeof(text));
	close(ends[0]);
	waitpid(pid, &status, 0);
	if (as_wanted(t, status, text)) {
		printf("ok %u - %s\n", ++count, t->name);
		return;
	}
	printf("not ok %u - %s\n", ++count, t->name);
	failed++;
	explain(t, status, text);
}

int main(int argc, char **argv)
{
	const struct test *t;
	unsigned int i;

	if (argc > 2 || (argc == 2 && *argv[1] == '-')) {
		fprintf(stderr, "usage: detect [WORD]\n");
		return 2;
	}
	for (i = 0; i < ARRAY_SIZE(tables); i++)
		for (t = tables[i]; t->name; t++)
			if (argc < 2 || strstr(t->name, argv[1]))
				play(t);
	if (!count)
		fprintf(stderr, "detect: no test has \"%s\" in its name\n",
			argv[1]);
	printf("1..%u\n", count);
	return failed || !count;
}
