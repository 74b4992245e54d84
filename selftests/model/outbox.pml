/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A block freed twice, for spin: once by way of an outbox, where it waits while
 * the other free empties the superblock, which is formatted anew, given to the
 * pool and to another CPU, or returned to the page allocator.  One superblock
 * of two blocks, 1 and 2; block 1 is freed twice, block 2 once.
 *
 *	flush()			outbox_flush(), outbox_stale()
 *	second_free()		the other free: local_free() on the owner's CPU,
 *				or remote_free()
 *	other_free()		remote_free() of block 2
 *	next_life()		remote_free() of block 1, handed out again
 *	count_and_queue()	what these have in common, remote_queue()
 *	local_heap()		drain(), owner_reuse(), local_trim(),
 *				pool_take(); A's is detached at some time
 *	close()			owner_empty(), superblock_close()
 *	format()		superblock_format(), owner_add() and
 *				superblock_open()
 *	pages()			pool_release(), pages_put_superblock(), RCU
 *	monitor()		no code: what is left when all is over?
 *
 * Checked: the superblock is on one pending list at most; nobody touches its
 * header once the pages are returned; whoever has the token finds an owner; in
 * the end both blocks are free, an owner has nothing left in debt, count and
 * bits, and the second free was reported, once.  What waited in the outbox does
 * not free a block that was handed out after a format.
 *
 * Unless block 1 is handed out again when the other free of it is still to
 * come, or is under way, or has not been drained: nobody can tell then which
 * free is wrong, and the block may go to two.  That is "confused"; lists,
 * header and pages must be in order all the same.
 *
 * Left out, besides what common.pml and rcu.pml say: the global heap, through
 * which a superblock goes from A to B here in one step; and that a block may be
 * handed out again without a format, while others are in use: confused as well.
 *
 * The superblock is formatted LIVES times at most.  The other macros each make
 * something wrong: see ./run.
 */
#include "common.pml"
#include "rcu.pml"

#define A	1	/* local heaps */
#define B	2

#define CPU_FLUSH	3
#define CPU_SECOND	4
#define CPU_OTHER	5
#define CPU_NEXT	6

#ifndef LIVES
#define LIVES	2
#endif
#define CLOSED	100	/* REMOTE_CLOSED */

/* The superblock. */
byte owner = A;
byte generation;
byte count, bits;
byte free;
short debt;
bool group_empty;
bool stamped = true;	/* magic */
bool queued;		/* no field: on a pending list */
bool pooled;		/* no field: in the pool */
bool returned;		/* no field: the pages are */

bool pending[3], busy[3];
bool attached = true;	/* A is */

/* Block 1. */
bool flushed, freed;	/* its two frees are done */
bool flushing;		/* the flush has looked, but is not done */
bool handed_out;	/* another client has it, or is about to free it */
bool in_use;		/* has it, and is not about to */
bool confused;
byte reports;

bool other = true;	/* block 2 is not freed yet */

inline touch()
{
	assert(!returned)
}

inline llist_add(o)
{
	touch();
	assert(!queued);
	queued = true;
	pending[o] = true
}

#define is_quiet	(!debt && !count && !bits)
#define may_be_empty	(free == 3)

/* In a section, after the bit.  now is NONE before and after. */
inline count_and_queue()
{
	d_step {
		touch();
		n = count;
		count++;
		reach("refused: closed", n >= CLOSED);
		reports = reports + (n >= CLOSED)
	}
	if
	:: n == 0 ->
		d_step { touch(); now = owner; assert(now != NONE) }
		d_step { llist_add(now); now = NONE }
	:: else -> n = 0
	fi
}

inline remote_free()
{
	if
	:: d_step { bits & 1 -> touch(); reports++ }
	:: d_step { !(bits & 1) -> touch(); bits = bits | 1 }
		count_and_queue()
	fi
}

#ifdef NO_GENERATION
#define same_format	true
#else
#define same_format	(generation == 0)
#endif

proctype flush(byte me)
{
	byte n, now;

	if
	:: d_step {
		!stamped || !same_format ->
		reports++;
		reach("stale: returned", !stamped);
		reach("stale: formatted since", stamped)
	   }
	:: d_step {
		stamped && same_format -> touch();
		preempt_disable();
		flushing = true
	   }
		if
		:: d_step {
			owner == NONE -> reports++;
			reach("stale: in the pool", true)
		   }
		:: owner != NONE -> remote_free()
		fi;
		d_step { preempt_enable(); flushing = false }
	fi;
	flushed = true
}

proctype second_free(byte me)
{
	byte n, now;

	if
	:: d_step {		/* local_free() */
		owner != NONE && !busy[owner] && (owner == B || attached) ->
		touch();
		if
		:: free & 1 -> reports++
		:: else ->
			free = free | 1;
			reach("the owner freed it first", bits & 1);
			group_empty = may_be_empty && is_quiet
		fi
	   }
	:: d_step { !stamped || owner == NONE -> reports++ }
	:: d_step { stamped && owner != NONE -> touch(); preempt_disable() }
		remote_free();
		d_step { preempt_enable() }
	fi;
	freed = true
}

