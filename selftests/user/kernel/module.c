// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel around a module: insmod with parameters, the console, debugfs,
 * the shrinker.  Task context.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "module.h"

#define LINE_MAX_BYTES	512
#define MAX_FILES	16

atomic_long_t stub_module_refs;
bool stub_ratelimit_off;
void (*stub_console)(const char *line);

extern const struct stub_param *const __start_stub_params[];
extern const struct stub_param *const __stop_stub_params[];

/* -ENOENT, -EINVAL, or 0. */
int stub_param_set(const char *name, const char *value)
{
	const struct stub_param *const *at, *p;
	char *end;
	unsigned long number = strtoul(value, &end, 10);
	bool is_number = *value && !*end && number <= UINT32_MAX;

	for (at = __start_stub_params; at < __stop_stub_params; at++) {
		p = *at;
		if (strcmp(p->name, name))
			continue;
		if (p->type == STUB_PARAM_charp) {
			*(const char **)p->value = value;
			return 0;
		}
		if (!is_number || (p->type == STUB_PARAM_bool && number > 1))
			return -EINVAL;
		if (p->type == STUB_PARAM_bool)
			*(bool *)p->value = number;
		else
			*(unsigned int *)p->value = number;
		return 0;
	}
	return -ENOENT;
}

int stub_module_load(void)
{
	atomic_long_set(&stub_module_refs, 0);
	return stub_module_init();
}

int stub_module_unload(void)
{
	if (atomic_long_read(&stub_module_refs))
		return -EBUSY;
	stub_module_exit();
	return 0;
}

/* %pS is the kernel's: a pointer into code.  The C library would print an S. */
int stub_printk(const char *format, ...)
{
	char plain[LINE_MAX_BYTES], line[LINE_MAX_BYTES];
	size_t n = 0;
	va_list args;

	for (; *format && n < sizeof(plain) - 1; format++) {
		plain[n++] = *format;
		if (n > 1 && plain[n - 2] == '%' && *format == 'p' &&
		    format[1] == 'S')
			format++;
	}
	plain[n] = '\0';
	va_start(args, format);
	n = vsnprintf(line, sizeof(line), plain, args);
	va_end(args);
	n = min(n, sizeof(line) - 1);
	if (stub_console)
		stub_console(line);
	else if (write(STDERR_FILENO, line, n) < 0)
		return -errno;
	return n;
}

/* Says what it has written. */
int scnprintf(char *text, size_t size, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, size, format, args);
	va_end(args);
	return min(n, (int)size - 1);
}

unsigned long stub_jiffies(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

unsigned long stub_client;
static unsigned long depot[32];

int stack_depot_init(void)
{
	might_sleep();
	return stub_slab_fails(GFP_KERNEL) ? -ENOMEM : 0;
}

unsigned int stack_trace_save(unsigned long *frames, unsigned int nr,
			      unsigned int skip)
{
	frames[0] = STUB_OWN_FRAME;
	frames[1] = stub_client;
	return stub_client ? 2 : 1;
}

/*
 * Each is one frame; its handle is where it is, counted from 1; 0: no room.  A new
 * one takes memory, for which the kernel's depot tries as hard as the context
 * allows, whatever else the flags say.
 */
u32 stack_depot_save(unsigned long *frames, unsigned int nr, gfp_t gfp)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(depot); i++) {
		if (!depot[i]) {
			if (stub_slab_fails(gfp & (GFP_KERNEL | GFP_ATOMIC)))
				return 0;
			depot[i] = frames[0];
		}
		if (depot[i] == frames[0])
			return i + 1;
	}
	return 0;
}

unsigned int stack_depot_fetch(u32 handle, unsigned long **frames)
{
	*frames = &depot[handle - 1];
	return 1;
}

struct debugfs_file {
	const char *name;
	const struct file_operations *fops;
};

static struct debugfs_file files[MAX_FILES];
static unsigned int nr_files;

struct dentry *debugfs_create_dir(const char *name, struct dentry *parent)
{
	return NULL;
}

void debugfs_create_file(const char *name, unsigned int mode,
			 struct dentry *parent, void *data,
			 const struct file_operations *fops)
{
	if (nr_files == MAX_FILES)
		stub_bug("more than %d files in debugfs", MAX_FILES);
	files[nr_files++] = (struct debugfs_file){ name, fops };
}

void debugfs_remove(struct dentry *dentry)
{
	nr_files = 0;
}

int simple_open(struct inode *inode, struct file *file)
{
	return 0;
}

int kstrtouint_from_user(const char *buf, size_t len, unsigned int base,
			 unsigned int *value)
{
	char *end;

	*value = strtoul(buf, &end, base);
	return end == buf || (*end && *end != '\n') ? -EINVAL : 0;
}

static const struct file_operations *debugfs_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < nr_files; i++)
		if (!strcmp(files[i].name, name))
			return files[i].fops;
	return NULL;
}

int single_open(struct file *file, int (*show)(struct seq_file *m, void *v),
		void *data)
{
	file->private_data->show = show;
	file->private_data->private = data;
	return 0;
}

int single_release(struct inode *inode, struct file *file)
{
	return 0;
}

int seq_read(struct seq_file *m)
{
	return m->show(m, NULL);
}

/* cat; false if there is no such file, or it cannot be read. */
bool stub_debugfs_show(const char *name, FILE *out)
{
	const struct file_operations *fops = debugfs_find(name);
	struct seq_file m = { out };
	struct file file = { &m };

	if (fops && fops->show) {
		fops->show(&m, NULL);
		return true;
	}
	if (!fops || !fops->read || fops->open(NULL, &file))
		return false;
	fops->read(&m);
	fops->release(NULL, &file);
	return true;
}

/* echo; -ENOENT if there is no such file. */
ssize_t stub_debugfs_write(const char *name, const char *text)
{
	const struct file_operations *fops = debugfs_find(name);
	loff_t pos = 0;

	if (!fops || !fops->write)
		return -ENOENT;
	fops->open(NULL, NULL);
	return fops->write(NULL, text, strlen(text), &pos);
}

static struct shrinker the_shrinker;

struct shrinker *shrinker_alloc(unsigned int flags, const char *name)
{
	if (stub_slab_fails(GFP_KERNEL))
		return NULL;
	return &the_shrinker;
}

void shrinker_register(struct shrinker *s)
{
}

void shrinker_free(struct shrinker *s)
{
	the_shrinker = (struct shrinker){ 0 };
}

/* Memory is short: have up to @nr superblocks returned; says how many. */
unsigned long stub_shrink(unsigned long nr)
{
	struct shrink_control control = { nr };
	unsigned long n = the_shrinker.count_objects(&the_shrinker, &control);

	if (n == SHRINK_EMPTY)
		return 0;
	n = the_shrinker.scan_objects(&the_shrinker, &control);
	return n == SHRINK_STOP ? 0 : n;
}
