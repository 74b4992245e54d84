/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bits of a word in a register, for the fast paths: with the flag that the machine
 * sets on the way, which compilers do not use.  Any context.
 */
#ifndef _LINUX_HOARDK_BITS_H
#define _LINUX_HOARDK_BITS_H

#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/types.h>

#ifdef CONFIG_X86_64

/* Set bit @n, modulo the word's length; true if it was set. */
static __always_inline bool hoardk_set_bit(unsigned long *word, unsigned long n)
{
	bool was;

	asm("bts %2, %0" : "+r" (*word), "=@ccc" (was) : "r" (n));
	return was;
}

/*
 * Clear the lowest bit and say which it was; false when there is none.  Then what
 * the search leaves is some number, and no bit that it may stand for is set.
 */
static __always_inline bool hoardk_take_bit(unsigned long *word,
					    unsigned long *n)
{
	bool was;

	asm("rep; bsf %0, %1\n"
	    "	btr %1, %0"
	    : "+&r" (*word), "=&r" (*n), "=@ccc" (was));
	return was;
}

#else

static __always_inline bool hoardk_set_bit(unsigned long *word, unsigned long n)
{
	unsigned long bit = BIT(n % BITS_PER_LONG);
	bool was = *word & bit;

	*word |= bit;
	return was;
}

static __always_inline bool hoardk_take_bit(unsigned long *word,
					    unsigned long *n)
{
	if (!*word)
		return false;
	*n = __ffs(*word);
	*word &= *word - 1;
	return true;
}

#endif

#endif /* _LINUX_HOARDK_BITS_H */
