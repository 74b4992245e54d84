// SPDX-License-Identifier: GPL-2.0
/*
 * How blocks travel: a table of parcels, one in each place at any time.  An
 * actor fills the parcel in its hand, exchanges it for the one in a random
 * place and drops the blocks it got.  So everybody frees everybody's blocks, in
 * every context, long after their makers may have ended; and nobody waits.
 *
 * The exchange is a release of the blocks given and an acquire of those got.
 */
#include "hammer.h"

#define PLACES_PER_THREAD	16
/* Blocks that an interrupt puts into a parcel. */
#define INTERRUPT_BLOCKS	3

static struct parcel **places;
static unsigned int nr_places;

/* Not from an interrupt. */
struct parcel *parcel_new(void)
{
	struct parcel *parcel = calloc(1, sizeof(*parcel));

	if (!parcel)
		stub_bug("no memory for a parcel");
	return parcel;
}

void parcels_init(void)
{
	unsigned int i;

	nr_places = options.threads * PLACES_PER_THREAD;
	places = calloc(nr_places, sizeof(*places));
	for (i = 0; i < nr_places; i++)
		places[i] = parcel_new();
}

static void parcel_fill(struct actor *a, struct parcel *parcel)
{
	unsigned int n = a->context == TASK ? PARCEL_BLOCKS : INTERRUPT_BLOCKS;

	n = 1 + actor_below(a, n);
	if (!actor_below(a, 4)) {
		parcel->nr = block_make_bulk(a, parcel->block, n);
		return;
	}
	while (n--)
		if (block_make(a, &parcel->block[parcel->nr]))
			parcel->nr++;
}

static void parcel_empty(struct actor *a, struct parcel *parcel)
{
	if (actor_below(a, 4))
		while (parcel->nr)
			block_drop(a, &parcel->block[--parcel->nr]);
	else
		block_drop_bulk(a, parcel->block, parcel->nr);
	parcel->nr = 0;
}

/* Make some blocks, and drop some of others'. */
void parcel_trade(struct actor *a)
{
	struct parcel **place = &places[actor_below(a, nr_places)];

	parcel_fill(a, a->hand);
	a->hand = __atomic_exchange_n(place, a->hand, __ATOMIC_ACQ_REL);
	parcel_empty(a, a->hand);
	a->tally.parcels++;
}

/* At the end, when nobody else trades. */
void parcels_drain(struct actor *a)
{
	unsigned int i;

	for (i = 0; i < nr_places; i++) {
		parcel_empty(a, places[i]);
		free(places[i]);
	}
	free(places);
}
