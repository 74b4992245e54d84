// SPDX-License-Identifier: GPL-2.0
/*
 * Heaps: the general one and those that clients create; CPUs coming and going.
 *
 * Locks: see heap.h.
 */
#define pr_fmt(fmt) "hoardk: " fmt

#include <linux/cpuhotplug.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/hoardk_inline.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "account.h"
#include "checked.h"
#include "detach.h"
#include "heap.h"
#include "large.h"
#include "live.h"
#include "pages.h"
#include "pool.h"
#include "sanitize.h"

/* Who creates a heap is told that there is no memory: the console need not be. */
#define CREATE_GFP	(GFP_KERNEL | __GFP_NOWARN)

/*
 * Relocations in a module's per-CPU data are not applied: set at load.  The export
 * has no namespace, as sparse takes what EXPORT_SYMBOL_NS_GPL() exports for no
 * per-CPU variable any more; who uses it calls functions that have one.
 */
DEFINE_PER_CPU(struct local_heap *, hoardk_local);
EXPORT_PER_CPU_SYMBOL_GPL(hoardk_local);

struct hoardk_heap general_heap;
LIST_HEAD(heaps);
DEFINE_MUTEX(heaps_mutex);	/* the list of heaps; detaches; see heap.h */
static int heap_hotplug;

static const char * const policy_names[] = {
	[HOARDK_POLICY_GLOBAL] = "global",
	[HOARDK_POLICY_LOCAL] = "local",
	[HOARDK_POLICY_OWNERSHIP] = "ownership",
	[HOARDK_POLICY_HOARD] = "hoard",
};

const char *policy_name(enum hoardk_policy policy)
{
	return policy_names[policy];
}

/* The policy of that name, or -EINVAL. */
int policy_parse(const char *name)
{
	int i;

	for (i = HOARDK_POLICY_GLOBAL; i <= HOARDK_POLICY_HOARD; i++)
		if (sysfs_streq(name, policy_names[i]))
			return i;
	return -EINVAL;
}

/*
 * What a class in use by a heap adds to the bound on A by classes: a factor of
 * U in thousandths, and bytes.  See Documentation/design.rst.
 */
static void bound_of(const struct hoardk_heap *heap, long *factor, long *fixed)
{
	long cpus = num_possible_cpus();
	long fill = class_min_fill_permille();

	switch (heap->policy) {
	case HOARDK_POLICY_HOARD:
		*factor = 100000 / (100 - heap->empty_percent);
		*fixed = cpus * (heap->slack + 1) * (long)SUPERBLOCK_SIZE;
		break;
	case HOARDK_POLICY_OWNERSHIP:
		*factor = (cpus + 1) * 1000000 / fill;
		*fixed = (cpus + 1) * (long)SUPERBLOCK_SIZE;
		break;
	default:
		*factor = 1000000 / fill;
		*fixed = SUPERBLOCK_SIZE;
		break;
	}
}

static void bound_add(struct hoardk_heap *heap, int classes)
{
	long factor, fixed;

	bound_of(heap, &factor, &fixed);
	figure_add(&account.class_factor, classes * factor);
	figure_add(&account.class_fixed, classes * fixed);
}

/* The first or last class: what the heap adds to the bound by local heaps. */
static void bound_add_heap(struct hoardk_heap *heap, int sign)
{
	long factor, fixed;

	if (heap->policy != HOARDK_POLICY_HOARD) {
		figure_add(&account.other_policies, sign);
		return;
	}
	bound_of(heap, &factor, &fixed);
	figure_raise(&account.local_factor, factor);
	figure_add(&account.local_fixed, sign * fixed);
}

/* A superblock is about to be formatted for @class; any context. */
static void heap_use_class(struct hoardk_heap *heap, unsigned int class)
{
	s64 before, bit = BIT_ULL(class);

	if (atomic64_read(&heap->classes) & bit)
		return;
	before = atomic64_fetch_or(bit, &heap->classes);
	if (!(before & bit))
		bound_add(heap, 1);
	if (!before)
		bound_add_heap(heap, 1);
}

/* Lay out a superblock that is empty and held by nobody for a class of @heap. */
void heap_format(struct hoardk_heap *heap, struct superblock *sb,
		 unsigned int class)
{
	/* Then its free blocks are marked, and may have been written to. */
	bool marked = sb->heap == heap && sb->class == class;

	heap_use_class(heap, class);
	superblock_format(sb, class);
	if (unlikely(heap->checks && !marked))
		checked_format(heap, sb);
}

