// SPDX-License-Identifier: GPL-2.0
/*
 * A libFuzzer target: its bytes are a history, which plays as the random ones do.
 */
#include <stdlib.h>

#include "fuzz.h"
#include "history/world.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	world_init(false);
	/* The control: see run. */
	if (getenv("FUZZ_BREAK"))
		world_break_at = 3;
	return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct history h;

	if (!history_from_bytes(&h, data, size))
		return -1;
	world_play(&h);
	history_free(&h);
	return 0;
}
