// SPDX-License-Identifier: GPL-2.0
/*
 * Rows: frees of addresses that the allocator never returned.  Context: see
 * misuse.h; what a row allocates it gives back unless the misuse spoilt it.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/vmalloc.h>

#include "misuse.h"

/* Free what lies in pages of the linear map: have these been let go? */
static void free_in_pages(struct scene *s, void *page, const void *p)
{
	int count;

	if (!expect(virt_addr_valid(page)))
		return;
	count = page_ref_count(virt_to_page(page));
	s->side->free(p);
	if (page_ref_count(virt_to_page(page)) != count)
		s->facts.released++;
}

static void user(struct scene *s)
{
	s->side->free((void *)0x400000);
}

static void error_pointer(struct scene *s)
{
	s->side->free(ERR_PTR(-ENOMEM));
}

static void stack(struct scene *s)
{
	u64 words[8];

	scene_watch(s, words, sizeof(words), false);
	s->side->free(words);
	scene_probe(s);
}

static void vmalloced(struct scene *s)
{
	void *p = vmalloc(SZ_64K);

	if (!expect_not_null(p))
		return;
	scene_watch(s, p, SZ_64K, false);
	s->side->free(p);
	scene_probe(s);
	if (scene_clean(s))
		vfree(p);
}

static void text(struct scene *s)
{
	s->side->free(hoardk_verify);
}

static u64 module_words[8];

static void data(struct scene *s)
{
	scene_watch(s, module_words, sizeof(module_words), false);
	s->side->free(module_words);
}

struct words {
	u64 word[8];
};

static DEFINE_PER_CPU(struct words, cpu_words);

static void per_cpu_data(struct scene *s)
{
	struct words *p = per_cpu_ptr(&cpu_words, cpu_at(1));

	scene_watch(s, p, sizeof(*p), false);
	s->order = 0;
	free_in_pages(s, p, p);
}

/* Where the kernel maps all memory there is room for more. */
static void unmapped(struct scene *s)
{
	s->side->free(high_memory + SZ_1G);
}

static void free_page_of(struct scene *s, gfp_t gfp, int order)
{
	void *p = (void *)__get_free_pages(gfp, order);

	if (!expect_not_null(p))
		return;
	scene_watch(s, p, PAGE_SIZE << order, false);
	s->order = order;
	free_in_pages(s, p, p);
	scene_probe(s);
	if (scene_clean(s))
		free_pages((unsigned long)p, order);
}

static void page(struct scene *s)
{
	free_page_of(s, GFP_KERNEL, 0);
}

static void compound_page(struct scene *s)
{
	free_page_of(s, GFP_KERNEL | __GFP_COMP, 2);
}

static const struct side *other(const struct side *side)
{
	return side == &hoardk_side ? &slub_side : &hoardk_side;
}

static void others_block(struct scene *s)
{
	void *p = other(s->side)->alloc(BLOCK_BYTES);

	if (!expect(real_block(p)))
		return;
	scene_watch(s, p, BLOCK_BYTES, false);
	s->side->free(p);
	scene_probe(s);
	if (scene_clean(s))
		other(s->side)->free(p);
}

/*
 * Free @p, ours, by the other's function, @times.  It may refuse, as kfree() of
 * newer kernels does.  Where it takes a page's last reference one that is taken here
 * stands in for that, or the kernel would not go on.
 */
static void free_by_other(struct scene *s, void *p, unsigned int times)
{
	struct page *page = virt_to_head_page(p);
	bool held = get_page_unless_zero(page);
	int count = page_ref_count(page);
	bool released;

	while (times--)
		other(s->side)->free(p);
	s->facts.refused = page_ref_count(page) == count;
	released = held && page_ref_count(page) == 1;
	if (held && !released)
		put_page(page);
	/* Everything is as it was for the probe, thanks to the reference. */
	scene_probe(s);
	if (released)
		s->facts.released++;
}

static void freed_by_other(struct scene *s)
{
	free_by_other(s, scene_block(MIDDLE), 1);
}

/* Two blocks of a superblock or slab, once each, would come to the same. */
static void freed_by_other_twice(struct scene *s)
{
	free_by_other(s, scene_block(MIDDLE), 2);
}

static void large_by_other(struct scene *s, size_t size)
{
	void *p = s->side->alloc(size);

	if (!expect(real_block(p)))
		return;
	scene_watch(s, p, size, true);
	s->size = size;
	free_by_other(s, p, 1);
}

/* A power of two of pages is one piece. */
static void freed_by_other_whole(struct scene *s)
{
	large_by_other(s, SZ_32K);
}

/* Others are pages by themselves. */
static void freed_by_other_split(struct scene *s)
{
	large_by_other(s, 20000);
}

static void interior(struct scene *s)
{
	s->side->free(scene_block(MIDDLE) + 8);
}

static void interior_large(struct scene *s)
{
	void *p = s->side->alloc(SZ_128K);

	if (!expect(real_block(p)))
		return;
	scene_watch(s, p, SZ_128K, true);
	s->size = SZ_128K;
	free_in_pages(s, p, p + PAGE_SIZE);
}

static const struct row foreign_row[] = {
	{ "user", "free of a user address", user,
	  .invalid = 1, .words = "is a user address" },
	{ "error_pointer", "free of an error pointer", error_pointer,
	  .invalid = 1, .words = "is an error pointer" },
	{ "stack", "free of a variable on the stack", stack,
	  .invalid = 1, .words = "is on the stack" },
	{ "vmalloc", "free of memory from vmalloc()", vmalloced,
	  .invalid = 1, .words = "is a vmalloc address" },
	{ "text", "free of a function of a module", text,
	  .invalid = 1, .words = "is no address of the linear map" },
	{ "data", "free of static data of a module", data,
	  .invalid = 1, .words = "is no address of the linear map" },
	{ "per_cpu", "free of a per-CPU variable", per_cpu_data,
	  .invalid = 1, .words = "is not hoardk's" },
	{ "unmapped", "free of a linear-map address without memory", unmapped,
	  .invalid = 1, .words = "is not hoardk's" },
	{ "page", "free of somebody's page", page,
	  .invalid = 1, .words = "is not hoardk's" },
	{ "compound_page", "free of somebody's compound page", compound_page,
	  .invalid = 1, .words = "is not hoardk's" },
	{ "others_block", "free of a block of the other allocator",
	  others_block, .invalid = 1, .words = "from kmalloc" },
	{ "freed_by_other", "a block freed by the other allocator's function",
	  freed_by_other, .words = "superblock .*lacks a reference: .*kfree" },
	{ "freed_by_other_twice",
	  "a block freed by the other allocator's function, twice",
	  freed_by_other_twice, .released = 1,
	  .words = "superblock .*lacks a reference: .*kfree" },
	{ "freed_by_other_whole",
	  "a block of 32 KiB freed by the other allocator's function",
	  freed_by_other_whole,
	  .words = "large block .*lacks a reference: .*kfree" },
	{ "freed_by_other_split",
	  "a block of 20,000 bytes freed by the other allocator's function",
	  freed_by_other_split, .released = 1,
	  .kernel = "free_large_kmalloc" },
	{ "interior", "free of a pointer into a block", interior,
	  .invalid = 1, .words = "lies inside a block" },
	{ "interior_large", "free of a pointer into a block of 128 KiB",
	  interior_large, .invalid = 1, .words = "inside a large block" },
};

ROWS(foreign);