/*
 * Give this CPU a local heap, if it has none and may have one.  Task context,
 * preemption on unless @gfp does not block.
 */
void heap_attach(struct hoardk_heap *heap, gfp_t gfp)
{
	struct local_heap *h;
	unsigned long flags;
	bool attached = false;

	if (heap->policy == HOARDK_POLICY_GLOBAL ||
	    READ_ONCE(raw_cpu_ptr(heap->cpus)->blocked))
		return;
	/* One can do without: nobody is to be killed for that, no reserve used. */
	h = local_create(heap, (gfp & GFP_KERNEL) | __GFP_NORETRY |
			       __GFP_NOMEMALLOC);
	if (!h)
		return;
	global_lock(&heap->global, &flags);
	if (*this_cpu_ptr(heap->local) == &busy_heap &&
	    !this_cpu_ptr(heap->cpus)->blocked) {
		h->own.cpu = smp_processor_id();
		owner_set_floor(&h->own);
		/* Pairs with heap_local(). */
		smp_store_release(this_cpu_ptr(heap->local), h);
		attached = true;
	}
	global_unlock(&heap->global, flags);
	if (!attached)
		local_release(h);
}

/* Free all blocks, which nobody uses: how many there were, and bytes. */
static size_t heap_drop_blocks(struct hoardk_heap *heap, size_t *bytes)
{
	struct global_heap *g = &heap->global;
	struct superblock *sb;
	unsigned long flags;
	size_t n = 0;

	for (;;) {
		global_lock(g, &flags);
		owner_retire_all(&g->own);
		sb = owner_any(&g->own);
		if (sb) {
			n += superblock_used(sb);
			*bytes += (size_t)superblock_used(sb) * sb->size;
			owner_remove(&g->own, sb);
			sanitize_close(superblock_block(sb, 0),
				       (size_t)sb->capacity * sb->size);
			/* Not for reuse: a late free must find it gone. */
			pages_unpin();
			superblock_leave(sb);
			pages_put_superblock(sb);
		}
		global_unlock(g, flags);
		if (!sb)
			break;
		cond_resched();
	}
	return n;
}

/* The operations of a heap that goes away stay in the module's figures. */
static void heap_retire(struct hoardk_heap *heap, size_t dropped)
{
	const struct owner *o = &heap->global.own;

	atomic_long_add(o->allocs + atomic_long_read(&heap->large_allocs),
			&account.retired_allocs);
	atomic_long_add(o->local_frees + dropped +
			atomic_long_read(&heap->large_frees),
			&account.retired_local_frees);
	atomic_long_add(o->remote_frees +
			atomic_long_read(&heap->remote_frees),
			&account.retired_remote_frees);
}

/*
 * No block was live, and yet U is not 0: a second free that raced was charged
 * here, and drained by the heap to which the superblock had gone.  For want of
 * its name the general heap takes that over, so that the sum is right.
 */
static void heap_settle_account(struct hoardk_heap *heap)
{
	long rest = heap_in_use(heap);

	if (likely(!rest) || heap == &general_heap)
		return;
	atomic_long_sub(rest, &general_heap.remote_out);
	figure_add(&account.in_use, rest);
}

/* Nobody uses the heap any more: free all.  heaps_mutex. */
static size_t heap_teardown(struct hoardk_heap *heap, size_t *bytes)
{
	size_t n, large;

	*bytes = 0;
	heap_detach(heap, true);
	heap_collapse(heap);
	if (heap->checks & HOARDK_CHECK_OWNER)
		live_report(heap);
	n = heap_drop_blocks(heap, bytes);
	large = large_drop(heap, bytes);
	heap_retire(heap, n);
	n += large;
	figure_add(&account.in_use, atomic_long_read(&heap->remote_out) -
		   heap->global.own.published_use);
	figure_add(&account.owned, -heap->global.own.published_owned);
	if (!n)
		heap_settle_account(heap);
	if (atomic64_read(&heap->classes)) {
		bound_add(heap, -hweight64(atomic64_read(&heap->classes)));
		bound_add_heap(heap, -1);
	}
	if (heap->policy == HOARDK_POLICY_LOCAL)
		figure_add(&account.unbounded, -1);
	list_del(&heap->link);
	return n;
}

/*
 * The local heap of a CPU, to read its figures or to kick it; its address stays
 * good while heaps_mutex is held, since that is what a detach takes.
 */
struct local_heap *heap_local(const struct hoardk_heap *heap, int cpu)
{
	lockdep_assert_held(&heaps_mutex);
	/* Pairs with heap_attach(): it is set up. */
	return smp_load_acquire(per_cpu_ptr(heap->local, cpu));
}

