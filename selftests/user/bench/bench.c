// SPDX-License-Identifier: GPL-2.0
/*
 * What the malloc benchmarks share; see bench.h.
 *
 * How memory is measured: the kernel's high-water mark of resident memory
 * (VmHWM) at the end, less what was resident at bench_begin(), is what the
 * allocator held at its peak (A), with the stacks of the threads; the peak of
 * the bytes requested and not freed is U.  The kernel counts to about 32 pages
 * a CPU, so A/U says nothing when U is small, and is not printed then.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define MIN_LIVE_FOR_RATIO (512L << 10)
#define SPINS_BEFORE_YIELD 1000

struct thread {
	pthread_t thread;
	unsigned int id;
	void (*work)(unsigned int id);
	u64 start, end;
};

unsigned long bench_threads;
__thread long bench_live_delta;

static unsigned long seed = 4141;
static const char *about_program;
static const struct bench_option *own_options;
static long start_rss;
static u64 start_cpu;
static atomic_long live, live_peak;
static struct thread threads[BENCH_MAX_THREADS];
static pthread_barrier_t start_line;

static const struct bench_option common_options[] = {
	{ "threads", &bench_threads, 1, BENCH_MAX_THREADS,
	  "threads that share the work (default: CPUs online)" },
	{ "seed", &seed, 0, ULONG_MAX, "of the random numbers" },
	{ }
};

static void __attribute((format(printf, 1, 0)))
complain(const char *format, va_list args)
{
	fprintf(stderr, "%s: ", program_invocation_short_name);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

void bench_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(format, args);
	va_end(args);
	/* Not exit(): other threads still run. */
	_exit(1);
}

void bench_usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(format, args);
	va_end(args);
	fprintf(stderr, "Try '%s --help'.\n", program_invocation_short_name);
	exit(2);
}

static void print_options(const struct bench_option *o)
{
	for (; o->name; o++) {
		if (o->max)
			printf("  --%-12s N  %s [%lu]\n", o->name, o->help,
			       *o->value);
		else
			printf("  --%-12s    %s\n", o->name, o->help);
	}
}

static void print_help(void)
{
	printf("usage: %s [OPTION]...\n\n%s\n\n",
	       program_invocation_short_name, about_program);
	print_options(own_options);
	print_options(common_options);
	exit(0);
}

static const struct bench_option *find_in(const struct bench_option *o,
					  const char *name, size_t length)
{
	for (; o->name; o++)
		if (strlen(o->name) == length && !memcmp(o->name, name, length))
			return o;
	return NULL;
}

static const struct bench_option *find_option(const char *arg, size_t length)
{
	const struct bench_option *o = find_in(own_options, arg, length);

	return o ? o : find_in(common_options, arg, length);
}

static void set_number(const struct bench_option *o, const char *text)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno ||
	    n < o->min || n > o->max)
		bench_usage("--%s: '%s' is not a number from %lu to %lu",
			    o->name, text, o->min, o->max);
	*o->value = n;
}

/* Returns how many words of argv the option took. */
static int read_option(char **argv)
{
	const struct bench_option *o;
	const char *value;
	size_t length;

	if (!strcmp(argv[0], "--help"))
		print_help();
	if (strncmp(argv[0], "--", 2))
		bench_usage("'%s' is no option", argv[0]);
	length = strcspn(argv[0] + 2, "=");
	o = find_option(argv[0] + 2, length);
	if (!o)
		bench_usage("there is no option '%s'", argv[0]);
	value = argv[0][2 + length] ? argv[0] + 2 + length + 1 : NULL;
	if (!o->max) {
		if (value)
			bench_usage("--%s takes no value", o->name);
		*o->value = 1;
		return 1;
	}
	if (value) {
		set_number(o, value);
		return 1;
	}
	if (!argv[1])
		bench_usage("--%s needs a number", o->name);
	set_number(o, argv[1]);
	return 2;
}

void bench_options(int argc, char **argv, const char *about,
		   const struct bench_option *options)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	about_program = about;
	own_options = options;
	bench_threads = cpus < 1 ? 1 : cpus;
	if (bench_threads > BENCH_MAX_THREADS)
		bench_threads = BENCH_MAX_THREADS;
	for (int i = 1; i < argc;)
		i += read_option(argv + i);
}

void *bench_pages(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (p == MAP_FAILED)
		bench_fail("no %zu bytes for the benchmark itself", size);
	return p;
}

