// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel's own checks: it stops whoever breaks the kernel's rules.
 * Each has a control: the same where it is allowed.
 */
#include "detect.h"

static void sleep_in_section(void)
{
	insmod(NULL);
	preempt_disable();
	hoardk_alloc(100, GFP_KERNEL);
}

static void sleep_in_interrupt(void)
{
	insmod(NULL);
	this_cpu->hardirq++;
	hoardk_alloc(40000, GFP_KERNEL);
}

static void sleep_with_irqs_off(void)
{
	insmod(NULL);
	local_irq_save_flags();
	hoardk_heap_create("mine", NULL);
}

static void no_sleep_in_section(void)
{
	void *p, *q;

	insmod(NULL);
	preempt_disable();
	p = hoardk_alloc(100, GFP_ATOMIC);
	q = hoardk_alloc(40000, GFP_NOWAIT);
	expect(p && q, "no memory");
	hoardk_free(p);
	hoardk_free(q);
	preempt_enable();
	rmmod();
}

static void unbalanced(void)
{
	insmod(NULL);
	preempt_enable();
}

static void balanced(void)
{
	insmod(NULL);
	preempt_disable();
	preempt_enable();
	rmmod();
}

static void leaves_in_section(void)
{
	insmod(NULL);
	preempt_disable();
	steps_on_cpu(1);
}

static void touch_after_return(void)
{
	void *p;

	insmod(NULL);
	p = get(0, 100);
	put(0, p);
	hoardk_give_back();
	/* The header: nobody but the page table can tell. */
	superblock_of(p)->node = 1;
}

static void touch_before_return(void)
{
	void *p;

	insmod(NULL);
	p = get(0, 100);
	superblock_of(p)->node = 0;
	put(0, p);
	hoardk_give_back();
	rmmod();
}

static void lock_twice(void)
{
	unsigned long flags, again;

	insmod(NULL);
	global_lock(&general_heap.global, &flags);
	global_lock(&general_heap.global, &again);
}

static void unlock_mutex(void *arg)
{
	mutex_unlock(&heaps_mutex);
}

static void unlock_of_another(void)
{
	insmod(NULL);
	mutex_lock(&heaps_mutex);
	on_cpu(1, unlock_mutex, NULL);
}

static void unlock_twice(void)
{
	unsigned long flags;

	insmod(NULL);
	raw_spin_lock_irqsave(&general_heap.global.lock, flags);
	raw_spin_unlock_irqrestore(&general_heap.global.lock, flags);
	preempt_disable();
	raw_spin_unlock_irqrestore(&general_heap.global.lock, flags);
}

static void lock_once(void)
{
	unsigned long flags;

	insmod(NULL);
	raw_spin_lock_irqsave(&general_heap.global.lock, flags);
	expect(!stub_trylock(&general_heap.global.lock), "taken twice");
	raw_spin_unlock_irqrestore(&general_heap.global.lock, flags);
	rmmod();
}

static void mutex_not_held(void)
{
	insmod(NULL);
	heap_in_use(&general_heap);
}

static void free_pages_twice(void)
{
	struct page *page = alloc_pages_node(0, GFP_KERNEL, 3);

	__free_pages(page, 3);
	__free_pages(page, 3);
}

static void put_page_twice(void)
{
	struct page *page = alloc_pages_node(0, GFP_KERNEL, 3);

	put_page(page);
	put_page(page);
}

static void alloc_pages(void *arg)
{
	alloc_pages_node(0, GFP_ATOMIC, 0);
}

static void pages_in_nmi(void)
{
	insmod(NULL);
	stub_interrupt(true, alloc_pages, NULL);
}

static void no_callback(struct rcu_head *rcu)
{
}

static void defer(void *arg)
{
	static struct rcu_head rcu;

	call_rcu(&rcu, no_callback);
}

static void rcu_in_nmi(void)
{
	insmod(NULL);
	stub_interrupt(true, defer, NULL);
}

static void work_in_nmi(void)
{
	insmod(NULL);
	put(0, get(0, 100));
	stub_interrupt(true, (void (*)(void *))local_kick, local_heap(0));
}

static void live_record(void)
{
	struct kmem_cache *cache = kmem_cache_create("c", 64, 0, 0, NULL);

	kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_destroy(cache);
}

/* The same as rcu_in_nmi() and work_in_nmi(), in an interrupt. */
static void in_interrupt_only(void)
{
	insmod(NULL);
	put(0, get(0, 100));
	stub_interrupt(false, defer, NULL);
	stub_interrupt(false, alloc_pages, NULL);
	stub_interrupt(false, (void (*)(void *))local_kick, local_heap(0));
	expect_is(stub_pages_taken(), 8 + LOCAL_HEAP_BYTES / PAGE_SIZE + 1);
}

static void fails(void)
{
	expect(false, "as it should");
}

#define SLEEPS	"sleeps with preemption off"

const struct test stub_tests[] = {
	{ "stub: a sleeping allocation in a section", sleep_in_section,
	  SLEEPS },
	{ "stub: a sleeping allocation in an interrupt", sleep_in_interrupt,
	  SLEEPS },
	{ "stub: heap_create with interrupts off", sleep_with_irqs_off,
	  SLEEPS },
	{ "control: allocations that do not sleep", no_sleep_in_section },
	{ "stub: preempt_enable() alone", unbalanced,
	  "BUG: preempt_enable() without preempt_disable()" },
	{ "stub: a task leaves its CPU in a section", leaves_in_section,
	  "BUG: a task leaves its CPU in a section" },
	{ "control: a section that ends", balanced },
	{ "stub: a page is touched after its return", touch_after_return,
	  FAULT },
	{ "control: a page is touched before its return",
	  touch_before_return },
	{ "stub: a lock is taken twice", lock_twice, "BUG: deadlock" },
	{ "stub: a lock is released twice", unlock_twice,
	  "BUG: a lock is released that is free" },
	{ "stub: a lock is released by another CPU", unlock_of_another,
	  "BUG: a lock is released by who has not taken it" },
	{ "control: a lock is taken and tried", lock_once },
	{ "stub: a mutex that should be held", mutex_not_held,
	  "heaps_mutex is not held" },
	{ "stub: pages are freed twice", free_pages_twice,
	  "BUG: pages are freed that are free" },
	{ "stub: a page is released twice", put_page_twice,
	  "BUG: a page is released that is free" },
	{ "stub: pages in an NMI", pages_in_nmi,
	  "BUG: pages are allocated in an NMI" },
	{ "stub: call_rcu() in an NMI", rcu_in_nmi,
	  "BUG: call_rcu() in an NMI" },
	{ "stub: work in an NMI", work_in_nmi,
	  "BUG: work is queued in an NMI" },
	{ "stub: a slab cache with live objects", live_record,
	  "BUG: a slab cache is destroyed with live objects" },
	{ "control: the same in an interrupt", in_interrupt_only },
	{ "control: a test that fails is found out", fails,
	  "as it should" },
	{ 0 }
};