/* Bytes of blocks of this heap that clients hold.  heaps_mutex. */
long heap_in_use(const struct hoardk_heap *heap)
{
	long sum = owner_in_use(&heap->global.own) -
		   atomic_long_read(&heap->remote_out) +
		   atomic_long_read(&heap->large_bytes);
	int cpu;

	for_each_possible_cpu(cpu)
		sum += owner_in_use(&heap_local(heap, cpu)->own);
	return sum;
}

static void heap_setup(struct hoardk_heap *heap, const char *name)
{
	unsigned int c, keep;
	int cpu;

	for_each_possible_cpu(cpu)
		WRITE_ONCE(*per_cpu_ptr(heap->local, cpu), &busy_heap);
	keep = SUPERBLOCK_SIZE * (100 - heap->empty_percent) / 100;
	for (c = 0; c < NR_CLASSES; c++)
		heap->threshold[c] = min_t(u32, keep / size_classes[c].size,
					   size_classes[c].capacity - 1);
	strscpy(heap->name, name, sizeof(heap->name));
	init_llist_head(&heap->strays);
	global_init(&heap->global, heap);
	if (heap->policy == HOARDK_POLICY_LOCAL)
		figure_add(&account.unbounded, 1);
	mutex_lock(&heaps_mutex);
	list_add_tail(&heap->link, &heaps);
	mutex_unlock(&heaps_mutex);
}

/* Are these values accepted?  Says what would be. */
int heap_check(int policy, unsigned int slack, unsigned int empty_percent)
{
	if (policy < HOARDK_POLICY_GLOBAL || policy > HOARDK_POLICY_HOARD) {
		pr_err("policy must be global, local, ownership or hoard\n");
		return -EINVAL;
	}
	if (slack < 1 || slack > SLACK_MAX) {
		pr_err("slack must be 1 to %d superblocks, not %u\n",
		       SLACK_MAX, slack);
		return -EINVAL;
	}
	if (empty_percent < 20 || empty_percent > 90) {
		pr_err("empty_percent must be 20 to 90, not %u\n",
		       empty_percent);
		return -EINVAL;
	}
	return 0;
}

static int heap_attr_apply(struct hoardk_heap *heap, const char *name,
			   const struct hoardk_heap_attr *attr)
{
	heap->policy = general_heap.policy;
	heap->slack = general_heap.slack;
	heap->empty_percent = general_heap.empty_percent;
	heap->checks = general_heap.checks;
	if (!name || !*name || strlen(name) >= HEAP_NAME_MAX) {
		pr_warn("a heap's name must have 1 to %d characters\n",
			HEAP_NAME_MAX - 1);
		return -EINVAL;
	}
	if (!attr)
		return 0;
	if (attr->policy)
		heap->policy = attr->policy;
	if (attr->slack)
		heap->slack = attr->slack;
	if (attr->empty_percent)
		heap->empty_percent = attr->empty_percent;
	if (attr->checks)
		heap->checks = attr->checks & ~HOARDK_CHECK_NONE;
	if (!checks_accepted(attr->checks))
		return -EINVAL;
	return heap_check(heap->policy, heap->slack, heap->empty_percent);
}

/**
 * hoardk_heap_create() - make a private heap
 * @name: for reports and statistics, 1 to 31 characters; copied
 * @attr: how it differs from the general heap, or NULL
 *
 * Blocks of a private heap never share a superblock with others, and all of
 * them can be freed at once.  Empty superblocks are shared with all heaps.
 *
 * Context: task, may sleep.
 * Return: the heap, or ERR_PTR(): -EINVAL for a bad name or attribute, -ENOMEM.
 */
