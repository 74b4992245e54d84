// SPDX-License-Identifier: GPL-2.0
/*
 * An example of a client of hoardk, to be copied from.
 *
 * A store of values by key.  One CPU makes the entries, all the others drop
 * them, at the same time: what a driver does that fills a table in one place
 * and retires it in another.  Each value is checked before it goes.
 *
 * Three ways to get memory are shown, each where it comes natural:
 *  - hoardk_zalloc() for the table, whose buckets must start empty;
 *  - a private heap for the entries: they live and die with the store, and
 *    hoardk_heap_destroy() tells how many were forgotten;
 *  - hoardk_alloc() for the values, which come in all sizes.
 * hoardk_free() takes back any of them, on any CPU and in any context; here
 * also from an RCU callback, because lookups walk the buckets under RCU alone.
 *
 * Locks: store->lock covers changes of the buckets.  It is taken in task
 * context only and no memory is allocated under it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/debugfs.h>
#include <linux/hash.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/workqueue.h>

#include <linux/hoardk.h>

#define STORE_BITS	10
#define VALUE_MAX	SZ_64K

static unsigned int entries = 10000;
module_param(entries, uint, 0444);
MODULE_PARM_DESC(entries, "entries to make and drop, 1 to 1000000");

static unsigned int min_size = 16;
module_param(min_size, uint, 0444);
MODULE_PARM_DESC(min_size, "smallest value in bytes, at least 1");

static unsigned int max_size = 2000;
module_param(max_size, uint, 0444);
MODULE_PARM_DESC(max_size, "largest value in bytes, up to 65536");

static unsigned int seed = 1;
module_param(seed, uint, 0444);
MODULE_PARM_DESC(seed, "chooses the sizes and what the values hold");

struct entry {
	struct hlist_node node;
	struct rcu_head rcu;
	u32 key;
	u32 size;
	u8 *value;
};

struct store {
	struct hoardk_heap *heap;	/* of the entries */
	spinlock_t lock;		/* serialises changes of the buckets */
	wait_queue_head_t wait;		/* for made or error to change */
	u32 made;			/* keys below are in; the maker writes */
	int error;			/* the first; 0 as long as all is well */
	atomic_t dropped;
	struct hlist_head bucket[1 << STORE_BITS];
};

/* One CPU's part of the job: every step-th key from first on. */
struct share {
	struct work_struct work;
	struct store *store;
	u32 first;
	u32 step;
};

static struct store *store;
static unsigned int droppers;
static struct dentry *dir;

static u32 value_size(u32 key)
{
	return min_size + hash_32(key ^ seed, 32) % (max_size - min_size + 1);
}

static u8 value_byte(u32 key)
{
	return hash_32(key + seed, 8);
}

static void store_fail(struct store *s, int error)
{
	cmpxchg(&s->error, 0, error);
	wake_up_all(&s->wait);
}

static int store_add(struct store *s, u32 key)
{
	struct entry *e;

	/* May sleep: no lock is held and GFP_KERNEL says so. */
	e = hoardk_heap_alloc(s->heap, sizeof(*e), GFP_KERNEL);
	if (!e)
		return -ENOMEM;
	e->key = key;
	e->size = value_size(key);
	e->value = hoardk_alloc(e->size, GFP_KERNEL);
	if (!e->value) {
		hoardk_free(e);
		return -ENOMEM;
	}
	memset(e->value, value_byte(key), e->size);

	spin_lock(&s->lock);
	hlist_add_head_rcu(&e->node, &s->bucket[hash_32(key, STORE_BITS)]);
	spin_unlock(&s->lock);
	return 0;
}

/* A softirq: blocks may be freed here as anywhere. */
static void entry_free(struct rcu_head *rcu)
{
	struct entry *e = container_of(rcu, struct entry, rcu);

	hoardk_free(e->value);
	hoardk_free(e);
}

static int store_drop(struct store *s, u32 key)
{
	struct entry *e;
	int error = -ENOENT;

	rcu_read_lock();
	hlist_for_each_entry_rcu(e, &s->bucket[hash_32(key, STORE_BITS)], node)
		if (e->key == key)
			break;
	if (e) {
		/* The one byte expected, from the first to the last. */
		error = e->size == value_size(key) &&
			!memchr_inv(e->value, value_byte(key), e->size) ?
			0 : -EILSEQ;
		spin_lock(&s->lock);
		hlist_del_rcu(&e->node);
		spin_unlock(&s->lock);
		call_rcu(&e->rcu, entry_free);
	}
	rcu_read_unlock();
	return error;
}

