/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stub kernel around a module: module.h, export.h, printk.h, ratelimit.h,
 * debugfs.h, fs.h, seq_file.h, uaccess.h, shrinker.h, stacktrace.h, stackdepot.h.
 * stub_module_load() is insmod, stub_module_unload() rmmod.
 */
#ifndef STUB_MODULE_H
#define STUB_MODULE_H

#include <stdarg.h>
#include <stdio.h>

#include "cpu.h"
#include "mm.h"

#define EXPORT_SYMBOL_NS_GPL(name, space)	extern __typeof__(name) name
#define MODULE_DESCRIPTION(text)	_Static_assert(sizeof(text), "")
#define MODULE_AUTHOR(text)		_Static_assert(sizeof(text), "")
#define MODULE_LICENSE(text)		_Static_assert(sizeof(text), "")
#define MODULE_PARM_DESC(name, text)	_Static_assert(sizeof(text), "")
#define THIS_MODULE			NULL

int stub_module_init(void);
void stub_module_exit(void);
#define module_init(fn)		int stub_module_init(void) { return fn(); }
#define module_exit(fn)		void stub_module_exit(void) { fn(); }

int stub_module_load(void);
int stub_module_unload(void);

/* References, as lsmod shows them. */
extern atomic_long_t stub_module_refs;
#define __module_get(module)	atomic_long_inc(&stub_module_refs)
#define module_put(module)	atomic_long_dec(&stub_module_refs)

enum stub_param_type { STUB_PARAM_charp, STUB_PARAM_uint, STUB_PARAM_bool };

/**
 * struct stub_param - a load-time parameter
 * @name: as said to insmod
 * @type: what @value points to
 * @value: the variable
 */
struct stub_param {
	const char *name;
	enum stub_param_type type;
	void *value;
};

#define module_param(variable, type, mode) \
	module_param_named(variable, variable, type, mode)
#define module_param_named(param, variable, kind, mode)			\
	static const struct stub_param stub_param_##param =		\
		{ #param, STUB_PARAM_##kind, &(variable) };		\
	static const struct stub_param *const stub_param_of_##param	\
	__attribute__((__section__("stub_params"), __used__)) =		\
		&stub_param_##param

int stub_param_set(const char *name, const char *value);

/* printk.h: to the console, which is stderr unless a test listens. */
#ifndef pr_fmt
#define pr_fmt(format)		format
#endif
int __printf(1, 2) stub_printk(const char *format, ...);
#define pr_err(format, ...) \
	stub_printk(pr_fmt(format), ##__VA_ARGS__)
#define pr_warn(format, ...) \
	stub_printk(pr_fmt(format), ##__VA_ARGS__)
#define pr_info(format, ...) \
	stub_printk(pr_fmt(format), ##__VA_ARGS__)
#define pr_warn_ratelimited(format, ...) \
	stub_printk(pr_fmt(format), ##__VA_ARGS__)
#define pr_warn_once(format, ...) \
	stub_printk(pr_fmt(format), ##__VA_ARGS__)

extern void (*stub_console)(const char *line);

int __printf(3, 4) scnprintf(char *text, size_t size, const char *format, ...);

/*
 * stacktrace.h, stackdepot.h: a stack is a frame of the module and the client
 * that a test has named; without a name there is none.
 */
#define STUB_OWN_FRAME		1UL
extern unsigned long stub_client;
#define within_module(address, module)	((address) == STUB_OWN_FRAME)
#define filter_irq_stacks(frames, nr)	(nr)
int stack_depot_init(void);
unsigned int stack_trace_save(unsigned long *frames, unsigned int nr,
			      unsigned int skip);
u32 stack_depot_save(unsigned long *frames, unsigned int nr, gfp_t gfp);
unsigned int stack_depot_fetch(u32 handle, unsigned long **frames);

/* ratelimit.h */
struct ratelimit_state {
	int left;
};

#define DEFINE_RATELIMIT_STATE(name, interval, burst) \
	struct ratelimit_state name = { burst }
extern bool stub_ratelimit_off;

static inline bool __ratelimit(struct ratelimit_state *rs)
{
	int left = __atomic_load_n(&rs->left, __ATOMIC_RELAXED);

	if (stub_ratelimit_off)
		return true;
	if (left <= 0)
		return false;
	__atomic_store_n(&rs->left, left - 1, __ATOMIC_RELAXED);
	return true;
}

/* debugfs.h, fs.h, seq_file.h, uaccess.h */
struct seq_file {
	FILE *out;
	int (*show)(struct seq_file *m, void *v);
	void *private;
};

struct file {
	struct seq_file *private_data;
};

struct inode;

struct file_operations {
	void *owner;
	int (*open)(struct inode *inode, struct file *file);
	int (*show)(struct seq_file *m, void *v);
	int (*read)(struct seq_file *m);
	int (*llseek)(struct seq_file *m);
	int (*release)(struct inode *inode, struct file *file);
	ssize_t (*write)(struct file *file, const char *buf, size_t len,
			 loff_t *pos);
};

#define DEFINE_SHOW_ATTRIBUTE(name)					\
	static const struct file_operations name##_fops = {		\
		.show = name##_show,					\
	}

#define seq_printf(m, ...)	fprintf((m)->out, __VA_ARGS__)
#define seq_puts(m, text)	fputs(text, (m)->out)

struct dentry;
struct dentry *debugfs_create_dir(const char *name, struct dentry *parent);
void debugfs_create_file(const char *name, unsigned int mode,
			 struct dentry *parent, void *data,
			 const struct file_operations *fops);
void debugfs_remove(struct dentry *dentry);
int simple_open(struct inode *inode, struct file *file);
int single_open(struct file *file, int (*show)(struct seq_file *m, void *v),
		void *data);
int single_release(struct inode *inode, struct file *file);
int seq_read(struct seq_file *m);
#define seq_lseek	NULL
int kstrtouint_from_user(const char *buf, size_t len, unsigned int base,
			 unsigned int *value);
long copy_from_kernel_nofault(void *to, const void *from, size_t size);
bool stub_debugfs_show(const char *name, FILE *out);
ssize_t stub_debugfs_write(const char *name, const char *text);

/* shrinker.h, as from 6.7 on */
struct shrink_control {
	unsigned long nr_to_scan;
};

struct shrinker {
	unsigned long (*count_objects)(struct shrinker *s,
				       struct shrink_control *control);
	unsigned long (*scan_objects)(struct shrinker *s,
				      struct shrink_control *control);
	int seeks;
};

#define DEFAULT_SEEKS		2
#define SHRINK_EMPTY		(~0UL - 1)
#define SHRINK_STOP		(~0UL)

struct shrinker *shrinker_alloc(unsigned int flags, const char *name);
void shrinker_register(struct shrinker *s);
void shrinker_free(struct shrinker *s);
unsigned long stub_shrink(unsigned long nr);

#endif /* STUB_MODULE_H */
