// SPDX-License-Identifier: GPL-2.0
/*
 * hoardk_verify() finds each kind of damage, and says which it is.
 *
 * A scene has superblocks of every kind in a local heap; a change damages it,
 * the check must find just that first, and it is undone.
 */
#include "detect.h"

#define SIZE		1024
#define BLOCKS_MAX	64

/**
 * struct scene - a local heap, and superblocks of its by group
 * @o: the owner
 * @full: no block is free
 * @half: half of its blocks are free
 * @empty: all are, and it is listed as empty
 * @active: its class allocates from it
 * @class: of them all
 */
struct scene {
	struct owner *o;
	struct superblock *full, *half, *empty, *active;
	unsigned int class;
};

static void *blocks[4][BLOCKS_MAX];

static struct scene make_scene(unsigned int cpu)
{
	unsigned int i, n = capacity_of(SIZE);
	struct scene s;

	for (i = 0; i < 3; i++)
		fill(cpu, SIZE, blocks[i]);
	/* The first block of a fresh superblock makes it no active one. */
	blocks[3][0] = get(cpu, SIZE);
	blocks[3][1] = get(cpu, SIZE);
	put_all(cpu, n, blocks[2]);
	put_all(cpu, n / 2, blocks[1]);
	s = (struct scene){ &local_heap(cpu)->own, superblock_of(blocks[0][0]),
			    superblock_of(blocks[1][0]),
			    superblock_of(blocks[2][0]),
			    superblock_of(blocks[3][0]), class_of(SIZE) };
	expect_is(s.full->group, GROUP_FULL);
	expect_is(s.empty->group, GROUP_EMPTY);
	expect_is(s.active->group, GROUP_ACTIVE);
	return s;
}

static void clear_scene(unsigned int cpu)
{
	unsigned int n = capacity_of(SIZE);

	put_all(cpu, n, blocks[0]);
	put_all(cpu, n - n / 2, blocks[1] + n / 2);
	put_all(cpu, 2, blocks[3]);
}

/* Each damages the scene, and says what the report names, if anything. */
static struct superblock *bit_beyond(struct scene *s)
{
	s->half->free[s->half->words - 1] |= BIT(s->half->capacity % 64);
	return s->half;
}

static struct superblock *capacity_is_0(struct scene *s)
{
	s->empty->capacity = 0;
	return s->empty;
}

static struct superblock *debt_is_negative(struct scene *s)
{
	s->half->debt = -1;
	return s->half;
}

static struct superblock *magic_is_gone(struct scene *s)
{
	s->full->magic++;
	return NULL;
}

static struct superblock *active_magic_is_gone(struct scene *s)
{
	s->active->magic++;
	return NULL;
}

static struct superblock *owner_is_other(struct scene *s)
{
	s->half->owner = &general_heap.global.own;
	return s->half;
}

static struct superblock *heap_is_other(struct scene *s)
{
	s->half->heap = NULL;
	return s->half;
}

static struct superblock *group_is_other(struct scene *s)
{
	s->half->group = GROUP_FULL;
	return s->half;
}

static struct superblock *active_group_is_other(struct scene *s)
{
	s->active->group = GROUP_SPARSE;
	return s->active;
}

static struct superblock *size_is_other(struct scene *s)
{
	s->half->size += 8;
	return s->half;
}

static struct superblock *counts_elsewhere(struct scene *s)
{
	atomic_set(&s->half->remote.count, remote_none(s->class + 1) + 2);
	return s->half;
}

static struct superblock *closed_though_held(struct scene *s)
{
	atomic_set(&s->half->remote.count, REMOTE_CLOSED);
	return s->half;
}

static struct superblock *kind_is_other(struct scene *s)
{
	hlist_del_init(&s->empty->link);
	hlist_add_head(&s->empty->link, &s->o->empty[1]);
	return s->empty;
}

static struct superblock *used_but_empty(struct scene *s)
{
	s->empty->free[0] &= ~1UL;
	return s->empty;
}

static struct superblock *free_but_full(struct scene *s)
{
	s->full->free[0] |= 1;
	return s->full;
}

static struct superblock *until_is_0(struct scene *s)
{
	s->half->until = 0;
	return s->half;
}