static bool store_has(struct store *s, u32 key)
{
	/* Pairs with make(): who sees the count finds the entry. */
	return smp_load_acquire(&s->made) > key;
}

static void make(struct work_struct *work)
{
	struct store *s = container_of(work, struct share, work)->store;
	int error = 0;
	u32 key;

	for (key = 0; key < entries && !error && !READ_ONCE(s->error); key++) {
		error = store_add(s, key);
		if (error)
			store_fail(s, error);
		else	/* Pairs with store_has(). */
			smp_store_release(&s->made, key + 1);
		wake_up_all(&s->wait);
		cond_resched();
	}
}

static void drop(struct work_struct *work)
{
	struct share *share = container_of(work, struct share, work);
	struct store *s = share->store;
	int error = 0;
	u32 key;

	for (key = share->first; key < entries && !error; key += share->step) {
		wait_event(s->wait, store_has(s, key) || READ_ONCE(s->error));
		if (READ_ONCE(s->error))
			return;
		error = store_drop(s, key);
		if (error)
			store_fail(s, error);
		else
			atomic_inc(&s->dropped);
	}
}

static struct store *store_create(void)
{
	struct store *s = hoardk_zalloc(sizeof(*s), GFP_KERNEL);

	if (!s)
		return ERR_PTR(-ENOMEM);
	s->heap = hoardk_heap_create("client", NULL);
	if (IS_ERR(s->heap)) {
		void *error = s->heap;

		hoardk_free(s);
		return error;
	}
	spin_lock_init(&s->lock);
	init_waitqueue_head(&s->wait);
	return s;
}

/* What a job that failed left in the store. */
static void store_clear(struct store *s)
{
	struct hlist_node *next;
	struct entry *e;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(s->bucket); i++)
		hlist_for_each_entry_safe(e, next, &s->bucket[i], node) {
			hlist_del(&e->node);
			entry_free(&e->rcu);
		}
}

/* One CPU makes, the others drop; a machine of one CPU does both there. */
static int run(struct store *s)
{
	struct share *shares;
	unsigned int i, cpu, nr = 0;

	cpus_read_lock();
	droppers = max(num_online_cpus() - 1, 1U);
	shares = hoardk_calloc(droppers + 1, sizeof(*shares), GFP_KERNEL);
	if (!shares) {
		cpus_read_unlock();
		return -ENOMEM;
	}
	for (i = 0; i <= droppers; i++) {
		INIT_WORK(&shares[i].work, i ? drop : make);
		shares[i].store = s;
		shares[i].first = i - 1;
		shares[i].step = droppers;
	}
	for_each_online_cpu(cpu)
		queue_work_on(cpu, system_long_wq, &shares[nr++].work);
	if (nr == 1)
		queue_work(system_long_wq, &shares[nr].work);
	cpus_read_unlock();

	for (i = 0; i <= droppers; i++)
		flush_work(&shares[i].work);
	hoardk_free(shares);

	/* Entries on their way through RCU still belong to us. */
	rcu_barrier();
	store_clear(s);
	return s->error;
}

static int result_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "entries %u\nmin_size %u\nmax_size %u\nseed %u\n",
		   entries, min_size, max_size, seed);
	seq_printf(m, "droppers %u\ndropped %d\nverdict pass\n",
		   droppers, atomic_read(&store->dropped));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(result);

static int __init client_init(void)
{
	size_t forgotten;
	int error;

	if (!entries || entries > 1000000 || !min_size ||
	    min_size > max_size || max_size > VALUE_MAX) {
		pr_err("accepted are entries=1..1000000 and 1 <= min_size <= max_size <= %u\n",
		       VALUE_MAX);
		return -EINVAL;
	}
	store = store_create();
	if (IS_ERR(store))
		return PTR_ERR(store);

	error = run(store);
	forgotten = hoardk_heap_destroy(store->heap);
	if (!error && forgotten)
		error = -EBUSY;
	pr_info("%s: %d of %u entries made, checked and dropped by %u CPUs, %zu forgotten, error %d\n",
		error ? "fail" : "pass", atomic_read(&store->dropped), entries,
		droppers, forgotten, error);
	if (error) {
		hoardk_free(store);
		return error;
	}
	dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("result", 0444, dir, NULL, &result_fops);
	return 0;
}

static void __exit client_exit(void)
{
	debugfs_remove(dir);
	hoardk_free(store);
}

module_init(client_init);
module_exit(client_exit);

MODULE_DESCRIPTION("Example client of hoardk: a keyed store");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(HOARDK);
