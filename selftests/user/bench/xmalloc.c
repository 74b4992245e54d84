// SPDX-License-Identifier: GPL-2.0
/*
 * Lever and Boreham's xmalloc: half of the threads allocate objects and put
 * them on a shared list, a batch at a time; the others take the batches and
 * free them.  No thread ever frees what it allocated.
 *
 * An operation is an object's life: allocated here, freed there.
 */
#include <pthread.h>

#include "bench.h"

struct object {
	struct object *next;
	u64 stamp;		/* of its batch; wiped before the free */
};

struct batch {
	struct object *first;
	unsigned long n;
	u64 stamp;
};

static unsigned long objects = 10000000, size = 64, batch_objects = 4096;
static unsigned long backlog = 64;
static unsigned int producers, producing;

/* The shared list: the batch added last is taken first. */
static struct batch *list;
static unsigned long listed;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t can_put = PTHREAD_COND_INITIALIZER;
static pthread_cond_t can_take = PTHREAD_COND_INITIALIZER;

static const struct bench_option options[] = {
	{ "objects", &objects, 1, 1000000000000, "of all producers" },
	{ "size", &size, sizeof(struct object), 1 << 30,
	  "bytes of an object" },
	{ "batch", &batch_objects, 1, 1000000000, "objects put at a time" },
	{ "backlog", &backlog, 1, 1000000,
	  "batches on the list before producers wait" },
	{ }
};

static void put(const struct batch *batch)
{
	pthread_mutex_lock(&lock);
	while (listed == backlog)
		pthread_cond_wait(&can_put, &lock);
	list[listed++] = *batch;
	pthread_cond_signal(&can_take);
	pthread_mutex_unlock(&lock);
}

/* Returns 0 when there is nothing and nobody produces any more. */
static int take(struct batch *batch)
{
	int taken;

	pthread_mutex_lock(&lock);
	while (!listed && producing)
		pthread_cond_wait(&can_take, &lock);
	taken = listed > 0;
	if (taken) {
		*batch = list[--listed];
		pthread_cond_signal(&can_put);
	}
	pthread_mutex_unlock(&lock);
	return taken;
}

static void retire(void)
{
	pthread_mutex_lock(&lock);
	producing--;
	pthread_cond_broadcast(&can_take);
	pthread_mutex_unlock(&lock);
}

static void fill(struct batch *batch)
{
	struct object **link = &batch->first;

	for (unsigned long i = 0; i < batch->n; i++) {
		struct object *o = bench_malloc(size);

		o->stamp = batch->stamp;
		*link = o;
		link = &o->next;
	}
	*link = NULL;
}

static void empty(const struct batch *batch)
{
	struct object *o = batch->first, *next;
	unsigned long n = 0;

	for (; o; o = next, n++) {
		if (o->stamp != batch->stamp || n == batch->n)
			bench_fail("an object at %p is not of this batch",
				   (void *)o);
		next = o->next;
		o->stamp = 0;
		bench_keep(o);
		bench_free(o, size);
	}
	if (n != batch->n)
		bench_fail("a batch of %lu objects has %lu", batch->n, n);
}

static void produce(unsigned int id)
{
	unsigned long left = bench_share(objects, id, producers);
	struct batch batch = { .stamp = (u64)(id + 1) << 32 };

	for (; left; left -= batch.n) {
		batch.stamp++;
		batch.n = left < batch_objects ? left : batch_objects;
		fill(&batch);
		bench_live_flush();
		put(&batch);
	}
	retire();
}

static void consume(void)
{
	struct batch batch;

	while (take(&batch)) {
		empty(&batch);
		bench_live_flush();
	}
}

static void work(unsigned int id)
{
	if (id < producers)
		produce(id);
	else
		consume();
}

int main(int argc, char **argv)
{
	unsigned int nr;
	u64 ns;

	bench_options(argc, argv,
		      "Half of the threads (two at least) allocate batches, the others free them.",
		      options);
	nr = bench_threads < 2 ? 2 : bench_threads;
	producers = nr / 2;
	producing = producers;
	list = bench_pages(backlog * sizeof(*list));
	bench_begin();
	ns = bench_run(nr, work);
	bench_report(ns, objects);
	return 0;
}