proctype other_free(byte me)
{
	byte n, now;

	d_step { touch(); preempt_disable(); bits = bits | 2 }
	count_and_queue();
	d_step { preempt_enable(); other = false }
}

proctype next_life(byte me)
{
	byte n, now;

end:	do
	:: d_step {
		handed_out && stamped && owner != NONE -> touch();
		preempt_disable();
		in_use = false
	   }
		remote_free();
		d_step { preempt_enable(); handed_out = false }
	:: d_step {		/* it was taken away */
		handed_out && (!stamped || owner == NONE) ->
		assert(confused);
		reports++;
		in_use = false;
		handed_out = false
	   }
	od
}

/* The owner. */
inline section()
{
	preempt_disable();
	busy[me] = true
}

inline section_end()
{
	preempt_enable();
	busy[me] = false
}

inline drain()
{
	d_step { pending[me] -> pending[me] = false; section() }
	d_step { touch(); queued = false; now = owner; assert(now != NONE) }
	if
	:: d_step { now == me -> touch(); n = count; count = 0 }
		d_step {	/* unreached by A once it is detached */
			touch();
			assert(owner == me);
			assert(!(bits & 1 && in_use) || confused);
			reports = reports + weight((bits & free));
			reach("met a block that was free", bits & free);
			free = free | bits;
			debt = debt + weight(bits) - n;
			bits = 0;
			reach("collected before it was counted", debt > 0);
			reach("counted, but the bit has gone", debt < 0);
			if
			:: debt < 0 -> reports = reports - debt; debt = 0
			:: else
			fi;
			group_empty = may_be_empty && is_quiet;
			n = 0
		}
	:: d_step { now != me -> llist_add(now) }
	fi;
	d_step { now = NONE; section_end() }
}

/* The section goes on if group_empty is left set. */
inline close()
{
	d_step { touch(); section(); n = (!debt && !count) }
	d_step { touch(); n = n && !bits }
	d_step {
		touch();
#if defined(NO_CLOSE) || defined(CLOSE_NOT_COMPARED)
		group_empty = n;
#else
		group_empty = n && !count;
#endif
#ifndef NO_CLOSE
		count = (group_empty -> CLOSED : count);
#endif
		n = 0;
		reach("empty, but no longer quiet", !group_empty);
		if
		:: group_empty
		:: else -> group_empty = is_quiet; section_end()
		fi
	}
}

inline clear_bits()
{
	d_step { touch(); bits = 0 }
}

inline open()
{
	d_step { touch(); count = 0 }
}

/* By the holder; block 1 goes to a client. */
inline format()
{
	d_step { touch(); generation++; group_empty = false; n = 0 }
	d_step { touch(); count = CLOSED }
#ifdef OPEN_BEFORE_OWNER
	open();
#endif
	d_step { touch(); owner = me }
#ifdef CLEAR_BEFORE_OPEN
	clear_bits();
	open();
#else
	open();
	clear_bits();
#endif
	d_step {
		free = 2;
		handed_out = true;
		in_use = true;
		confused = confused || !freed || flushing || bits & 1;
		section_end()
	}
}

inline pool_put()
{
	d_step {
		touch();
		owner = NONE;
		pooled = true;
		group_empty = false;
		section_end()
	}
}

#define may_format	(generation < LIVES && !handed_out)

proctype local_heap(byte me)
{
	byte n, now;

end:	do
	:: drain()
	:: owner == me && group_empty ->
		close();
		if
		:: !busy[me]
		:: busy[me] && may_format -> format()
		:: busy[me] -> pool_put()
		fi
	:: d_step { me == B && pooled && may_format ->
		section();
		pooled = false
	   }
		format()
	:: d_step { me == A -> attached = false }
		break
	od;
	/* detach_move(), after a grace period */
	do
	:: owner != A -> break
	:: d_step { owner == A && !group_empty -> owner = B }
	:: owner == A && group_empty ->
#ifdef UNQUIET_DETACH
		pool_put()
#else
		close();
		if
		:: !busy[me]
		:: busy[me] -> pool_put()
		fi
#endif
	od;
	synchronize_rcu(0);
	do
	:: drain()
	:: !pending[A] -> break
	od
}

proctype pages()
{
end:	d_step { pooled -> pooled = false; stamped = false }
	synchronize_rcu(1);
	returned = true
}

active proctype monitor()
{
end:	do
	:: d_step {
		flushed && freed && !other && !handed_out && !readers &&
		!busy[A] && !busy[B] && !pending[A] && !pending[B] ->
		assert(free == 3);
		assert(confused || reports == 1);
		assert(owner == NONE || is_quiet)
	   }
	od
}

init {
	atomic {
		run local_heap(A);
		run local_heap(B);
		run pages();
		run flush(CPU_FLUSH);
		run second_free(CPU_SECOND);
		run other_free(CPU_OTHER);
		run next_life(CPU_NEXT)
	}
}
