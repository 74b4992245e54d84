/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Detach, for spin: hoardk/detach.c takes the local heap H from its CPU and
 * frees it, while freers and another CPU still queue superblocks on it and kick
 * it.  One superblock, H's at first, wanders between H, the global heap G and
 * the other CPU's local heap B.
 *
 *	detach()	heap_detach_cpu(): detach_begin(), detach_move(),
 *			detach_finish()
 *	task()		H's CPU: sections of hoardk_alloc() and hoardk_free(),
 *			which drain, fetch, give, fill the outbox and flush it
 *	kick_work()	the same, and the workqueue around it
 *	other()		B's CPU: drain(), global_give(), global_fetch()
 *	freer()		remote_free() and remote_queue()
 *	local_kick()	the same, for H
 *	global_drain()	the same, with drain() for the global heap
 *	monitor()	no code: what is left when nothing goes on?
 *
 * Checked: nobody touches H once it is freed; by then nothing is pending
 * there, its outbox is empty and it owns nothing; the superblock is on one
 * pending list at most; who collects is its owner; no free is lost, neither of
 * the superblock's blocks nor of one that waited in the outbox; what was
 * pending for H when it was kicked is drained without the sweep; the global
 * heap is left with nothing pending; no deadlock.
 *
 * Sections on one CPU exclude each other; an interrupt there finds H busy and
 * is a freer.  Left out, besides what common.pml and rcu.pml say, and why:
 * - Bits and debt: remote.pml has them.  Here the bit and the count are one,
 *   and a drain collects what was counted; the token is the same.
 * - The kicked bit and the queued work change in one step: to others, a set bit
 *   means the same in between.  The kicker's section lasts for both.
 * - The kick of B, whose drain is always possible.  B is not detached, nor are
 *   two CPUs at once: a detach holds heaps_mutex, and heap_detach() takes each
 *   of its steps for all CPUs before the next.
 * - The sweep, which kicks H under heaps_mutex, so never during a detach.
 * - A local heap that the CPU gets later: it is another one.
 * - Where the block in the outbox belongs: passing it on is a remote free.
 *
 * The macros not defined here each make something wrong: see ./run.
 */
#include "common.pml"
#include "rcu.pml"

#define H	1	/* the local heap that is detached */
#define B	2	/* another CPU's */
#define G	3	/* the global heap */

#define CPU_H	0
#define CPU_B	1
#define CPU_FREER	2

#define FREERS	2

/* The superblock. */
byte owner = H;
byte count;
byte collected;		/* no field: frees that drains have found */
bool queued;		/* no field: on a pending list */

/* The owners. */
bool pending[4];
bool lock;		/* G's */
bool attached = true;	/* the CPU's pointer is H, not the busy heap */
bool freed;		/* H is */
bool outbox;		/* a block waits in H's */
bool put, passed;	/* no fields: into the outbox, and on its way from it */

/* Kicks of H. */
bool kicked;
bool work_queued, work_running;
bool owed;		/* no field: something was pending at a kick */

bool outside;		/* no field: a drain is not where it should be */

byte outstanding = FREERS;
bool detaching;

/* Any access to an owner's struct. */
inline touch(o)
{
	assert(!(o == H && freed))
}

inline llist_add(o)
{
	touch(o);
	assert(!queued);
	queued = true;
	pending[o] = true
}

inline llist_del_all(o)
{
	touch(o);
	pending[o] = false;
	owed = owed && o != H
}

inline drain_superblock(o)
{
	touch(o);
	assert(owner == o);
	collected = collected + count;
	count = 0;
	now = NONE
}

inline outbox_flush()
{
	touch(H);
	passed = passed || outbox;
	outbox = false
}

inline local_kick()
{
	touch(H);
	owed = owed || pending[H];
	work_queued = work_queued || !kicked;
	kicked = true
}

inline global_drain()
{
	d_step { pending[G] && !lock -> lock = true; llist_del_all(G) }
	d_step { queued = false; now = owner }
	if
	:: d_step { now == G -> drain_superblock(G); lock = false }
	:: d_step { now == B -> llist_add(B); now = NONE; lock = false }
	:: d_step { now == H -> llist_add(H) }
		d_step { local_kick(); now = NONE; lock = false }
	fi
}

/* The same where H cannot become the owner, its CPU being here. */
inline global_drain_here()
{
	d_step { pending[G] && !lock -> lock = true; llist_del_all(G) }
	d_step { queued = false; now = owner }
	if
	:: d_step { now == G -> drain_superblock(G); lock = false }
	:: d_step { now == B -> llist_add(B); now = NONE; lock = false }
	fi
}

/* drain() of H, what is pending having been taken. */
inline drain_rest()
{
	d_step { queued = false; now = owner }
	if
	:: d_step { now == H -> drain_superblock(H) }
	:: d_step { now == B -> llist_add(B); now = NONE }
	:: d_step { now == G -> llist_add(G); now = NONE }
		if
		:: global_drain_here()
		:: !pending[G]
		fi
	fi
}

