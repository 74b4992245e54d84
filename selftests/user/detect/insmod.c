// SPDX-License-Identifier: GPL-2.0
/*
 * Loading and unloading the module, and what must hold then.
 */
#include "detect.h"

static char text[256];

/* What insmod would find as the linker left it, since it loads the module anew. */
static void forget(void)
{
	memset(&account, 0, sizeof(account));
	memset(&general_heap, 0, sizeof(general_heap));
	heaps = (struct list_head)LIST_HEAD_INIT(heaps);
	stub_param_set("policy", "hoard");
	stub_param_set("slack", "32");
	stub_param_set("empty_percent", "50");
	stub_param_set("checks", "none");
	stub_param_set("free_at_unload", "0");
	stub_param_set("fail_nth", "0");
	stub_param_set("fail_times", "1");
}

int insmod_try(const char *params)
{
	char *word, *value;
	int err;

	cpu_set_possible(CPUS);
	steps_on_cpu(0);
	forget();
	strscpy(text, params ?: "", sizeof(text));
	for (word = strtok(text, " "); word; word = strtok(NULL, " ")) {
		value = strchr(word, '=');
		*value++ = '\0';
		err = stub_param_set(word, value);
		expect(!err, "parameter %s: %d", word, err);
	}
	return stub_module_load();
}

void insmod(const char *params)
{
	int err = insmod_try(params);

	expect(!err, "it is not loaded: %d", err);
	expect_said("hoardk: loaded: policy *, K = *, f = * %%, * CPUs, checks *");
}

void pass_second(void)
{
	unsigned int i;

	for (i = 0; i < 5; i++) {
		steps_advance(200);
		steps_settle();
		steps_grace_period();
	}
}

void expect_nothing_left(void)
{
	expect_is(stub_pages_taken(), 0);
	expect_is(stub_vmalloc_bytes(), 0);
}

void rmmod(void)
{
	steps_on_cpu(0);
	pass_second();
	expect_sound(0);
	expect_is(atomic_long_read(&account.held.now), 0);
	expect_is(stub_module_unload(), 0);
	expect_nothing_left();
}

long double_frees(void)
{
	return atomic_long_read(&account.double_frees);
}

long invalid_frees(void)
{
	return atomic_long_read(&account.invalid_frees);
}

void expect_sound(size_t in_use)
{
	struct hoardk_heap *heap;
	int cpu;

	/* Whatever was looked at before. */
	list_for_each_entry(heap, &heaps, link)
		for_each_possible_cpu(cpu) {
			struct local_heap *h = *per_cpu_ptr(heap->local, cpu);

			if (h != &busy_heap)
				h->verified = 0;
		}
	expect_is(hoardk_verify(), 0);
	expect_is(hoardk_heap_in_use(NULL), in_use);
}