struct hoardk_heap *hoardk_heap_create(const char *name,
				       const struct hoardk_heap_attr *attr)
{
	struct hoardk_heap *heap;
	int err;

	might_sleep();
	if (pages_fail())
		return ERR_PTR(-ENOMEM);
	heap = __vmalloc(sizeof(*heap), CREATE_GFP | __GFP_ZERO);
	if (!heap)
		return ERR_PTR(-ENOMEM);
	err = heap_attr_apply(heap, name, attr);
	if (!err)
		err = checked_init(heap->checks);
	if (err)
		goto free_heap;
	err = -ENOMEM;
	heap->local = alloc_percpu_gfp(struct local_heap *, CREATE_GFP);
	if (!heap->local)
		goto free_heap;
	heap->cpus = alloc_percpu_gfp(struct heap_cpu, CREATE_GFP);
	if (!heap->cpus)
		goto free_local;
	heap_setup(heap, name);
	return heap;

free_local:
	free_percpu(heap->local);
free_heap:
	vfree(heap);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_NS_GPL(hoardk_heap_create, HOARDK_NS);

/**
 * hoardk_heap_destroy() - free a private heap and all of its blocks
 * @heap: from hoardk_heap_create(), or an error pointer or NULL: nothing
 *	happens then
 *
 * Nobody may allocate from the heap or free blocks of it any more.  A later
 * free of one of its blocks is reported as a bad free.
 *
 * Context: task, may sleep (waits for grace periods).
 * Return: how many blocks were still live.
 */
size_t hoardk_heap_destroy(struct hoardk_heap *heap)
{
	size_t n, bytes;

	might_sleep();
	if (IS_ERR_OR_NULL(heap))
		return 0;
	mutex_lock(&heaps_mutex);
	n = heap_teardown(heap, &bytes);
	mutex_unlock(&heaps_mutex);
	/* Bad frees may be looking at a header that named the heap. */
	synchronize_rcu();
	free_percpu(heap->cpus);
	free_percpu(heap->local);
	vfree(heap);
	return n;
}
EXPORT_SYMBOL_NS_GPL(hoardk_heap_destroy, HOARDK_NS);

/* All CPUs' local heaps, the global heaps and the pool: what is empty goes. */
void heap_give_back(void)
{
	struct hoardk_heap *heap;

	mutex_lock(&heaps_mutex);
	list_for_each_entry(heap, &heaps, link)
		heap_empty(heap);
	mutex_unlock(&heaps_mutex);
	pool_release(ULONG_MAX);
	large_reap();
	rcu_barrier();
}

/* A CPU is down; control CPU. */
static int heap_cpu_dead(unsigned int cpu)
{
	struct hoardk_heap *heap;

	mutex_lock(&heaps_mutex);
	list_for_each_entry(heap, &heaps, link) {
		heap_detach_cpu(heap, cpu);
		detach_unblock(heap, cpu);
	}
	mutex_unlock(&heaps_mutex);
	return 0;
}

#define SAME_PLACE(theirs, ours)					\
	BUILD_BUG_ON(offsetof(struct hoardk_front, theirs) !=		\
		     offsetof(struct local_heap, own.ours))

/* Clients have the inline allocation compiled in. */
static inline void heap_check_inline(void)
{
	SAME_PLACE(busy, busy);
	SAME_PLACE(margin, margin);
	SAME_PLACE(allocs, allocs);
	SAME_PLACE(bins, bins);
	BUILD_BUG_ON(sizeof(struct hoardk_bin) != sizeof(struct bin));
	BUILD_BUG_ON(offsetof(struct hoardk_bin, word) !=
		     offsetof(struct bin, word));
	BUILD_BUG_ON(offsetof(struct hoardk_bin, base) !=
		     offsetof(struct bin, base));
}

/* The values have passed heap_check(). */
int __init heap_init(enum hoardk_policy policy, unsigned int slack,
		     unsigned int empty_percent, unsigned int checks)
{
	int err;

	heap_check_inline();
	err = checked_init(checks);
	if (err)
		return err;
	general_heap.checks = checks;
	general_heap.policy = policy;
	general_heap.slack = slack;
	general_heap.empty_percent = empty_percent;
	general_heap.local = &hoardk_local;
	general_heap.cpus = alloc_percpu(struct heap_cpu);
	if (!general_heap.cpus)
		return -ENOMEM;
	heap_setup(&general_heap, "general");
	err = cpuhp_setup_state(CPUHP_BP_PREPARE_DYN, "hoardk:heap",
				NULL, heap_cpu_dead);
	if (err < 0) {
		free_percpu(general_heap.cpus);
		return err;
	}
	heap_hotplug = err;
	return 0;
}

/* Nobody calls hoardk any more; blocks may be live if the owner allowed it. */
void heap_exit(void)
{
	struct hoardk_heap *heap, *next;
	size_t n, bytes;

	cpuhp_remove_state_nocalls(heap_hotplug);
	mutex_lock(&heaps_mutex);
	list_for_each_entry_safe_reverse(heap, next, &heaps, link) {
		n = heap_teardown(heap, &bytes);
		if (n)
			pr_warn("unload: heap %s leaked %zu blocks, %zu bytes in use; freed\n",
				heap->name, n, bytes);
		free_percpu(heap->cpus);
		if (heap == &general_heap)
			continue;
		free_percpu(heap->local);
		vfree(heap);
	}
	mutex_unlock(&heaps_mutex);
}
