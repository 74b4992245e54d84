/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What libFuzzer calls.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include "arith.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#endif /* FUZZ_FUZZ_H */
