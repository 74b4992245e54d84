/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of hoardk_misuse.ko share.
 *
 * One insmod does one row of the table to one allocator, called the side.  A
 * row is written once for both sides.  It finds blocks of 192 bytes made, all
 * watched; it does one thing that no client may do; then a probe tells what
 * became of the memory.  Whether what hoardk did is what it must do is for the
 * reader of the facts to judge: here they are only gathered.
 *
 * All runs in the task context of insmod, on one CPU, but for threads that a row
 * starts and ends.
 */
#ifndef HOARDK_MISUSE_H
#define HOARDK_MISUSE_H

#include "test.h"

#define BLOCK_BYTES	192	/* a size that both sides have exactly */
#define BLOCKS		128
#define MIDDLE		(BLOCKS / 2)

/* side.c */
struct side {
	const char *name;
	void *(*alloc)(size_t size);
	void (*free)(const void *p);
	void *(*calloc)(size_t n, size_t size);
	void *(*aligned)(size_t align, size_t size);
	void *(*realloc)(const void *p, size_t size);
	size_t (*usable)(const void *p);
	/* A block of a heap of its own, which is destroyed with it live. */
	void *(*orphan)(size_t size);
	void (*orphan_free)(const void *p);
};

extern const struct side hoardk_side;
extern const struct side slub_side;

/* scene.c: watched memory, the probe, the facts */
struct facts {
	const char *answer;	/* what a call returned, in words */
	unsigned int twice;	/* addresses handed out while in use */
	unsigned int overlapping;
	unsigned int changed;	/* pieces of watched memory */
	unsigned int released;	/* pages that are in use */
	bool refused;	/* by kfree(), which does not know the page */
	unsigned int races;
	unsigned int violations;	/* hoardk_verify() */
};

struct scene {
	const struct side *side;
	struct facts facts;
	size_t size;		/* what the probe asks for */
	int order;		/* it asks for such pages too; or -1 */
	bool probed;
};

bool scene_open(struct scene *s);
unsigned int scene_watch(struct scene *s, void *p, size_t size, bool ours);
void *scene_block(unsigned int index);
void *scene_take(unsigned int index);
unsigned int scene_followed(void);
void scene_probe(struct scene *s);
void scene_settle(void);
bool scene_clean(const struct scene *s);
bool scene_overlaps(struct scene *s, void *const *p, unsigned int nr,
		    size_t size);

/*
 * A row of the table and what hoardk must do.  @words: a regular expression
 * for its line in the log; NULL: it says nothing.
 */
struct row {
	const char *name;
	const char *title;
	void (*run)(struct scene *s);
	const char *words;
	const char *answer;
	unsigned int invalid;	/* frees counted as such */
	unsigned int doubles;
	unsigned int either;	/* either of the two, it depends */
	unsigned int changed;
	unsigned int twice;
	unsigned int released;
	unsigned int races;
	const char *kernel;	/* what matches the kernel's warning; or none */
	const char *convicts;	/* a control: the fact that must be wrong */
};

struct rows {
	const struct row *row;
	unsigned int nr;
};

#define ROWS(group)							\
	const struct rows group##_rows = {				\
		group##_row, ARRAY_SIZE(group##_row)			\
	}

extern const struct rows foreign_rows;
extern const struct rows freed_rows;
extern const struct rows argument_rows;
extern const struct rows control_rows;

#endif /* HOARDK_MISUSE_H */
