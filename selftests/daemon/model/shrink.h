/* SPDX-License-Identifier: GPL-2.0-only */
/* The shortest history that breaks the rule. */
#ifndef SLASH64_MODEL_SHRINK_H
#define SLASH64_MODEL_SHRINK_H

#include <stdbool.h>
#include <stdint.h>

extern bool *shrink_kept; /* NULL: all steps are run */

/* main.c */
bool history_run(uint64_t seed, unsigned int steps);

/* The history of that seed has broken a rule: leave out what it does not need, and tell the rest in words. */
void shrink_tell(uint64_t seed, bool shrinks);

#endif
