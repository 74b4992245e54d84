// SPDX-License-Identifier: GPL-2.0
/*
 * What tests are made of: blocks and superblocks where they are wanted, and
 * memory that runs short.
 */
#include "detect.h"

static unsigned int fail_in, fail_times;
static bool failed;

struct job {
	const void *p;
	size_t size;
};

static void do_get(void *arg)
{
	struct job *j = arg;

	j->p = hoardk_alloc(j->size, GFP_KERNEL);
}

static void do_put(void *arg)
{
	hoardk_free(((struct job *)arg)->p);
}

/* A task on a CPU allocates. */
void *get(unsigned int cpu, size_t size)
{
	struct job j = { .size = size };

	on_cpu(cpu, do_get, &j);
	expect(j.p, "no %zu bytes on CPU %u", size, cpu);
	return (void *)j.p;
}

void put(unsigned int cpu, const void *p)
{
	on_cpu(cpu, do_put, &(struct job){ .p = p });
}

struct local_heap *local_heap(unsigned int cpu)
{
	return *per_cpu_ptr(general_heap.local, cpu);
}

static void do_kick(void *h)
{
	local_kick(h);
	steps_settle();
}

/* A CPU drains, and passes on what waits in its outbox. */
void kick(unsigned int cpu)
{
	on_cpu(cpu, do_kick, local_heap(cpu));
}

/* The same of a heap's, and its empty superblocks go to the pool. */
void give_up_empty(struct hoardk_heap *heap, unsigned int cpu)
{
	struct local_heap *h = *per_cpu_ptr(heap->local, cpu);

	h->want = WANT_TRIM;
	on_cpu(cpu, do_kick, h);
}

/* CPU 0 frees a block of the general heap, and all that is empty there goes. */
void free_and_give_up(void *p)
{
	put(0, p);
	give_up_empty(&general_heap, 0);
}

void *reused;
size_t reused_size;

void reuse(void *arg)
{
	reused = get(2, reused_size);
}

void then_reuse(void *p)
{
	free_and_give_up(p);
	at_point("atomic_fetch_add", "", reuse, NULL);
}

unsigned int capacity_of(size_t size)
{
	return size_classes[class_of(size)].capacity;
}

/* All blocks of one superblock, if nothing of the class was there. */
void fill(unsigned int cpu, size_t size, void **p)
{
	unsigned int i;

	for (i = 0; i < capacity_of(size); i++)
		p[i] = get(cpu, size);
	expect(superblock_of(p[0]) == superblock_of(p[i - 1]),
	       "blocks of %zu bytes in two superblocks", size);
}

void put_all(unsigned int cpu, unsigned int nr, void **p)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		put(cpu, p[i]);
}

static bool memory_fails(int order, gfp_t gfp)
{
	if (!fail_in || --fail_in)
		return false;
	if (fail_times > 1) {
		fail_times--;
		fail_in = 1;
	}
	failed = true;
	return true;
}

/* The @nth request for memory from now on fails, and those after it. */
void fail_request(unsigned int nth, unsigned int times)
{
	fail_in = nth;
	fail_times = times;
	failed = false;
	stub_memory_fails = memory_fails;
}

/* Has one failed?  From now on none does. */
bool request_failed(void)
{
	stub_memory_fails = NULL;
	return failed;
}
