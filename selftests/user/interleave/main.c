// SPDX-License-Identifier: GPL-2.0
/*
 * explore: plays scenarios in every order, and tells of the first that fails.
 *
 *	explore [--every] [--bound N] SCENARIO...
 *	explore --replay SWITCHES SCENARIO
 *	explore --list
 *
 * With --every tasks are preempted before each access, not only where there are
 * conflicts: a check that the explorer finds all of these.
 *
 * Each scenario is explored in a process of its own, which may die of what it
 * finds.
 *
 * Status: 0 all is well, 1 a run failed, 2 the explorer was asked for nonsense.
 */
#include <getopt.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hoardk/account.h"
#include "hoardk/heap.h"
#include "module.h"
#include "scenario.h"

#define USUAL_BOUND	2
/* Of the processor: no run takes that long. */
#define MAX_SECONDS	5
#define MANY_RUNS	20000

KEPT const struct scenario *scenario;

static void quiet(const char *line)
{
}

static void ignore_heap(const struct hoardk_heap *heap)
{
	access_ignore(&heap->remote_frees, sizeof(heap->remote_frees));
	access_ignore(&heap->remote_out, sizeof(heap->remote_out));
	access_ignore(&heap->large_count,
		      offsetof(struct hoardk_heap, link) -
		      offsetof(struct hoardk_heap, large_count));
}

/* Figures that are added to and at most printed, and what is the stub's own. */
static void ignore(void)
{
	unsigned int i;

	access_ignore(&account, sizeof(account));
	access_ignore(&stub_module_refs, sizeof(stub_module_refs));
	for (i = 0; i < CPU_SLOTS; i++)
		access_ignore(&cpus[i], offsetof(struct cpu, irq_missed));
	access_ignore(&this_cpu, sizeof(this_cpu));
	ignore_heap(&general_heap);
}

static void init(void)
{
	trace_init();
	memory_init();
	cpu_set_possible(SCENARIO_CPUS);
	access_init();
	ignore();
	search_init();
	stub_console = quiet;
	scheduler_init();
}

static void run(void)
{
	image_restore();
	shared->events = 0;
	shared->preemptions = 0;
	if (!shared->replay)
		shared->nr_switches = 0;
	access_reset();
	clock_reset();
	scheduler_reset();
	section_reset();
	queue_reset();
	on_cpu(0);
	scenario->setup();
	scheduler_run();
	check_end();
}

static void load(void)
{
	on_cpu(0);
	if (stub_param_set("policy", scenario->policy ? : "hoard") ||
	    stub_param_set("slack", scenario->slack ? : "1") ||
	    stub_param_set("checks", scenario->checks ? : "none") ||
	    stub_module_load())
		stub_bug("the module cannot be loaded");
	image_save();
}

/*
 * All runs with at most @bound preemptions; true if this has to be done again,
 * with what was found.  Then the rest is not worth much, unless much is done.
 */
static bool pass(unsigned int bound)
{
	bool more;

	search_begin(bound);
	do {
		run();
		more = search_next();
	} while (more && (shared->runs > MANY_RUNS || !access_found()));
	shared->all_runs += shared->runs;
	return access_learn();
}

/* Once a second. */
static void watch(int signal)
{
	static KEPT unsigned long seen;
	static KEPT unsigned int still;
	unsigned long now = shared->all_runs + shared->runs;

	still = now == seen ? still + 1 : 0;
	seen = now;
	if (still == MAX_SECONDS)
		fail("the run does not end");
}

static void watch_start(void)
{
	struct itimerval second = { { 1, 0 }, { 1, 0 } };

	signal(SIGVTALRM, watch);
	setitimer(ITIMER_VIRTUAL, &second, NULL);
}

static void explore(unsigned int max)
{
	unsigned int bound;

	watch_start();
	load();
	for (bound = 0; bound <= max; bound++)
		while (pass(bound))
			;
	shared->complete = true;
}

/* In a process of its own; true if it ends well. */
static bool apart(void (*fn)(unsigned int arg), unsigned int arg)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		fn(arg);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		stub_bug("no process");
	if (WIFSIGNALED(status) && !*shared->failure)
		snprintf(shared->failure, sizeof(shared->failure), "signal %d",
			 WTERMSIG(status));
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

static void run_once(unsigned int tracing)
{
	watch_start();
	load();
	shared->tracing = tracing;
	run();
}

/* Once to find where the tasks meet, once more to record that. */
static bool replay(void)
{
	bool fine;

	shared->every = true;
	shared->replay = true;
	*shared->failure = '\0';
	apart(run_once, false);
	access_learn();
	fine = apart(run_once, true);
	trace_print();
	printf("# %s\n", fine ? "the run ends well" : shared->failure);
	return fine;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static bool explore_one(unsigned int bound)
{
	double start = seconds();
	bool fine;

	if (!shared->every)
		bound = max(bound, scenario->bound);
	memset(shared, 0, offsetof(struct shared, every));
	shared->replay = false;
	shared->tracing = false;
	shared->nr_switches = 0;
	*shared->failure = '\0';
	shared->nr_records = 0;
	fine = apart(explore, bound) && shared->complete;
	if (fine) {
		printf("%s: all %lu runs, up to %u preemptions at %u places",
		       scenario->name, shared->runs, bound, shared->contended);
		printf(", %.1f s\n", seconds() - start);
		return true;
	}
	printf("%s: FAILED in run %lu, up to %u preemptions: %s\n# --replay ",
	       scenario->name, shared->runs + 1, shared->bound,
	       shared->failure);
	switches_print();
	printf(" %s\n", scenario->name);
	replay();
	return false;
}

/* The scenario after @s, or the first; NULL at the end. */
static const struct scenario *next(const struct scenario *s)
{
	static const struct scenario * const tables[] = {
		remote_scenarios, detach_scenarios, policy_scenarios,
		double_scenarios, irq_scenarios, NULL
	};
	static const struct scenario * const *table;

	if (s && (++s)->name)
		return s;
	table = s ? table + 1 : tables;
	return *table;
}

static const struct scenario *find(const char *name)
{
	const struct scenario *s = NULL;

	while ((s = next(s)))
		if (!strcmp(s->name, name))
			return s;
	return NULL;
}

static int usage(const char *what)
{
	fprintf(stderr, "explore: %s; see selftests/user/interleave/run --help\n",
		what);
	return 2;
}

static int list(void)
{
	const struct scenario *s = NULL;

	while ((s = next(s)))
		printf("%s\n", s->name);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "bound", required_argument, NULL, 'b' },
		{ "every", no_argument, NULL, 'e' },
		{ "replay", required_argument, NULL, 'r' },
		{ "list", no_argument, NULL, 'l' },
		{ }
	};
	unsigned int bound = USUAL_BOUND;
	bool fine = true;
	int option;

	init();
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'l')
			return list();
		else if (option == 'e')
			shared->every = true;
		else if (option == 'b')
			bound = strtoul(optarg, NULL, 10);
		else if (option != 'r')
			return usage("no such option");
		else if (!switches_parse(optarg))
			return usage("--replay wants EVENT:TASK,... as a failed run prints it");
	}
	if (optind == argc)
		return usage("no scenario");
	for (; optind < argc; optind++) {
		scenario = find(argv[optind]);
		if (!scenario)
			return usage("no such scenario: --list names them");
		fine &= shared->nr_switches ? replay() : explore_one(bound);
	}
	return !fine;
}
