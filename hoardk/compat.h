/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between kernel versions and architectures, all of them.
 */
#ifndef HOARDK_COMPAT_H
#define HOARDK_COMPAT_H

#include <linux/align.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/preempt.h>
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
 * May a spinlock_t be taken here, as the page allocator does?  On PREEMPT_RT it
 * sleeps.  Lockdep, where it checks how locks nest, holds other kernels to the
 * same: neither in an interrupt that is never threaded nor under a raw lock.
 */
#if IS_ENABLED(CONFIG_PREEMPT_RT)
static inline bool hoardk_may_spin(void)
{
	return preemptible();
}
#elif IS_ENABLED(CONFIG_PROVE_RAW_LOCK_NESTING)
#include <linux/debug_locks.h>
#include <linux/lockdep.h>
#include <linux/sched.h>

static inline bool hoardk_may_spin(void)
{
	int i;

	/* Once it has reported, lockdep no longer keeps what it knows. */
	if (!debug_locks)
		return true;
	if (lockdep_hardirq_context() && !current->hardirq_threaded &&
	    !current->irq_config)
		return false;
	for (i = 0; i < current->lockdep_depth; i++)
		if (current->held_locks[i].instance->wait_type_inner ==
		    LD_WAIT_SPIN)
			return false;
	return true;
}
#else
static inline bool hoardk_may_spin(void)
{
	return true;
}
#endif

/* From 6.17 on, who wants a workqueue of each CPU has to say so. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
#define HOARDK_WQ_PERCPU	WQ_PERCPU
#else
#define HOARDK_WQ_PERCPU	0
#endif

/*
 * Is that the word at @p, whose page may not be mapped (a hole in the linear map,
 * memory taken out of it)?  There it is no.  The good case costs one comparison with
 * memory.
 */
#ifdef CONFIG_X86_64
#include <asm/asm.h>

static __always_inline bool hoardk_is_nofault(const void *p, unsigned long v)
{
	asm goto("1:	cmp %0, %1\n"
		 "	jne %l[other]\n"
		 _ASM_EXTABLE(1b, %l[other])
		 : : "m" (*(const unsigned long *)p), "r" (v)
		 : "cc", "memory" : other);
	return true;
other:
	return false;
}
#else
static __always_inline bool hoardk_is_nofault(const void *p, unsigned long v)
{
	unsigned long have;

	return !copy_from_kernel_nofault(&have, p, sizeof(have)) && have == v;
}
#endif

/*
 * The addresses where a superblock's header may be read, if with a fault: on
 * x86 all that the linear map may grow to when memory is added.
 */
#ifdef CONFIG_X86_64
#include <asm/pgtable.h>

static inline unsigned long hoardk_linear_end(void)
{
	return VMALLOC_START;
}
#else
static inline unsigned long hoardk_linear_end(void)
{
	return (unsigned long)high_memory;
}
#endif

/*
 * Generic KASAN exports the poisoning but declares it for mm/ alone.  @value is
 * for each granule of 8 bytes: 0 all are open, 1 to 7 so many are, else none.
 */
void kasan_poison(const void *addr, size_t size, u8 value, bool init);

#define HOARDK_GRANULE	8
#define HOARDK_CLOSED	0xfb	/* as freed slab objects are shown */
#define HOARDK_PADDING	0xfc	/* as what lies behind them */

/* Without KASAN_VMALLOC all virtual memory shares one shadow, read-only. */
static inline bool hoardk_has_shadow(const void *p)
{
	return IS_ENABLED(CONFIG_KASAN_VMALLOC) || !is_vmalloc_addr(p);
}

static inline void hoardk_poison(const void *p, size_t size, u8 value)
{
	if (!hoardk_has_shadow(p))
		return;
	kasan_poison(p, ALIGN(size, HOARDK_GRANULE), value, false);
}

static inline void hoardk_unpoison(const void *p, size_t size)
{
	size_t whole = ALIGN_DOWN(size, HOARDK_GRANULE);

	if (!hoardk_has_shadow(p))
		return;
	kasan_poison(p, whole, 0, false);
	if (size > whole)
		kasan_poison(p + whole, HOARDK_GRANULE, size - whole, false);
}

/*
 * Call stacks and the depot that keeps them; nothing in kernels without.  The
 * depot wants to be set up, which stock kernels do not do at boot.
 */
#if defined(CONFIG_STACKDEPOT) && defined(CONFIG_STACKTRACE)
#include <linux/stackdepot.h>
#include <linux/stacktrace.h>

static inline int hoardk_stack_init(void)
{
	return stack_depot_init();
}

static inline unsigned int hoardk_stack_save(unsigned long *frames,
					     unsigned int nr)
{
	nr = stack_trace_save(frames, nr, 0);
	return filter_irq_stacks(frames, nr);
}

static inline u32 hoardk_stack_keep(unsigned long *frames, unsigned int nr,
				    gfp_t gfp)
{
	return stack_depot_save(frames, nr, gfp);
}

static inline unsigned int hoardk_stack_fetch(u32 handle,
					      unsigned long **frames)
{
	return stack_depot_fetch(handle, frames);
}
#else
static inline int hoardk_stack_init(void)
{
	return 0;
}

static inline unsigned int hoardk_stack_save(unsigned long *frames,
					     unsigned int nr)
{
	return 0;
}

static inline u32 hoardk_stack_keep(unsigned long *frames, unsigned int nr,
				    gfp_t gfp)
{
	return 0;
}

static inline unsigned int hoardk_stack_fetch(u32 handle,
					      unsigned long **frames)
{
	return 0;
}
#endif

/* 6.7 made shrinkers objects that the kernel allocates. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
struct hoardk_shrinker {
	struct shrinker *s;
};

static inline int hoardk_shrinker_add(struct hoardk_shrinker *h,
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
	h->s = new;
	return 0;
}

static inline void hoardk_shrinker_remove(struct hoardk_shrinker *h)
{
	shrinker_free(h->s);
}
#else
struct hoardk_shrinker {
	struct shrinker s;
};

static inline int hoardk_shrinker_add(struct hoardk_shrinker *h,
				      unsigned long (*count)(struct shrinker *,
							     struct shrink_control *),
				      unsigned long (*scan)(struct shrinker *,
							    struct shrink_control *))
{
	h->s.count_objects = count;
	h->s.scan_objects = scan;
	h->s.seeks = DEFAULT_SEEKS;
	return register_shrinker(&h->s, "hoardk");
}

static inline void hoardk_shrinker_remove(struct hoardk_shrinker *h)
{
	unregister_shrinker(&h->s);
}
#endif

#endif /* HOARDK_COMPAT_H */
