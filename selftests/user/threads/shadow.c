// SPDX-License-Identifier: GPL-2.0
/*
 * An exact check for overlap: one bit for each 8 bytes of the linear map, set
 * while a live block covers them.  A bit found set when a block is made, or
 * clear when it is dropped, is memory that two had.  What vmalloc gives lies
 * elsewhere and is not looked at.
 *
 * Any context.  Relaxed: an order between two users of one address has to come
 * from the allocator.
 */
#include <sys/mman.h>

#include "hammer.h"

#define GRANULE		8UL
#define WORD_BYTES	(GRANULE * BITS_PER_LONG)

static unsigned long *bits;

void shadow_init(void)
{
	size_t size = (stub_linear_end - stub_linear_start) / GRANULE / 8;

	bits = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (bits == MAP_FAILED)
		stub_bug("no address space for the shadow");
}

/* The bits of one word for the bytes from @start up to @end. */
static unsigned long mask_of(unsigned long start, unsigned long end)
{
	unsigned int first = start % WORD_BYTES / GRANULE;
	unsigned int last = (end - 1) % WORD_BYTES / GRANULE;

	return ~0UL >> (BITS_PER_LONG - 1 - last) & ~0UL << first;
}

static bool change(const void *p, size_t size, bool set)
{
	unsigned long at = (unsigned long)p - stub_linear_start, next, mask;
	unsigned long end = at + size, old;
	bool right = true;

	if ((unsigned long)p < stub_linear_start ||
	    (unsigned long)p >= stub_linear_end)
		return true;
	for (; at < end; at = next) {
		next = min(end, ALIGN(at + 1, WORD_BYTES));
		mask = mask_of(at, next);
		old = set ? __atomic_fetch_or(&bits[at / WORD_BYTES], mask,
					      __ATOMIC_RELAXED) :
			    __atomic_fetch_and(&bits[at / WORD_BYTES], ~mask,
					       __ATOMIC_RELAXED);
		if ((old & mask) != (set ? 0 : mask))
			right = false;
	}
	return right;
}

/* A block comes to life; false if any of its bytes belong to another. */
bool shadow_set(const void *p, size_t size)
{
	return change(p, size, true);
}

/* The opposite; false if any of its bytes were nobody's. */
bool shadow_clear(const void *p, size_t size)
{
	return change(p, size, false);
}
