// SPDX-License-Identifier: GPL-2.0
/*
 * Histories: made from a seed or from a fuzzer's bytes, written to and read from
 * text.
 */
#include <stdlib.h>

#include "op.h"

const char *const setup_policies[4] = {
	"global", "local", "ownership", "hoard",
};

static const char *const op_names[NR_OPS] = {
#define OP_NAME(name, a, b, c)	#name,
	OPS(OP_NAME)
#undef OP_NAME
};

/*
 * How often an operation comes while a history grows, and while it shrinks, of
 * about 1000.
 */
static const struct {
	u16 flood, ebb;
} op_weights[NR_OPS] = {
	[OP_alloc] = { 330, 160 },
	[OP_heap_alloc] = { 90, 40 },
	[OP_memalign] = { 30, 15 },
	[OP_free] = { 150, 350 },
	[OP_realloc] = { 70, 50 },
	[OP_bulk_alloc] = { 25, 10 },
	[OP_bulk_free] = { 15, 45 },
	[OP_usable] = { 10, 10 },
	[OP_touch] = { 20, 20 },
	[OP_heap_create] = { 8, 8 },
	[OP_heap_destroy] = { 4, 8 },
	[OP_cpu_down] = { 6, 8 },
	[OP_work] = { 100, 100 },
	[OP_settle] = { 10, 10 },
	[OP_advance] = { 25, 25 },
	[OP_grace_period] = { 15, 15 },
	[OP_give_back] = { 1, 3 },
	[OP_shrink] = { 3, 3 },
	[OP_fail] = { 20, 10 },
	[OP_interrupt] = { 60, 60 },
	[OP_double_free] = { 8, 12 },
	[OP_wild_free] = { 12, 12 },
	[OP_read] = { 4, 4 },
};

