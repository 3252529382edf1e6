/* SPDX-License-Identifier: GPL-2.0-only */
/* What to type next. slash64d says what failed, with a code and what it is about; only the command
 * knows the names of its verbs and options.
 */
#ifndef SLASH64_CLI_LIB_HINTS_H
#define SLASH64_CLI_LIB_HINTS_H

#include <jansson.h>

#define HINT_MAX 320

/* For a failure, {"error", "code", ...}: it replaces slash64d's own hint. NULL if its code has none.
 * Returns buf.
 */
const char *hint_of_failure(const json_t *failure, char buf[HINT_MAX]);

/* For a problem of the health in `status`: it comes behind the text. NULL if there is none. */
const char *hint_of_problem(const json_t *problem, char buf[HINT_MAX]);

/* For a feed that is not taken, by the code of its failure and its origin, likewise. */
const char *hint_of_feed(const char *code, const char *origin, char buf[HINT_MAX]);

#endif
