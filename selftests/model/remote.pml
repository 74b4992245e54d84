/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Remote frees, for spin: hoardk/remote.c, and what owners do with a superblock
 * meanwhile.  One superblock, the local heap A's at first, wanders between A,
 * the global heap G and the local heap B, while freers on other CPUs free its
 * blocks; found empty and quiet, it is closed and goes to the pool.
 *
 *	freer()			free_block(): global_free() if G holds the
 *				superblock, else remote_free() or
 *				outbox_flush(), then remote_queue()
 *	second_life()		the same for a block allocated meanwhile
 *	local_heap()		a CPU's busy sections: drain(), global_give(),
 *				global_fetch()
 *	drain_superblock()	the same
 *	owner_regroup(), quiet()	group_of(), superblock_close()
 *	global_drain()		global_drain() and drain(), for the global heap
 *	settle()		global_settle() for what G holds
 *	monitor()		no code: what is left when all is over?
 *
 * Checked: nobody touches the header once the superblock was put into the pool;
 * it is on one pending list at most; who collects is its owner; no block is
 * collected twice; debt is never negative; no deadlock.  When all freers are
 * done and no local heap has anything pending: neither has the global heap,
 * which waits for no sweep; all blocks are collected; debt, count and bits are
 * 0; and the superblock has been found empty.
 *
 * Left out, besides what common.pml says, and why that hides nothing:
 * - When a superblock moves, and kicks of local heaps.  An owner does here at
 *   any time what its code may do at some time.  What is pending for a local
 *   heap can always be drained: by an operation, a kick or the sweep.
 * - NMI.  A freer that does not get the lock goes on as one that never tried,
 *   which any may do here.  One that may not kick leaves that to the sweep.
 * - The owner read before the count: it decides on a kick only; see detach.pml.
 * - struct superblock.until: here the group is looked for after each change.
 * - Second frees of a block: see outbox.pml.
 *
 * -DFREERS=n: so many blocks and remote frees.  -DFLUSH: the first flushes an
 * outbox with two.  -DREUSE: one more, of a block allocated again once it is
 * free, maybe before its first freer has counted.  The other macros each make
 * the protocol wrong: see ./run.
 */
#include "common.pml"

#define A	1	/* local heaps */
#define B	2
#define G	3	/* the global heap */

#ifdef FLUSH
#define FIRST	3			/* blocks of the first freer */
#else
#define FIRST	1
#endif
#define ALL	(((FIRST + 1) << (FREERS - 1)) - 1)
#define WORD0	3			/* blocks 0 and 1 */
#define WORD1	(ALL & ~WORD0)

/* The superblock. */
byte owner = A;
byte count, bits;	/* remote */
byte free;		/* the owner's */
short debt;
bool group_empty;	/* group == GROUP_EMPTY */
bool queued;		/* no field: on a pending list */
bool pooled;		/* no field: was put into the pool */

/* The owners. */
bool pending[4], busy[3];
bool lock;		/* G's */

byte outstanding = FREERS;	/* freers that have a block and are not done */

#ifdef NO_DEBT
#define may_be_empty	(free == ALL)
#else
#define may_be_empty	(free == ALL && debt == 0)
#endif

/* Two of the wrong protocols have a flag instead of count and debt. */
#if defined(FLAG_BEFORE_BIT) || defined(FLAG_AFTER_BIT)
#define counted(mask)	1
#define debt_of(mask)	0
#else
#define counted(mask)	(count + weight(mask))
#define debt_of(mask)	weight(mask)
#endif

inline touch()
{
	assert(!pooled)
}

inline llist_add(o)
{
	touch();
	assert(!queued);
	reach("queued on the list of a former owner", owner != o);
	queued = true;
	pending[o] = true
}

/* @section: the lock or busy[me].  Freers are NONE here. */
inline leave(section)
{
	section = false;
	busy[me] = false
}

/* First half.  n: settle() is to go on; otherwise the section is over. */
inline owner_regroup(section)
{
	n = may_be_empty;
	if
	:: n
	:: else -> group_empty = false; leave(section)
	fi
}

/* Second half: no block is in use, debt is 0.  Then these are, without bugs. */
inline quiet()
{
	d_step { touch();	/* unreached: here and below, after a move */
		n = 0;
		group_empty = (count == 0) }
	if
	:: d_step { group_empty -> touch();	/* unreached */
		group_empty = (bits == 0) }
	:: !group_empty
	fi
}

inline pool_put(o)
{
	touch();
	assert(owner == o);
	reach("given to the pool by a local heap", o != G);
	reach("given to the pool by the global heap", o == G);
	owner = NONE;
	pooled = true;
	group_empty = false
}

inline settle(section)
{
	if
	:: n ->
		quiet();
		if
		:: d_step { group_empty && owner == G ->
			pool_put(G);
			leave(section) }
		:: d_step { !group_empty || owner != G -> leave(section) }
		fi
	:: else
	fi
}

inline xchg_count()
{
	touch();
	assert(owner == now);
	n = count;
	count = 0
}

inline collect(word)
{
	touch();
	assert(owner == now);
	assert(!(bits & free & word));
	free = free | (bits & word);
	debt = debt + debt_of((bits & word));
	bits = bits & ~word
}

