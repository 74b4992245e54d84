// SPDX-License-Identifier: GPL-2.0
/*
 * An example of a client of hoardk, to be copied from.
 *
 * A store of values by key.  One CPU makes the entries, all the others drop
 * them: what a driver does that fills a table in one place and retires it in
 * another.  Each value is checked before it goes.
 *
 * Three ways to get memory are shown, each where it comes natural:
 *  - hoardk_zalloc() for the table, whose buckets must start empty;
 *  - a private heap for the entries: they live and die with the store, and
 *    hoardk_heap_destroy() tells how many were forgotten;
 *  - hoardk_alloc() for the values, which come in all sizes.
 * hoardk_free() takes back any of them, on any CPU and in any context: here
 * from an RCU callback, because lookups walk the buckets under RCU alone.
 *
 * Locks: store->lock covers changes of the buckets; task context only, and no
 * memory is allocated under it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/debugfs.h>
#include <linux/hash.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/seq_file.h>
#include <linux/workqueue.h>

#include <linux/hoardk.h>

#define STORE_BITS	10

static unsigned int entries = 10000;
module_param(entries, uint, 0444);
MODULE_PARM_DESC(entries, "entries to make and drop, 1 to 1000000");

static unsigned int max_size = 2000;
module_param(max_size, uint, 0444);
MODULE_PARM_DESC(max_size, "values have 1 to this many bytes, up to 65536");

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
	struct hlist_head bucket[1 << STORE_BITS];
};

/* A CPU's part of the job: every step-th key from first on. */
struct share {
	struct work_struct work;
	struct store *store;
	u32 first;
	u32 step;
	int error;
};

static unsigned int droppers;
static struct dentry *dir;

static u32 value_size(u32 key)
{
	return 1 + hash_32(key ^ seed, 32) % max_size;
}

static u8 value_byte(u32 key)
{
	return hash_32(key + seed, 8);
}

static int store_add(struct store *s, u32 key)
{
	struct entry *e;

	/* GFP_KERNEL: may sleep, so no lock is held here. */
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

/* In softirq, on whichever CPU: blocks may be freed there as anywhere. */
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
		error = memchr_inv(e->value, value_byte(key), value_size(key)) ?
			-EILSEQ : 0;
		spin_lock(&s->lock);
		hlist_del_rcu(&e->node);
		spin_unlock(&s->lock);
		call_rcu(&e->rcu, entry_free);
	}
	rcu_read_unlock();
	return error;
}

static void make(struct work_struct *work)
{
	struct share *share = container_of(work, struct share, work);
	u32 key;

	for (key = 0; key < entries && !share->error; key++) {
		share->error = store_add(share->store, key);
		cond_resched();
	}
}

/* Goes on after an error: the store is to be empty at the end. */
static void drop(struct work_struct *work)
{
	struct share *share = container_of(work, struct share, work);
	u32 key;
	int error;

	for (key = share->first; key < entries; key += share->step) {
		error = store_drop(share->store, key);
		if (error)
			share->error = error;
		cond_resched();
	}
}

/* Make on the first CPU, then drop on all others (if there are any). */
static int run(struct store *s)
{
	unsigned int cpu, first, i, nr = 0;
	struct share *shares;
	int error;

	shares = hoardk_calloc(nr_cpu_ids, sizeof(*shares), GFP_KERNEL);
	if (!shares)
		return -ENOMEM;

	shares[0].store = s;
	INIT_WORK(&shares[0].work, make);
	cpus_read_lock();
	queue_work_on(cpumask_first(cpu_online_mask), system_long_wq,
		      &shares[0].work);
	cpus_read_unlock();
	flush_work(&shares[0].work);
	error = shares[0].error;

	cpus_read_lock();
	first = cpumask_first(cpu_online_mask);
	droppers = max(num_online_cpus() - 1, 1U);
	for_each_online_cpu(cpu) {
		if (cpu == first && num_online_cpus() > 1)
			continue;
		shares[nr] = (struct share) {
			.store = s, .first = nr, .step = droppers,
		};
		INIT_WORK(&shares[nr].work, drop);
		queue_work_on(cpu, system_long_wq, &shares[nr++].work);
	}
	cpus_read_unlock();
	for (i = 0; i < nr; i++) {
		flush_work(&shares[i].work);
		error = error ?: shares[i].error;
	}

	/* The entries on their way through RCU are still ours. */
	rcu_barrier();
	hoardk_free(shares);
	return error;
}

static int result_show(struct seq_file *m, void *unused)
{
	/* A job that failed has no file: insmod has said so. */
	seq_printf(m, "entries %u\nmax_size %u\nseed %u\ndroppers %u\nverdict pass\n",
		   entries, max_size, seed, droppers);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(result);

static int __init client_init(void)
{
	struct store *s;
	size_t forgotten;
	int error;

	if (!entries || entries > 1000000 || !max_size || max_size > 65536) {
		pr_err("accepted are entries=1..1000000 and max_size=1..65536\n");
		return -EINVAL;
	}
	s = hoardk_zalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	spin_lock_init(&s->lock);
	s->heap = hoardk_heap_create("client", NULL);
	if (IS_ERR(s->heap)) {
		error = PTR_ERR(s->heap);
		goto free;
	}

	error = run(s);
	forgotten = hoardk_heap_destroy(s->heap);
	if (!error && forgotten)
		error = -EBUSY;
	pr_info("%s: %u entries made on one CPU, checked and dropped on %u, %zu forgotten, error %d\n",
		error ? "fail" : "pass", entries, droppers, forgotten, error);
	if (!error) {
		dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
		debugfs_create_file("result", 0444, dir, NULL, &result_fops);
	}
free:
	hoardk_free(s);
	return error;
}

static void __exit client_exit(void)
{
	debugfs_remove(dir);
}

module_init(client_init);
module_exit(client_exit);

MODULE_DESCRIPTION("Example client of hoardk: a keyed store");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(HOARDK_NS);
