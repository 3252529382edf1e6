/* SPDX-License-Identifier: GPL-2.0-only */
/* The lines of a feed file that were not imported. */
#ifndef SLASH64_CLI_LIB_OUTPUT_FEED_OUTPUT_H
#define SLASH64_CLI_LIB_OUTPUT_FEED_OUTPUT_H

#include <jansson.h>
#include <stdio.h>

/* How many, and the first of them with number and reason, each on a line behind `prefix`; nothing
 * if there is none. `feed` is an object of the status or of the answer to a reload.
 */
void feed_print_problems(FILE *out, const char *prefix, const json_t *feed);

#endif
