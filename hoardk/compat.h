/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between kernel versions and architectures, all of them.
 */
#ifndef HOARDK_COMPAT_H
#define HOARDK_COMPAT_H

#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/shrinker.h>
#include <linux/uaccess.h>
#include <linux/version.h>

/* MAX_ORDER was exclusive up to 6.3; 6.8 renamed the inclusive one. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
#define HOARDK_MAX_ORDER	MAX_PAGE_ORDER
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#define HOARDK_MAX_ORDER	MAX_ORDER
#else
#define HOARDK_MAX_ORDER	(MAX_ORDER - 1)
#endif

/*
 * Read a word whose page may not be mapped (a hole in the linear map, memory
 * taken out of it).  A fault yields -EFAULT in the register, which no caller
 * mistakes for what it looks for; this way the good case costs one load.
 */
#ifdef CONFIG_X86_64
#include <asm/asm.h>

static __always_inline unsigned long hoardk_read_nofault(const void *p)
{
	unsigned long v;

	asm volatile("1:	mov %[src], %[dst]\n"
		     "2:\n"
		     _ASM_EXTABLE_TYPE_REG(1b, 2b, EX_TYPE_EFAULT_REG, %[dst])
		     : [dst] "=r" (v)
		     : [src] "m" (*(const unsigned long *)p));
	return v;
}
#else
static __always_inline unsigned long hoardk_read_nofault(const void *p)
{
	unsigned long v;

	if (copy_from_kernel_nofault(&v, p, sizeof(v)))
		return (unsigned long)-EFAULT;
	return v;
}
#endif

/* 6.7 made shrinkers objects that the kernel allocates. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
#define HOARDK_SHRINKER(name)	static struct shrinker *name

static inline int hoardk_shrinker_add(struct shrinker **s,
				      unsigned long (*count)(struct shrinker *,
							     struct shrink_control *),
				      unsigned long (*scan)(struct shrinker *,
							    struct shrink_control *))
{
	struct shrinker *new = shrinker_alloc(0, "hoardk");

	if (!new)
		return -ENOMEM;
	new->count_objects = count;
	new->scan_objects = scan;
	new->seeks = DEFAULT_SEEKS;
	shrinker_register(new);
	*s = new;
	return 0;
}

static inline void hoardk_shrinker_remove(struct shrinker **s)
{
	shrinker_free(*s);
}
#else
#define HOARDK_SHRINKER(name)	static struct shrinker name

static inline int hoardk_shrinker_add(struct shrinker *s,
				      unsigned long (*count)(struct shrinker *,
							     struct shrink_control *),
				      unsigned long (*scan)(struct shrinker *,
							    struct shrink_control *))
{
	s->count_objects = count;
	s->scan_objects = scan;
	s->seeks = DEFAULT_SEEKS;
	return register_shrinker(s, "hoardk");
}

static inline void hoardk_shrinker_remove(struct shrinker *s)
{
	unregister_shrinker(s);
}
#endif

#endif /* HOARDK_COMPAT_H */