/* S. Vigna's splitmix64. */
static u64 draw(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static u32 below(u64 *state, u32 limit)
{
	return draw(state) % limit;
}

/* Few sizes are used much, all are used, and some are large. */
static u32 draw_size(u64 *state, u64 favourite)
{
	switch (below(state, 16)) {
	case 0 ... 7:
		return 8 + (favourite >> below(state, 3) * 12) % 1200;
	case 8 ... 12:
		return 1 + below(state, 1 << below(state, 11));
	case 13 ... 14:
		return 1 + below(state, 17000);
	default:
		return 1 + below(state, below(state, 8) ? 60000 : 6000000);
	}
}

static u8 draw_kind(u64 *state, bool ebb)
{
	unsigned int sum = 0, at;
	u8 kind;

	for (kind = 0; kind < NR_OPS; kind++)
		sum += ebb ? op_weights[kind].ebb : op_weights[kind].flood;
	at = below(state, sum);
	for (kind = 0; kind < NR_OPS - 1; kind++) {
		unsigned int w = ebb ? op_weights[kind].ebb :
				       op_weights[kind].flood;

		if (at < w)
			break;
		at -= w;
	}
	return kind;
}

static void draw_setup(struct setup *s, u64 *state, const char *policy)
{
	unsigned int i;

	s->policy = below(state, 4);
	for (i = 0; i < 4; i++)
		if (policy && !strcmp(policy, setup_policies[i]))
			s->policy = i;
	s->slack = below(state, 2) ? 1 + below(state, 3) : 32;
	s->empty_percent = below(state, 2) ? 50 : 20 + below(state, 71);
	s->cpus = 1 + below(state, CPUS_MAX);
	s->init_on_alloc = !below(state, 4);
	s->init_on_free = !below(state, 8);
	s->free_at_unload = !below(state, 8);
}

/* The same history for the same seed; @policy may be NULL: any. */
void history_random(struct history *h, u64 seed, const char *policy,
		    size_t steps)
{
	u64 state = seed, favourite, turn = 0;
	size_t i;

	draw_setup(&h->setup, &state, policy);
	h->nr = steps;
	h->ops = calloc(steps, sizeof(*h->ops));
	favourite = draw(&state);
	for (i = 0; i < steps; i++) {
		struct op *op = &h->ops[i];

		/* Floods and ebbs last differently long. */
		if (!below(&state, 150))
			turn = draw(&state);
		op->kind = draw_kind(&state, turn % 5 > 2);
		op->cpu = below(&state, h->setup.cpus);
		op->a = draw(&state) >> 32;
		op->b = draw(&state) >> 32;
		op->c = draw(&state) >> 32;
		switch (op->kind) {
		case OP_alloc:
		case OP_heap_alloc:
		case OP_memalign:
		case OP_realloc:
		case OP_bulk_alloc:
			op->b = draw_size(&state, favourite);
			break;
		}
	}
}

/* Bytes of a setup and of an operation. */
#define SETUP_BYTES	3
#define OP_BYTES	8

/*
 * A fuzzer's bytes: three for the setup, eight for each operation.  False if
 * they are too few for anything.
 */
bool history_from_bytes(struct history *h, const u8 *data, size_t size)
{
	struct op *op;

	if (size < SETUP_BYTES + OP_BYTES)
		return false;
	h->setup = (struct setup){
		.policy = data[0] % 4,
		.cpus = 1 + data[0] / 4 % CPUS_MAX,
		.init_on_alloc = data[0] >> 4 & 1,
		.init_on_free = data[0] >> 5 & 1,
		.free_at_unload = data[0] >> 6 & 1,
		.slack = 1 + data[1] % 40,
		.empty_percent = 20 + data[2] % 71,
	};
	data += SETUP_BYTES;
	h->nr = (size - SETUP_BYTES) / OP_BYTES;
	h->ops = calloc(h->nr, sizeof(*h->ops));
	for (op = h->ops; op < h->ops + h->nr; op++, data += OP_BYTES) {
		op->kind = data[0] % NR_OPS;
		op->cpu = data[1];
		op->a = data[2];
		op->b = data[3] | data[4] << 8 | data[5] << 16;
		op->c = data[6] | data[7] << 8;
	}
	return true;
}

/* The opposite, as far as @size goes; operands lose what has no room. */
size_t history_to_bytes(const struct history *h, u8 *data, size_t size)
{
	const struct setup *s = &h->setup;
	const u8 *start = data, *end = data + size;
	const struct op *op;

	*data++ = s->policy | (s->cpus - 1) << 2 | s->init_on_alloc << 4 |
		  s->init_on_free << 5 | s->free_at_unload << 6;
	*data++ = (s->slack - 1) % 40;
	*data++ = s->empty_percent - 20;
	for (op = h->ops; op < h->ops + h->nr && data + OP_BYTES <= end; op++) {
		*data++ = op->kind;
		*data++ = op->cpu;
		*data++ = op->a;
		*data++ = op->b;
		*data++ = op->b >> 8;
		*data++ = op->b >> 16;
		*data++ = op->c;
		*data++ = op->c >> 8;
	}
	return data - start;
}

void history_print(const struct history *h, FILE *out)
{
	const struct setup *s = &h->setup;
	const struct op *op;

	fprintf(out, "setup %u %u %u %u %u %u %u\n", s->policy, s->slack,
		s->empty_percent, s->cpus, s->init_on_alloc, s->init_on_free,
		s->free_at_unload);
	for (op = h->ops; op < h->ops + h->nr; op++)
		fprintf(out, "%s %u %u %u %u\n", op_names[op->kind], op->cpu,
			op->a, op->b, op->c);
}

static int parse_op(struct op *op, const char *line)
{
	char name[32];
	unsigned int cpu;
	u8 kind;

	if (sscanf(line, "%31s %u %u %u %u", name, &cpu, &op->a, &op->b,
		   &op->c) != 5)
		return -EINVAL;
	op->cpu = cpu;
	for (kind = 0; kind < NR_OPS; kind++)
		if (!strcmp(name, op_names[kind])) {
			op->kind = kind;
			return 0;
		}
	return -EINVAL;
}

/* 0, or the number of the first line that is wrong; lines with # are comments. */
int history_parse(struct history *h, FILE *in)
{
	struct setup *s = &h->setup;
	char line[256];
	int n = 0;

	*h = (struct history){ 0 };
	while (fgets(line, sizeof(line), in)) {
		n++;
		if (*line == '#' || *line == '\n')
			continue;
		if (sscanf(line, "setup %u %u %u %u %u %u %u", &s->policy,
			   &s->slack, &s->empty_percent, &s->cpus,
			   &s->init_on_alloc, &s->init_on_free,
			   &s->free_at_unload) == 7)
			continue;
		h->ops = realloc(h->ops, (h->nr + 1) * sizeof(*h->ops));
		if (!s->cpus || parse_op(&h->ops[h->nr++], line))
			return n;
	}
	return s->cpus && s->cpus <= CPUS_MAX && s->policy < 4 ? 0 : 1;
}

void history_free(struct history *h)
{
	free(h->ops);
	*h = (struct history){ 0 };
}
