/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Figures, gathered when read.  Reading takes heaps_mutex, which the
 * allocator's paths never do.
 */
#ifndef HOARDK_STATS_H
#define HOARDK_STATS_H

struct hoardk_heap;
struct owner;

/**
 * struct stats - what a heap, or all, amount to; bytes unless said
 * @in_use: U
 * @pending: freed remotely, not drained yet
 * @superblock_bytes: in superblocks of heaps
 * @block_bytes: of these, in blocks, free or not
 * @overhead: of these, headers and leftovers, and the heaps' own structures
 * @waste: estimate of block sizes less requested sizes
 * @empty: in blocks of empty superblocks of local heaps and the global heap, at
 *	least
 * @large: in large allocations
 * @quarantine: in quarantine
 * @local: superblocks in local heaps, number
 * @global: superblocks in the global heap, number
 * @allocs: allocations, number
 * @local_frees: frees by the owner, number
 * @remote_frees: frees by others, number
 */
struct stats {
	long in_use;
	long pending;
	long superblock_bytes;
	long block_bytes;
	long overhead;
	long waste;
	long empty;
	long large;
	long quarantine;
	long local;
	long global;
	long allocs;
	long local_frees;
	long remote_frees;
};

void stats_of_heap(const struct hoardk_heap *heap, struct stats *s);
void stats_gather(struct stats *s);
long stats_peak_in_use(void);
long stats_bound_bytes(void);

#endif /* HOARDK_STATS_H */
