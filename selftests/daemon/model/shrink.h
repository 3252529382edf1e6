/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds the shortest history that breaks a promise. */
#ifndef SLASH64_MODEL_SHRINK_H
#define SLASH64_MODEL_SHRINK_H

#include <stdbool.h>
#include <stdint.h>

extern bool *shrink_kept; /* NULL: all steps are run */

/* main.c */
bool history_run(uint64_t seed, unsigned int steps);

/* The history of that seed broke a promise: leaves out unneeded steps, and describes the rest. */
void shrink_tell(uint64_t seed, bool shrinks);

#endif
