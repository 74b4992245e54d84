// SPDX-License-Identifier: GPL-2.0
/*
 * Expectations, and the TAP text in debugfs hoardk_test/results.
 *
 * test_expect() runs in any context, on several CPUs at once: whoever claims
 * the failure record first, by cmpxchg, fills it in; all others only count.
 * Everything else belongs to the main thread alone.  The file appears before
 * the first test runs, and its readers take no lock: text is only appended,
 * and its length is published after it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "test.h"

#define RESULTS_BYTES	SZ_64K
#define NOWHERE		ULONG_MAX

static struct {
	char *text;
	size_t length;
	struct dentry *dir;
	const char *suite, *name;
	unsigned int number, passed, failed, skipped;
	ktime_t began;
} results;

static struct {
	atomic_t claimed;
	atomic_t count;
	const char *file, *got_text, *op, *want_text;
	int line;
	u64 got, want;
	unsigned long at;
} failure;

static unsigned long now_at;
static const char *skipped;

/* Where a loop is: printed with the failure, if it comes to one. */
void test_at(unsigned long where)
{
	WRITE_ONCE(now_at, where);
}

void test_skip(const char *why)
{
	skipped = why;
}

bool test_expect(const char *file, int line, bool holds, const char *got_text,
		 const char *op, const char *want_text, u64 got, u64 want)
{
	if (likely(holds))
		return true;
	atomic_inc(&failure.count);
	if (atomic_cmpxchg(&failure.claimed, 0, 1))
		return false;
	failure.file = file;
	failure.line = line;
	failure.got_text = got_text;
	failure.op = op;
	failure.want_text = want_text;
	failure.got = got;
	failure.want = want;
	failure.at = READ_ONCE(now_at);
	return false;
}

static __printf(1, 2) void say(const char *fmt, ...)
{
	size_t room = RESULTS_BYTES - results.length;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vscnprintf(results.text + results.length, room, fmt, args);
	va_end(args);
	/* Pairs with results_show(): text before length. */
	smp_store_release(&results.length, results.length + len);
}

/* A line for people, between the results. */
void results_note(const char *fmt, ...)
{
	struct va_format vaf = { .fmt = fmt };
	va_list args;

	va_start(args, fmt);
	vaf.va = &args;
	say("# %pV\n", &vaf);
	va_end(args);
}

void results_begin(const char *suite, const char *name)
{
	results.suite = suite;
	results.name = name;
	results.began = ktime_get();
	atomic_set(&failure.count, 0);
	atomic_set(&failure.claimed, 0);
	skipped = NULL;
	test_at(NOWHERE);
	/* The console tells which test it was if the machine goes down. */
	pr_info("%s.%s\n", suite, name);
}

static void say_failure(void)
{
	say("not ok %u - %s.%s # %s:%d expected %s %s %s: got %lld, want %s %lld (%#llx, %#llx)",
	    results.number, results.suite, results.name,
	    kbasename(failure.file), failure.line, failure.got_text,
	    failure.op, failure.want_text, failure.got, failure.op,
	    failure.want, failure.got, failure.want);
	if (failure.at != NOWHERE)
		say(" at %lu", failure.at);
	say("; failed expectations: %d\n", atomic_read(&failure.count));
}

/* Say how the test went; true unless it failed. */
bool results_end(void)
{
	s64 ms = ktime_ms_delta(ktime_get(), results.began);

	results.number++;
	if (atomic_read(&failure.count)) {
		say_failure();
		results.failed++;
	} else if (skipped) {
		say("ok %u - %s.%s # SKIP %s\n", results.number, results.suite,
		    results.name, skipped);
		results.skipped++;
	} else {
		say("ok %u - %s.%s\n", results.number, results.suite,
		    results.name);
		results.passed++;
	}
	if (ms >= 1000)
		results_note("%s.%s took %lld ms", results.suite, results.name,
			     ms);
	return !atomic_read(&failure.count);
}

static int results_show(struct seq_file *m, void *unused)
{
	/* Pairs with say(). */
	size_t length = smp_load_acquire(&results.length);

	seq_write(m, results.text, length);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(results);

int results_start(unsigned int plan)
{
	results.text = kvzalloc(RESULTS_BYTES, GFP_KERNEL);
	if (!results.text)
		return -ENOMEM;
	results.dir = debugfs_create_dir("hoardk_test", NULL);
	debugfs_create_file("results", 0444, results.dir, NULL, &results_fops);
	say("KTAP version 1\n1..%u\n", plan);
	return 0;
}

void results_stop(void)
{
	debugfs_remove_recursive(results.dir);
	kvfree(results.text);
}
