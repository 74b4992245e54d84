// SPDX-License-Identifier: GPL-2.0
/*
 * The parameters of hoardk, read and written as a shell would.  Task context.
 */
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/string.h>

#include "parameter.h"

static struct file *parameter_open(const char *name, int flags)
{
	char path[80];

	snprintf(path, sizeof(path), "/sys/module/hoardk/parameters/%s", name);
	return filp_open(path, flags, 0);
}

/* Write a parameter of hoardk, as a shell would. */
int parameter_set(const char *name, unsigned long value)
{
	struct file *file = parameter_open(name, O_WRONLY);
	char text[24];
	ssize_t len;
	loff_t pos = 0;

	if (IS_ERR(file))
		return PTR_ERR(file);
	len = snprintf(text, sizeof(text), "%lu\n", value);
	len = kernel_write(file, text, len, &pos);
	filp_close(file, NULL);
	return len < 0 ? len : 0;
}

/* Read a parameter of hoardk, without the line feed. */
int parameter_get(const char *name, char *text, size_t size)
{
	struct file *file = parameter_open(name, O_RDONLY);
	ssize_t len;
	loff_t pos = 0;

	if (IS_ERR(file))
		return PTR_ERR(file);
	len = kernel_read(file, text, size - 1, &pos);
	filp_close(file, NULL);
	if (len < 0)
		return len;
	text[len] = '\0';
	strim(text);
	return 0;
}
