/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hoardk: a general-purpose allocator for kernel modules, after Hoard.
 *
 * Build a client with -I<hoardk>/hoardk/include and
 * KBUILD_EXTRA_SYMBOLS=<hoardk>/Module.symvers, and import the namespace:
 * MODULE_IMPORT_NS(HOARDK_NS).  The functions are documented where they are
 * defined, in hoardk/alloc.c, free.c, bulk.c, resize.c and heap.c.
 *
 * Contexts: unless a function says otherwise it may be called from task,
 * softirq, hardirq and NMI context, with preemption or interrupts off and
 * under raw spinlocks, but for those of the scheduler, of timers and of
 * workqueues, since freeing a block of another CPU may queue work.  An
 * allocation sleeps only if its flags allow it (__GFP_DIRECT_RECLAIM); from
 * NMI it takes what is at hand or returns NULL.
 */
#ifndef _LINUX_HOARDK_H
#define _LINUX_HOARDK_H

#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/hoardk_compat.h>
#include <linux/types.h>

struct hoardk_heap;

/*
 * Checks of a heap, for the attribute checks; the words of the load-time
 * parameter checks= are their names in small letters.  See
 * Documentation/checks.rst.
 */
#define HOARDK_CHECK_OWNER	0x01	/* who allocated what, and when */
#define HOARDK_CHECK_REDZONE	0x02	/* writes past the end */
#define HOARDK_CHECK_POISON	0x04	/* writes after the free */
#define HOARDK_CHECK_ZERO	0x08	/* free memory holds zeroes */
#define HOARDK_CHECK_RANDOM	0x10	/* blocks in random order */
#define HOARDK_CHECK_QUARANTINE	0x20	/* free blocks rest a while */
#define HOARDK_CHECK_ALL	0x3f
#define HOARDK_CHECK_NONE	0x80	/* none, whatever the parameter says */

/**
 * enum hoardk_policy - where blocks and superblocks go
 * @HOARDK_POLICY_DEFAULT: as the load-time parameter policy= says
 * @HOARDK_POLICY_GLOBAL: no local heaps; every CPU uses the global heap
 * @HOARDK_POLICY_LOCAL: a block freed on another CPU stays with the freer
 * @HOARDK_POLICY_OWNERSHIP: a freed block returns to the heap that owns its
 *	superblock; superblocks never move back to the global heap
 * @HOARDK_POLICY_HOARD: as OWNERSHIP, and superblocks go back by the
 *	invariant of Hoard
 */
enum hoardk_policy {
	HOARDK_POLICY_DEFAULT,
	HOARDK_POLICY_GLOBAL,
	HOARDK_POLICY_LOCAL,
	HOARDK_POLICY_OWNERSHIP,
	HOARDK_POLICY_HOARD,
};

/**
 * struct hoardk_heap_attr - what hoardk_heap_create() may be told
 * @policy: one of enum hoardk_policy; 0 takes the module's
 * @slack: K, the superblocks a local heap may keep unused, 1 to 1024; 0 takes
 *	the module's
 * @empty_percent: f, how empty (in percent) a superblock must be to go back,
 *	20 to 90; 0 takes the module's
 * @checks: HOARDK_CHECK_*, or'ed; 0 takes the module's
 *
 * Zero the structure before filling it in: members may be added.
 */
struct hoardk_heap_attr {
	enum hoardk_policy policy;
	unsigned int slack;
	unsigned int empty_percent;
	unsigned int checks;
};

void *hoardk_alloc(size_t size, gfp_t gfp) __malloc __alloc_size(1);
void *hoardk_zalloc(size_t size, gfp_t gfp) __malloc __alloc_size(1);
void *hoardk_calloc(size_t n, size_t size, gfp_t gfp)
	__malloc __alloc_size(1, 2);
void *hoardk_memalign(size_t align, size_t size, gfp_t gfp)
	__malloc __alloc_size(2);
void *hoardk_alloc_node(size_t size, gfp_t gfp, int node)
	__malloc __alloc_size(1);
void *hoardk_realloc(const void *p, size_t size, gfp_t gfp)
	__must_check __alloc_size(2);
void hoardk_free(const void *p);
void hoardk_free_sensitive(const void *p);
size_t hoardk_usable_size(const void *p);
size_t hoardk_size_roundup(size_t size);
unsigned int hoardk_alloc_bulk(size_t size, gfp_t gfp, unsigned int nr,
			       void **p);
void hoardk_free_bulk(unsigned int nr, void **p);

struct hoardk_heap *hoardk_heap_create(const char *name,
				       const struct hoardk_heap_attr *attr);
size_t hoardk_heap_destroy(struct hoardk_heap *heap);
void *hoardk_heap_alloc(struct hoardk_heap *heap, size_t size, gfp_t gfp)
	__malloc __alloc_size(2);

/*
 * Of a constant size these two are inline, but where somebody wants to know of each
 * call, and in hoardk itself.
 */
#ifndef HOARDK_INLINE
#define HOARDK_INLINE \
	!(IS_ENABLED(CONFIG_KASAN) || IS_ENABLED(CONFIG_KMSAN) || \
	  IS_ENABLED(CONFIG_KCSAN) || IS_ENABLED(CONFIG_DEBUG_KMEMLEAK) || \
	  IS_ENABLED(CONFIG_DEBUG_ATOMIC_SLEEP))
#endif
#if HOARDK_INLINE
#include <linux/hoardk_inline.h>

/* Only calls: the address of either is that of the function. */
#define hoardk_alloc(size, gfp)		hoardk_alloc_inline(size, gfp)
#define hoardk_zalloc(size, gfp)	hoardk_zalloc_inline(size, gfp)
#endif

#endif /* _LINUX_HOARDK_H */
