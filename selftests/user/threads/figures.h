/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What hoardk says of itself when all blocks are freed.  Task context.
 */
#ifndef HAMMER_FIGURES_H
#define HAMMER_FIGURES_H

/* Frees that were bad on purpose; of these, such as cannot be second frees. */
extern unsigned long figures_bad, figures_wild;

void figures_settle(void);
void figures_compare(void);

#endif /* HAMMER_FIGURES_H */