static struct superblock *empty_but_half(struct scene *s)
{
	s->half->free[0] = superblock_last_word(s->half);
	return s->half;
}

static struct superblock *one_empty_more(struct scene *s)
{
	s->o->nr_empty++;
	return NULL;
}

static struct superblock *mask_has_more(struct scene *s)
{
	s->o->nonempty[0] |= BIT_ULL(3);
	return NULL;
}

static struct superblock *mask_has_less(struct scene *s)
{
	unsigned int g;

	for (g = 0; g < NR_LISTED; g++)
		s->o->nonempty[g] = 0;
	return NULL;
}

static struct superblock *class_is_other(struct scene *s)
{
	s->half->class++;
	return s->half;
}

static struct superblock *held_is_more(struct scene *s)
{
	s->o->held_bytes++;
	return NULL;
}

static struct superblock *used_is_less(struct scene *s)
{
	s->o->margin--;
	return NULL;
}

static struct superblock *invariant_is_higher(struct scene *s)
{
	s->o->invariant = owner_used(s->o) + 1;
	return NULL;
}

static const struct change {
	struct superblock *(*make)(struct scene *s);
	const char *says;
} changes[] = {
	{ bit_beyond, "a free bit beyond the last block" },
	{ capacity_is_0, "used + free is not the capacity" },
	{ debt_is_negative, "negative debt" },
	{ magic_is_gone, "no magic" },
	{ active_magic_is_gone, "no magic" },
	{ owner_is_other, "another owner" },
	{ heap_is_other, "another owner" },
	{ group_is_other, "on the wrong list" },
	{ active_group_is_other, "on the wrong list" },
	{ size_is_other, "the size is not the class's" },
	{ counts_elsewhere, "remote frees count in another class" },
	{ closed_though_held, "remote frees count in another class" },
	{ kind_is_other, "kind of list" },
	{ used_but_empty, "in use, but listed as empty" },
	{ free_but_full, "not full, but listed as full" },
	{ until_is_0, "a change of group was missed" },
	{ empty_but_half, "empty and quiet, but not listed so" },
	{ one_empty_more, "number of empty superblocks" },
	{ mask_has_more, "nonempty mask" },
	{ mask_has_less, "nonempty mask" },
	{ class_is_other, "class of list" },
	{ held_is_more, "a_i is not what its superblocks are" },
	{ used_is_less, "u_i is not what its blocks are" },
	{ invariant_is_higher, "the invariant does not hold" },
};

/* What a change may touch: the owner and four headers. */
struct saved {
	struct owner o;
	char headers[4][256];
};

static void save(const struct scene *s, struct saved *to)
{
	to->o = *s->o;
	memcpy(to->headers[0], s->full, 256);
	memcpy(to->headers[1], s->half, 256);
	memcpy(to->headers[2], s->empty, 256);
	memcpy(to->headers[3], s->active, 256);
}

static void restore(const struct scene *s, const struct saved *from)
{
	*s->o = from->o;
	memcpy(s->full, from->headers[0], 256);
	memcpy(s->half, from->headers[1], 256);
	memcpy(s->empty, from->headers[2], 256);
	memcpy(s->active, from->headers[3], 256);
}

static void expect_found(struct scene *s, const struct change *c, int cpu)
{
	struct superblock *sb;
	struct saved before;

	/* Else it was right, and nothing has happened since. */
	local_heap(cpu)->verified = 0;
	save(s, &before);
	sb = c->make(s);
	expect(hoardk_verify() > 0, "not found: %s", c->says);
	expect_said("hoardk: verify: general cpu %d superblock %p class %d: %s",
		    cpu, sb, sb ? sb->class : -1, c->says);
	restore(s, &before);
}

static void each_violation(void)
{
	unsigned int i, n;
	struct scene s;

	insmod(NULL);
	n = capacity_of(SIZE);
	s = make_scene(2);
	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		/* From another CPU and on that very one. */
		steps_on_cpu(i % 2 ? 2 : 0);
		expect_found(&s, &changes[i], 2);
		expect_sound((2 * n - n / 2 + 2) * SIZE);
	}
	clear_scene(2);
	rmmod();
}