proctype freer(byte me)
{
	byte now;

#ifdef OWNER_READ_TOO_EARLY
	now = owner;
	d_step { preempt_disable() }
#else
	d_step { preempt_disable(); now = owner }
#endif
	if
	:: d_step {		/* no token, no kick */
		count != 0 ->
		count++;
		preempt_enable();
		now = NONE;
		outstanding--
	   }
		goto done
	:: d_step { count != 0 -> count++ }
	:: d_step { count == 0 -> count++ }
		d_step { now = owner }
		d_step {
			llist_add(now);
			reach("queued on H after its CPU had lost it",
			      now == H && !attached);
			reach("queued on H after it had given that away",
			      now == H && !attached && owner != H)
		   }
	fi;
#ifdef KICK_OUTSIDE
	d_step { preempt_enable() };
#endif
	if
	:: d_step {		/* an eighth is passed, or not */
		now == H -> local_kick();
		preempt_enable();
		now = NONE;
		outstanding--
	   }
	:: d_step {
		now != G -> touch(now);
		preempt_enable();
		now = NONE;
		outstanding--
	   }
	:: now == G ->
		if
		:: global_drain()
		:: !pending[G]
		fi;
		d_step { preempt_enable(); now = NONE; outstanding-- }
	fi;
done:	skip
}

proctype task(byte me)
{
	byte now;

end:	do
	:: d_step { attached && !preempt_is_off(me) -> preempt_disable() }
		if
		:: d_step {		/* outbox_free() */
			!put -> touch(H);
			outbox = true;
			put = true;
			preempt_enable()
		   }
		:: d_step { outbox -> outbox_flush(); preempt_enable() }
		:: d_step {		/* global_give() */
			owner == H && !lock -> touch(H);
			owner = G;
			preempt_enable()
		   }
		:: d_step {		/* global_fetch() */
			owner == G && !lock -> touch(H);
			owner = H;
			preempt_enable()
		   }
		:: d_step { pending[H] -> llist_del_all(H) }
			drain_rest();
			d_step { preempt_enable() }
		:: d_step { preempt_enable() }
		fi
	od
}

proctype kick_work(byte me)
{
	byte now;

end:	do
	:: d_step { work_queued -> work_queued = false; work_running = true }
#ifndef KICKED_CLEARED_LATE
		d_step { touch(H); kicked = false }
#endif
		if
		:: d_step {
			attached && !preempt_is_off(me) ->
			preempt_disable()
		   }
			if
			:: d_step {
				pending[H] -> outbox_flush();
				llist_del_all(H)
			   }
				drain_rest()
			:: d_step { !pending[H] -> outbox_flush() }
			fi;
			d_step { preempt_enable() }
		:: d_step {
			!attached ->
			reach("kicked after the CPU had lost H", true)
		   }
		fi;
#ifdef KICKED_CLEARED_LATE
		d_step { touch(H); kicked = false }
#endif
		work_running = false
	od
}

proctype other(byte me)
{
	byte now;

end:	do
	:: d_step { pending[B] -> preempt_disable(); llist_del_all(B) }
		d_step { queued = false; now = owner }
#ifdef FORWARD_OUTSIDE
		d_step { preempt_enable(); outside = true };
#endif
		if
		:: d_step { now == B -> drain_superblock(B) }
		:: d_step {
			now == H -> llist_add(H);
			reach("forwarded to H during its detach", !attached)
		   }
			d_step { local_kick(); now = NONE }
		:: d_step { now == G -> llist_add(G); now = NONE }
			if
			:: global_drain()
			:: !pending[G]
			fi
		fi;
		d_step { preempt_enable(); outside = false }
	:: d_step { owner == B && !lock -> owner = G }
	:: d_step { owner == G && !lock -> owner = B }
	od
}

proctype detach()
{
	byte now;

	/* detach_begin() */
	d_step {
		!lock -> detaching = true;
#ifndef NOT_BUSY
		attached = false
#endif
	}
#ifndef NO_FIRST_GRACE_PERIOD
	synchronize_rcu(0);
#endif
	/* detach_move() */
#ifndef NO_FLUSH
	d_step { reach("flushed by the detach", outbox); outbox_flush() }
#endif
	do
	:: d_step { owner == H && !lock -> owner = G }
	:: owner != H -> break
	od;
#if !defined(NO_SECOND_GRACE_PERIOD) && !defined(DRAIN_TOO_EARLY)
	synchronize_rcu(0);
#endif
	/* detach_finish() */
#ifndef NO_LAST_DRAIN
	do
	:: d_step {
		pending[H] -> llist_del_all(H);
		reach("left for the last drain", true)
	   }
		drain_rest()
	:: !pending[H] -> break
	od;
#endif
#ifdef DRAIN_TOO_EARLY
	synchronize_rcu(0);
#endif
#ifndef NO_CANCEL
	atomic { !work_running -> work_queued = false }
#endif
	skip;
	d_step {
		assert(!pending[H]);
		assert(!outbox);
		assert(owner != H);
		freed = true
	}
	/* global_trim() */
	if
	:: global_drain_here()
	:: !pending[G]
	fi;
	detaching = false
}

active proctype monitor()
{
end:	do
	:: d_step {
		!outstanding && !readers && !outside && !lock && !detaching &&
		!work_queued && !work_running && !pending[B] ->
		assert(!owed);
		assert(!pending[G]);
		assert(collected + count == FREERS);
		assert(!count || pending[H]);
		assert(passed == put || outbox)
	   }
	od
}

init {
	atomic {
		run task(CPU_H);
		run kick_work(CPU_H);
		run other(CPU_B);
		run detach();
		run freer(CPU_FREER);
		run freer(CPU_FREER + 1)
	}
}
