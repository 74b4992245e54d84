// SPDX-License-Identifier: GPL-2.0
/*
 * Reads /sys/kernel/debug/hoardk/stats as a program would, and holds it to its
 * format: a version, then exactly these names in this order.
 *
 * A debugfs file can only be read into user memory, so a page of insmod's own
 * address space is borrowed.  Hence: task context of insmod only.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "test.h"

#define STATS_PATH	"/sys/kernel/debug/hoardk/stats"
#define TEXT_BYTES	PAGE_SIZE

static unsigned long user_page;
static char *text;

static const char *const names[NR_STATS] = {
	[STAT_CPUS] = "cpus",
	[STAT_SUPERBLOCK_BYTES] = "superblock_bytes",
	[STAT_SLACK_SUPERBLOCKS] = "slack_superblocks",
	[STAT_IN_USE_BYTES] = "in_use_bytes",
	[STAT_HELD_BYTES] = "held_bytes",
	[STAT_PEAK_IN_USE_BYTES] = "peak_in_use_bytes",
	[STAT_PEAK_HELD_BYTES] = "peak_held_bytes",
	[STAT_FRAGMENTATION] = "fragmentation",
	[STAT_BLOWUP] = "blowup",
	[STAT_BLOWUP_BOUND] = "blowup_bound",
	[STAT_INTERNAL_FRAGMENTATION_BYTES] = "internal_fragmentation_bytes",
	[STAT_EXTERNAL_FRAGMENTATION_BYTES] = "external_fragmentation_bytes",
	[STAT_OVERHEAD_BYTES] = "overhead_bytes",
	[STAT_LARGE_BYTES] = "large_bytes",
	[STAT_REMOTE_PENDING_BYTES] = "remote_pending_bytes",
	[STAT_ALLOCS] = "allocs",
	[STAT_LOCAL_FREES] = "local_frees",
	[STAT_REMOTE_FREES] = "remote_frees",
	[STAT_SUPERBLOCKS_LOCAL] = "superblocks_local",
	[STAT_SUPERBLOCKS_GLOBAL] = "superblocks_global",
	[STAT_SUPERBLOCKS_EMPTY] = "superblocks_empty",
	[STAT_MOVES_TO_GLOBAL] = "moves_to_global",
	[STAT_MOVES_TO_LOCAL] = "moves_to_local",
	[STAT_INVALID_FREES] = "invalid_frees",
	[STAT_DOUBLE_FREES] = "double_frees",
	[STAT_ALLOC_FAILURES] = "alloc_failures",
	[STAT_OVERFLOWS] = "overflows",
	[STAT_WRITES_AFTER_FREE] = "writes_after_free",
	[STAT_QUARANTINE_BYTES] = "quarantine_bytes",
};

static bool is_ratio(enum figure which)
{
	return which == STAT_FRAGMENTATION || which == STAT_BLOWUP ||
	       which == STAT_BLOWUP_BOUND;
}

int stats_open(void)
{
	text = kmalloc(TEXT_BYTES + 1, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	user_page = vm_mmap(NULL, 0, TEXT_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(user_page)) {
		kfree(text);
		return user_page;
	}
	return 0;
}

void stats_close(void)
{
	vm_munmap(user_page, TEXT_BYTES);
	kfree(text);
}

/* The whole file into @text; how long it is, or an error. */
static ssize_t read_text(void)
{
	char __user *to = (char __user *)user_page;
	struct file *file = filp_open(STATS_PATH, O_RDONLY, 0);
	ssize_t len = -EINVAL;

	if (IS_ERR(file))
		return PTR_ERR(file);
	if (file->f_op->read)
		len = file->f_op->read(file, to, TEXT_BYTES, &file->f_pos);
	filp_close(file, NULL);
	if (len > 0 && copy_from_user(text, to, len))
		return -EFAULT;
	if (len >= 0)
		text[len] = '\0';
	return len;
}

/* "12" as it is; "1.250", with three places, as 1250; no bound is "inf". */
static bool parse_value(char *word, bool ratio, u64 *value)
{
	char *point = strchr(word, '.');

	if (ratio && !strcmp(word, "inf")) {
		*value = U64_MAX;
		return true;
	}
	if (!ratio)
		return !kstrtou64(word, 10, value);
	if (!point || strlen(point) != 4)
		return false;
	memmove(point, point + 1, 4);
	return !kstrtou64(word, 10, value);
}

static bool parse_line(char *line, enum figure which, u64 *value)
{
	size_t len = strlen(names[which]);

	if (!line || strncmp(line, names[which], len) || line[len] != ' ')
		return false;
	return parse_value(line + len + 1, is_ratio(which), value);
}

/* What holds at any time, when nothing else goes on. */
void stats_check(const struct stats *s)
{
	u64 superblocks = s->value[STAT_SUPERBLOCKS_LOCAL] +
			  s->value[STAT_SUPERBLOCKS_GLOBAL] +
			  s->value[STAT_SUPERBLOCKS_EMPTY];

	expect_ge(s->value[STAT_HELD_BYTES], s->value[STAT_IN_USE_BYTES]);
	expect_ge(s->value[STAT_PEAK_HELD_BYTES], s->value[STAT_HELD_BYTES]);
	expect_ge(s->value[STAT_PEAK_IN_USE_BYTES],
		  s->value[STAT_IN_USE_BYTES]);
	expect_ge(s->value[STAT_HELD_BYTES], s->value[STAT_LARGE_BYTES]);
	expect_le(superblocks * s->value[STAT_SUPERBLOCK_BYTES],
		  s->value[STAT_HELD_BYTES]);
	expect_le(s->value[STAT_INTERNAL_FRAGMENTATION_BYTES],
		  s->value[STAT_IN_USE_BYTES]);
	expect_le(s->value[STAT_EXTERNAL_FRAGMENTATION_BYTES],
		  s->value[STAT_HELD_BYTES] - s->value[STAT_IN_USE_BYTES]);
	expect_le(s->value[STAT_REMOTE_PENDING_BYTES],
		  s->value[STAT_HELD_BYTES]);
	expect_ge(s->value[STAT_ALLOCS], s->value[STAT_LOCAL_FREES] +
					 s->value[STAT_REMOTE_FREES]);
}

/* A failed expectation names by its "at" the first line that is wrong. */
bool stats_read(struct stats *stats)
{
	ssize_t len = read_text();
	char *rest = text;
	unsigned int i;

	memset(stats, 0, sizeof(*stats));
	if (!expect_ge(len, (ssize_t)1) ||
	    !expect_eq(strcmp(strsep(&rest, "\n"), "version: 1"), 0))
		return false;
	for (i = 0; i < NR_STATS; i++) {
		char *line = strsep(&rest, "\n");

		if (!parse_line(line, i, &stats->value[i])) {
			test_at(i + 2);
			return expect(false);
		}
	}
	return expect_eq(strcmp(rest ?: "", ""), 0);
}

u64 stat_now(enum figure which)
{
	struct stats stats;

	stats_read(&stats);
	return stats.value[which];
}
