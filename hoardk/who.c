// SPDX-License-Identifier: GPL-2.0
/*
 * Who called hoardk.  Contexts: see who.h.
 */
#include <linux/hash.h>
#include <linux/hoardk.h>
#include <linux/kernel.h>
#include <linux/module.h>

#include "compat.h"
#include "pages.h"
#include "who.h"

#define DEPTH		16

/*
 * A handle to a stack, with what no address has and its hash in the upper half:
 * a client may have written over it, and the depot must not be asked for that.
 */
#define WHO_STACK	0x4UL
#define WHO_HASH_BITS	28

static unsigned long who_of_stack(u32 handle)
{
	return (WHO_STACK << WHO_HASH_BITS |
		hash_32(handle, WHO_HASH_BITS)) << 32 | handle;
}

static bool is_stack(unsigned long who)
{
	return who == who_of_stack((u32)who);
}

/* Before the first who_now(); may sleep. */
int who_init(void)
{
	return hoardk_stack_init();
}

/*
 * Who calls, if owners are to be known with a stack.  The depot takes memory
 * with @gfp, as the allocation itself does.
 */
unsigned long who_now(unsigned int checks, gfp_t gfp, unsigned long caller)
{
	unsigned long frames[DEPTH];
	unsigned int nr, own = 0;
	u32 handle;

	if (!(checks & HOARDK_CHECK_OWNER) || !pages_allowed())
		return caller;
	nr = hoardk_stack_save(frames, DEPTH);
	while (own < nr && within_module(frames[own], THIS_MODULE))
		own++;
	if (own == nr)
		return caller;
	/* The depot forgets these flags, and would have processes killed. */
	if (gfp & (__GFP_NORETRY | __GFP_RETRY_MAYFAIL))
		gfp &= ~__GFP_DIRECT_RECLAIM;
	handle = hoardk_stack_keep(frames + own, nr - own, gfp);
	return handle ? who_of_stack(handle) : caller;
}

/* From the innermost on; how many they are. */
unsigned int who_frames(unsigned long who, unsigned long *frames,
			unsigned int nr)
{
	unsigned long *kept = NULL;
	unsigned int n;

	if (!is_stack(who)) {
		frames[0] = who;
		return 1;
	}
	n = min(hoardk_stack_fetch((u32)who, &kept), nr);
	memcpy(frames, kept, n * sizeof(*frames));
	return n;
}

/* The innermost. */
unsigned long who_caller(unsigned long who)
{
	unsigned long frame = 0;

	who_frames(who, &frame, 1);
	return frame;
}
