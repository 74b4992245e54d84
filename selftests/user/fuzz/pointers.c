// SPDX-License-Identifier: GPL-2.0
/*
 * A libFuzzer target for bad pointers: its bytes are pointers, any at all and
 * near what matters, that are freed, sized and reallocated.  What is no live
 * block's start must be refused and counted, and no block may change.
 *
 * Nine bytes each: what it is relative to and what is done, then eight of the
 * offset.
 */
#include <linux/hoardk.h>
#include <stdlib.h>

#include "fuzz.h"
#include "hoardk/account.h"
#include "history/world.h"
#include "mm.h"
#include "module.h"
#include "steps.h"

#define BLOCKS	24

/* Of many classes, and large ones, contiguous and not. */
static const size_t sizes[BLOCKS] = {
	1, 8, 16, 24, 64, 100, 128, 200, 256, 500, 512, 1000, 1024, 2000, 3000,
	4096, 5000, 8000, 10000, 16256, 20000, 40000, 100000, 5000000,
};

static struct slot blocks[BLOCKS];
static unsigned long refused;

static unsigned long refused_now(void)
{
	return atomic_long_read(&account.invalid_frees) +
	       atomic_long_read(&account.double_frees);
}

static void block_make(unsigned int i)
{
	void *p = hoardk_alloc(sizes[i], GFP_KERNEL);

	slot_enter(&blocks[i], p, sizes[i], 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	unsigned int i;

	world_init(false);
	cpu_set_possible(2);
	steps_on_cpu(0);
	if (stub_module_load())
		abort();
	for (i = 0; i < BLOCKS; i++)
		block_make(i);
	return 0;
}

static unsigned long base_of(unsigned int kind)
{
	switch (kind % 32) {
	case 0 ... BLOCKS - 1:
		return (unsigned long)blocks[kind % 32].p;
	case 24:
		return stub_linear_start;
	case 25:
		return stub_linear_end;
	case 26:
		return (unsigned long)blocks[3].p & ~32767UL;
	case 27:
		return (unsigned long)&blocks;
	default:
		return 0;
	}
}

static struct slot *block_at(unsigned long p)
{
	unsigned int i;

	for (i = 0; i < BLOCKS; i++)
		if ((unsigned long)blocks[i].p == p)
			return &blocks[i];
	return NULL;
}

static void expect_refused(unsigned long p, unsigned long n)
{
	refused += n;
	expect(refused_now() == refused, "%#lx: %lu refused instead of %lu", p,
	       refused_now(), refused);
}

static void bad_pointer(unsigned long p, unsigned int what)
{
	switch (what % 3) {
	case 0:
		hoardk_free((void *)p);
		break;
	case 1:
		expect(!hoardk_usable_size((void *)p), "%#lx has a size", p);
		break;
	case 2:
		expect(!hoardk_realloc((void *)p, 1 + what, GFP_KERNEL),
		       "%#lx was reallocated", p);
		break;
	}
	expect_refused(p, 1);
}

/* A live block: freed, freed again, and there again. */
static void good_pointer(struct slot *s)
{
	void *p = s->p;

	slot_check(s);
	hoardk_free(p);
	expect_refused((unsigned long)p, 0);
	hoardk_free(p);
	expect_refused((unsigned long)p, 1);
	block_make(s - blocks);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	unsigned long offset, p;
	unsigned int i;

	refused = refused_now();
	for (; size >= 9; size -= 9, data += 9) {
		memcpy(&offset, data + 1, sizeof(offset));
		/* Most offsets are small. */
		if (data[0] & 0x80)
			offset = (long)offset >> 40;
		p = base_of(data[0]) + offset;
		if (!p || p == (unsigned long)ZERO_SIZE_PTR)
			hoardk_free((void *)p);
		else if (block_at(p))
			good_pointer(block_at(p));
		else
			bad_pointer(p, data[0] >> 5 & 3);
	}
	for (i = 0; i < BLOCKS; i++)
		slot_check(&blocks[i]);
	return 0;
}
