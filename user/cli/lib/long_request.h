/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests that may take minutes: a million blocks are unblocked, or blocked again by undo. */
#ifndef SLASH64_CLI_LIB_LONG_REQUEST_H
#define SLASH64_CLI_LIB_LONG_REQUEST_H

#include "cli/command.h"

/* POST, without a time limit. On a terminal, standard error shows `doing` and how long it has taken.
 * Returns the answer, or NULL.
 */
json_t *long_request(const struct context *context, const char *path, const json_t *body,
		     const char *key, const char *doing, struct error *error);

#endif
