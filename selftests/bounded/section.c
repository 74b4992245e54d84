// SPDX-License-Identifier: GPL-2.0
/*
 * The longest sections.  See section.h.  No locks: each CPU writes what is its
 * own, with interrupts off; it is read when nothing is measured.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timex.h>

#include "section.h"

#define CPUS	8
#define DEEP	8

/**
 * struct frame - a section under way
 * @start: when it began
 * @own: struct sections.own then
 * @site: where
 * @flags: of the interrupts before it
 * @kind: what ends it
 */
struct frame {
	u64 start;
	u64 own;
	unsigned long site;
	unsigned long flags;
	enum section_kind kind;
};

/**
 * struct sections - of a CPU
 * @frames: under way, the outermost first
 * @depth: how many
 * @own: cycles spent on measuring, which sections around do not count
 * @most: by kind
 */
struct sections {
	struct frame frames[DEEP];
	unsigned int depth;
	u64 own;
	struct section_most most[NR_SECTION_KINDS];
};

static struct sections all[CPUS];

static struct sections *here(void)
{
	return &all[raw_smp_processor_id() % CPUS];
}

noinline void section_begin(enum section_kind kind, unsigned long site)
{
	u64 entered = get_cycles();
	struct sections *s;
	struct frame *f;
	unsigned long flags;

	local_irq_save(flags);
	s = here();
	if (WARN_ON_ONCE(s->depth == DEEP))
		return;
	f = &s->frames[s->depth++];
	f->site = site ? : _RET_IP_;
	f->flags = flags;
	f->kind = kind;
	f->start = get_cycles();
	s->own += f->start - entered;
	f->own = s->own;
}
EXPORT_SYMBOL_GPL(section_begin);

noinline void section_end(enum section_kind kind)
{
	u64 now = get_cycles(), took;
	struct sections *s = here();
	struct section_most *most = &s->most[kind];
	unsigned long flags;
	struct frame *f;

	if (WARN_ON_ONCE(!s->depth || s->frames[s->depth - 1].kind != kind))
		return;
	f = &s->frames[--s->depth];
	took = now - f->start - (s->own - f->own);
	most->times++;
	if (took > most->took) {
		most->took = took;
		most->site = f->site;
	}
	flags = f->flags;
	s->own += get_cycles() - now;
	local_irq_restore(flags);
}
EXPORT_SYMBOL_GPL(section_end);

void sections_forget(void)
{
	unsigned int cpu;

	for (cpu = 0; cpu < CPUS; cpu++)
		memset(all[cpu].most, 0, sizeof(all[cpu].most));
}
EXPORT_SYMBOL_GPL(sections_forget);

void sections_most(enum section_kind kind, struct section_most *most)
{
	struct section_most *m;
	unsigned int cpu;

	memset(most, 0, sizeof(*most));
	for (cpu = 0; cpu < CPUS; cpu++) {
		m = &all[cpu].most[kind];
		most->times += m->times;
		if (m->took <= most->took)
			continue;
		most->took = m->took;
		most->site = m->site;
	}
}
EXPORT_SYMBOL_GPL(sections_most);

MODULE_DESCRIPTION("Keeps the lengths of hoardk's sections");
MODULE_AUTHOR("The hoardk developers");
MODULE_LICENSE("GPL");