static void global_heap(void)
{
	struct owner *o = &general_heap.global.own;
	void *p;

	insmod("policy=global");
	p = get(0, 100);
	o->held_bytes++;
	expect_is(hoardk_verify(), 1);
	expect_said("hoardk: verify: general cpu -1 superblock (nil) class -1: a_i is not *");
	o->held_bytes--;
	put(0, p);
	rmmod();
}

static void private_heap(void)
{
	struct hoardk_heap *heap;
	void *p;

	insmod(NULL);
	heap = hoardk_heap_create("mine", NULL);
	p = hoardk_heap_alloc(heap, 100, GFP_KERNEL);
	superblock_of(p)->debt = -1;
	expect_is(hoardk_verify(), 1);
	expect_said("hoardk: verify: mine cpu 0 superblock %p class %d: negative debt",
		    superblock_of(p), class_of(100));
	superblock_of(p)->debt = 0;
	expect_is(hoardk_heap_destroy(heap), 1);
	rmmod();
}

/* All are counted, one is printed for each owner. */
static void counts_all(void)
{
	struct scene s;

	insmod(NULL);
	s = make_scene(0);
	s.full->debt = -1;
	s.half->debt = -1;
	s.o->held_bytes++;
	expect_is(hoardk_verify(), 3);
	expect_said("hoardk: verify: general cpu 0 superblock %p *: negative debt",
		    s.half);
	s.full->debt = 0;
	s.half->debt = 0;
	s.o->held_bytes--;
	clear_scene(0);
	rmmod();
}

/* What it rightly does not mind. */
static void policy_local(void)
{
	struct scene s;
	struct saved before;

	insmod("policy=local");
	s = make_scene(0);
	save(&s, &before);
	s.o->margin--;
	empty_but_half(&s);
	expect_is(hoardk_verify(), 0);
	restore(&s, &before);
	clear_scene(0);
	rmmod();
}

static void owed_invariant(void)
{
	long was;
	void *p;

	insmod(NULL);
	p = get(0, 100);
	was = local_heap(0)->own.invariant;
	local_heap(0)->own.invariant = __LONG_MAX__;
	local_heap(0)->owes = true;
	expect_is(hoardk_verify(), 0);
	local_heap(0)->own.invariant = was;
	local_heap(0)->owes = false;
	put(0, p);
	rmmod();
}

static void found_right_before(void)
{
	void *p;

	insmod(NULL);
	p = get(0, 100);
	expect_is(hoardk_verify(), 0);
	superblock_of(p)->debt = -1;
	/* Nothing has happened there since. */
	expect_is(hoardk_verify(), 0);
	put(0, get(0, 100));
	expect_is(hoardk_verify(), 1);
	expect_said("hoardk: verify: *: negative debt");
	superblock_of(p)->debt = 0;
	put(0, p);
	rmmod();
}

static void expect_file(const char *wanted)
{
	char text[256] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	expect(stub_debugfs_show("verify", out), "no file verify");
	fclose(out);
	expect(!strcmp(text, wanted), "verify says: %s", text);
}

static void debugfs(void)
{
	struct owner *o;
	void *p;

	insmod(NULL);
	p = get(0, 100);
	o = &local_heap(0)->own;
	o->held_bytes++;
	o->margin++;
	expect_file("2 violations; the first ones are in the kernel log\n");
	expect_said("hoardk: verify: general cpu 0 superblock (nil) class -1: a_i *");
	o->held_bytes--;
	o->margin--;
	expect_file("ok\n");
	put(0, p);
	rmmod();
}

const struct test verify_tests[] = {
	{ "verify finds each violation and names it", each_violation },
	{ "verify looks at the global heap", global_heap },
	{ "verify looks at private heaps", private_heap },
	{ "verify counts all violations and prints the first", counts_all },
	{ "verify, policy local: u_i and emptiness are not checked",
	  policy_local },
	{ "verify accepts an invariant that is owed", owed_invariant },
	{ "verify skips a local heap that was right and has done nothing since",
	  found_right_before },
	{ "debugfs: verify says how many violations there are", debugfs },
	{ 0 }
};
