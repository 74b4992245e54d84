/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module-wide figures that need a peak: A (held) and U (in use).
 *
 * A changes where memory is taken from and returned to the page allocator and
 * is exact.  U is spread over the owners; each publishes what has changed when
 * that exceeds a superblock's bytes, whenever it takes a superblock, and when the
 * sweep comes by: so the peak of U is seen to within a superblock's bytes for
 * each owner.  Any context; no locks.
 */
#ifndef HOARDK_ACCOUNT_H
#define HOARDK_ACCOUNT_H

#include <linux/atomic.h>
#include <linux/compiler.h>

struct figure {
	atomic_long_t now;
	atomic_long_t peak;
};

/**
 * struct account - written by any context with atomic operations
 * @held: A
 * @in_use: U, as published
 * @owned: U and what was freed remotely but is not drained yet, as published
 * @released: part of A that is free and waits to be returned
 * @large: part of A in large allocations
 * @global_held: part of A in global heaps
 * @pooled: part of A in the pool when fresh memory was taken
 * @fresh: superblocks that somebody is about to add, in bytes
 * @noded: part of A in superblocks that were taken for a certain node
 * @class_factor: sum over heaps and classes in use of the factor of U in the
 *	bound by classes, in thousandths
 * @class_fixed: sum over heaps and classes in use of its fixed bytes
 * @local_factor: the largest factor of U in the bound by local heaps
 * @local_fixed: sum over heaps in use of its fixed bytes
 * @other_policies: heaps in use whose local heaps keep no invariant
 * @unbounded: heaps in use with policy local, which has no bound
 * @alloc_failures: allocations that returned NULL for want of memory
 * @invalid_frees: bad pointers refused
 * @double_frees: second frees refused
 * @overflows: writes past the end of a block, met by checks
 * @late_writes: writes to free blocks, met by checks
 * @moves_to_global: superblocks that a local heap gave back
 * @moves_to_local: superblocks that a local heap took from the global heap
 * @retired_allocs: allocations from heaps that were destroyed
 * @retired_local_frees: local frees of these
 * @retired_remote_frees: remote frees of these
 */
struct account {
	struct figure held;
	struct figure in_use;
	struct figure owned;
	struct figure released;
	struct figure large;
	struct figure global_held;
	struct figure pooled;
	struct figure fresh;
	struct figure noded;
	struct figure class_factor;
	struct figure class_fixed;
	struct figure local_factor;
	struct figure local_fixed;
	struct figure other_policies;
	struct figure unbounded;
	atomic_long_t alloc_failures;
	atomic_long_t invalid_frees;
	atomic_long_t double_frees;
	atomic_long_t overflows;
	atomic_long_t late_writes;
	atomic_long_t moves_to_global;
	atomic_long_t moves_to_local;
	atomic_long_t retired_allocs;
	atomic_long_t retired_local_frees;
	atomic_long_t retired_remote_frees;
};

extern struct account account;

static inline void figure_raise(struct figure *f, long now)
{
	long peak = atomic_long_read(&f->peak);

	while (now > peak &&
	       !atomic_long_try_cmpxchg_relaxed(&f->peak, &peak, now))
		;
}

static inline void figure_add(struct figure *f, long delta)
{
	/* Figures order nothing. */
	long now = atomic_long_add_return_relaxed(delta, &f->now);

	if (delta > 0)
		figure_raise(f, now);
}

#endif /* HOARDK_ACCOUNT_H */
