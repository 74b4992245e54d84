/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the models for spin have in common; included by them.
 *
 * A step is one access to what others may write: an atomic operation, a
 * READ_ONCE(), an llist_add().  Into the same step goes what only the owner of
 * a superblock can see then (its free bits, debt and group); and the lock is
 * taken with the first access under it and released with the last: nobody can
 * tell.
 *
 * Weak memory order is left out: whatever hands something over is a fully
 * ordered atomic operation or is done under the lock.  A plain read of the
 * owner may see an old one, as a read done earlier does here.  An owner sees
 * its own writes: it misses neither that it is the owner nor that it no longer
 * is.
 *
 * Other superblocks are left out: they meet on lists only.  So a pending list
 * is one bit here, and what DRAIN_BATCH leaves over waits as if it had come
 * later.
 *
 * "No field" marks variables that the code does not have: they are there to be
 * checked.
 */
#define NONE	0	/* owner NULL */

#define weight(x)	((x & 1) + (x >> 1 & 1) + (x >> 2 & 1) + (x >> 3 & 1))

/*
 * reach("what", when), inside a d_step: a search with -DCOVER says it once when
 * that has happened, and ./run wants each of them said by some search.  It is
 * no part of the state.
 */
#ifdef COVER
#define reach(what, when)						\
	if								\
	:: when ->							\
		c_code {						\
			static int said;				\
			if (!said) {					\
				said = 1;				\
				puts("reached: " what);			\
			}						\
		}							\
	:: else								\
	fi
#else
#define reach(what, when)	skip
#endif