/* By the owner, @now; its section is over then unless n. */
inline drain_superblock(section)
{
#ifdef BITS_BEFORE_COUNT
	d_step { collect(WORD0) } d_step { collect(WORD1) }
	d_step { xchg_count();
#else
	d_step { xchg_count() } d_step { collect(WORD0) }
	d_step { collect(WORD1);
#endif
		debt = debt - debt_of(1) * n;
		assert(debt >= 0);
		reach("collected before it was counted", debt > 0);
		now = NONE;
		owner_regroup(section)
	}
}

inline read_owner()
{
	touch();
	now = owner;
	assert(now != NONE)
}

inline global_drain()
{
	d_step { pending[G] && !lock ->
		lock = true;
		pending[G] = false;
		busy[me] = (me != NONE);
		outstanding = outstanding - (me == NONE) }
	d_step { queued = false; read_owner() }
	if
	:: now == G -> drain_superblock(lock); settle(lock)
	:: d_step { now != G -> llist_add(now); now = NONE; leave(lock);
		reach("forwarded by the global heap", true) }
	fi
}

inline test_and_set_bits()
{
	touch();
	assert(!(bits & mask));
	bits = bits | mask;
	now = NONE
}

/* n: the token is another's, and this freer is done. */
inline fetch_add_count()
{
	touch();
	n = (count != 0);
	count = counted(mask);
	now = NONE
}

inline free_blocks()
{
	d_step { read_owner() }
	if
#ifdef OWNER_LOOKED_AT_ONCE
	:: d_step { now == G && !lock ->
#else
	:: d_step { now == G && !lock && owner == G ->
#endif
		lock = true;		/* global_free() */
		assert(owner == now);
		assert(!(free & mask));
		reach("freed under the lock", true);
		free = free | mask;
		now = NONE;
		outstanding--;
		owner_regroup(lock) }
		settle(lock);
		goto done
#if defined(FLAG_BEFORE_BIT) || defined(COUNT_BEFORE_BIT)
	:: d_step { fetch_add_count() }
		d_step { test_and_set_bits(); outstanding = outstanding - n }
#else
	:: d_step { test_and_set_bits() }
		d_step { fetch_add_count(); outstanding = outstanding - n }
#endif
	fi;
	if				/* remote_queue() */
#ifdef LATE_LOOK
	:: n -> touch(); n = 0; goto done
#endif
	:: n -> n = 0; goto done
	:: else
	fi;
	d_step { read_owner() }
	if
	:: d_step { now != G -> llist_add(now); now = NONE; outstanding-- }
	:: d_step { now == G -> llist_add(now); now = NONE }
		if
#ifdef NO_KICK
		:: outstanding--
#endif
		:: global_drain()
		:: d_step { !pending[G] -> outstanding--;
			reach("kicked a global heap that was drained", true) }
		fi
	fi;
done:	skip
}

proctype freer(byte mask)
{
	byte n, now, me = NONE;

	free_blocks()
}

#ifdef REUSE
/* Local heaps allocate in their section, G under its lock: owner_reuse(). */
proctype second_life()
{
	byte mask, n, now, me = NONE;

end:	d_step {
		free && (owner == G && !lock ||
			 owner != G && owner != NONE && !busy[owner]) ->
		touch();
		assert(!group_empty || !debt && !count && !bits);
		reach("handed out again, being empty", group_empty);
		reach("handed out again before it was counted", debt > 0);
		group_empty = false;
		mask = free & -free;
		free = free & ~mask;
		outstanding++
	}
	free_blocks()
}
#endif

#ifdef OWNER_UNLOCKED
#define fetch_lock	busy[me]
#else
#define fetch_lock	lock
#endif

/* now == G between two rounds: that is to be kicked still. */
proctype local_heap(byte me)
{
	byte n, now;

	do
	:: d_step { now == NONE && pending[me] ->
		busy[me] = true;		/* drain() */
		pending[me] = false }
		d_step { queued = false; read_owner() }
#ifdef NO_FORWARD
		now = me;
#endif
		if
		:: now == me -> drain_superblock(busy[me]); settle(busy[me])
		:: d_step { now == G -> llist_add(now);
			reach("forwarded to the global heap", true) }
		:: d_step { now != G && now != me -> llist_add(now);
			reach("forwarded to another local heap", true);
			now = NONE;
			busy[me] = false }
		fi
	:: d_step { now == NONE && owner == me && group_empty ->
		pool_put(me) }			/* global_give() */
	:: d_step { now == NONE && owner == me && !group_empty && !lock ->
		touch();			/* the same */
		busy[me] = true;
		lock = true;
#ifdef COUNT_RESET
		count = 0;
#endif
#ifdef DEBT_RESET
		debt = 0;
#endif
		reach("given away with no block in use", free == ALL);
		owner = G;
		owner_regroup(lock) }
		settle(lock)
	:: d_step { now == NONE && owner == G && free && !fetch_lock ->
		touch();			/* global_fetch() */
		busy[me] = true;
		fetch_lock = true;
		owner = me;
		owner_regroup(fetch_lock) }
		settle(fetch_lock)
	:: global_drain()			/* the same, and a kick */
#ifdef NO_FORWARD_KICK
	:: d_step { now == G -> now = NONE; busy[me] = false }
#endif
	:: d_step { now == G && !pending[G] -> now = NONE; busy[me] = false }
	:: pooled -> break
	od
}

active proctype monitor()
{
end:	do
	:: d_step { outstanding == 0 && !lock && !busy[A] && !busy[B] &&
		    !pending[A] && !pending[B] ->
		assert(!pending[G]);
		assert(free == ALL);
		assert(debt == 0 && count == 0 && bits == 0);
		assert(group_empty || pooled) }
	od
}

init {
	byte i = 1;

	atomic {
		run local_heap(A); run local_heap(B);
		run freer(FIRST);
		do
		:: i < FREERS -> run freer((FIRST + 1) << (i - 1)); i++
		:: else -> break
		od;
#ifdef REUSE
		run second_life()
#endif
	}
}
