/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where memory comes from and goes to, and the accounting of A.
 *
 * Memory is taken only with no flag, lock or CPU held.  Superblocks are
 * returned after a grace period, from any context but NMI.
 */
#ifndef HOARDK_PAGES_H
#define HOARDK_PAGES_H

#include <linux/gfp.h>
#include <linux/types.h>

struct superblock;

extern unsigned int pages_fail_nth;
extern unsigned int pages_fail_times;

extern bool pages_free_at_unload;

void pages_pin(void);
void pages_unpin(void);
bool pages_fail(void);
bool pages_allowed(void);
struct superblock *pages_get_superblock(gfp_t gfp, int node);
void pages_put_superblock(struct superblock *sb);
void *pages_get(size_t size, size_t align, gfp_t gfp, int node);
void pages_put(void *p, size_t size);
void *pages_get_virtual(size_t size, gfp_t gfp, int node);
void pages_put_virtual(void *p, size_t size);

#endif /* HOARDK_PAGES_H */
