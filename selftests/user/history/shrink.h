/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finding the short history in a long one that fails.
 */
#ifndef HISTORY_SHRINK_H
#define HISTORY_SHRINK_H

#include "op.h"

bool history_fails(const struct history *h, bool loud);
void history_shrink(struct history *h);

#endif /* HISTORY_SHRINK_H */