/* A line "NAME: N kB" of /proc/self/status, in bytes; allocates nothing. */
static long status_bytes(const char *name)
{
	char text[4096];
	const char *line;
	ssize_t length;
	int fd = open("/proc/self/status", O_RDONLY);

	if (fd < 0)
		bench_fail("cannot read /proc/self/status");
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[length < 0 ? 0 : length] = '\0';
	line = strstr(text, name);
	if (!line)
		bench_fail("no %s in /proc/self/status", name);
	return strtol(line + strlen(name), NULL, 10) * 1024;
}

/* Nanoseconds that all threads have run, in user space and in the kernel. */
static u64 cpu_clock(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return 1000 * (1000000UL * (usage.ru_utime.tv_sec +
				    usage.ru_stime.tv_sec) +
		       usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

void bench_begin(void)
{
	int fd = open("/proc/self/clear_refs", O_WRONLY);

	/* The high-water mark starts anew, where the kernel can do that. */
	if (fd >= 0) {
		if (write(fd, "5", 1) != 1)
			errno = 0;
		close(fd);
	}
	start_rss = status_bytes("VmRSS:");
	start_cpu = cpu_clock();
}

u64 bench_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (u64)now.tv_sec * 1000000000 + now.tv_nsec;
}

void bench_relax(unsigned int *spins)
{
	if (++*spins % SPINS_BEFORE_YIELD)
		__builtin_ia32_pause();
	else
		sched_yield();
}

void bench_live_flush(void)
{
	long now = atomic_fetch_add(&live, bench_live_delta) + bench_live_delta;
	long peak = atomic_load(&live_peak);

	bench_live_delta = 0;
	while (now > peak)
		if (atomic_compare_exchange_weak(&live_peak, &peak, now))
			break;
}

void rng_init(struct rng *rng, u64 stream)
{
	rng->state = rng_mix(seed + rng_mix(stream + 1));
}

static void *thread_main(void *arg)
{
	struct thread *t = arg;

	pthread_barrier_wait(&start_line);
	t->start = bench_clock();
	t->work(t->id);
	bench_live_flush();
	t->end = bench_clock();
	return NULL;
}

u64 bench_run(unsigned int nr, void (*work)(unsigned int id))
{
	u64 start = ULONG_MAX, end = 0;

	pthread_barrier_init(&start_line, NULL, nr);
	for (unsigned int i = 0; i < nr; i++) {
		threads[i].id = i;
		threads[i].work = work;
		if (pthread_create(&threads[i].thread, NULL, thread_main,
				   &threads[i]))
			bench_fail("cannot start a thread");
	}
	for (unsigned int i = 0; i < nr; i++) {
		pthread_join(threads[i].thread, NULL);
		if (threads[i].start < start)
			start = threads[i].start;
		if (threads[i].end > end)
			end = threads[i].end;
	}
	pthread_barrier_destroy(&start_line);
	return end - start;
}

/* The file that malloc() comes from: LD_PRELOAD fails without an error. */
static const char *malloc_file(void)
{
	struct dl_find_object found;
	const char *path, *slash;

	if (_dl_find_object(dlsym(RTLD_DEFAULT, "malloc"), &found))
		return "unknown";
	path = found.dlfo_link_map->l_name;
	slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

void bench_report(u64 ns, u64 ops)
{
	u64 cpu = cpu_clock() - start_cpu;
	long peak_rss = status_bytes("VmHWM:");
	long held = peak_rss - start_rss;
	long left, peak;

	bench_live_flush();
	left = atomic_load(&live);
	peak = atomic_load(&live_peak);
	if (left)
		bench_fail("%ld bytes were not freed", left);
	printf("ns_per_op %.3f ns\n", (double)ns / ops);
	printf("cpu_ns_per_op %.3f ns\n", (double)cpu / ops);
	printf("mops_per_s %.3f Mop/s\n", ops * 1e3 / ns);
	printf("start_rss_bytes %ld bytes\n", start_rss);
	printf("peak_rss_bytes %ld bytes\n", peak_rss);
	printf("peak_held_bytes %ld bytes\n", held);
	printf("peak_live_bytes %ld bytes\n", peak);
	if (peak >= MIN_LIVE_FOR_RATIO)
		printf("held_per_live %.3f ratio\n", (double)held / peak);
	printf("malloc_from %s file\n", malloc_file());
}
