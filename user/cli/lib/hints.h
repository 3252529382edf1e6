/* SPDX-License-Identifier: GPL-2.0-only */
/* What to type next: only the command knows the names of its verbs and options. That of a failure is
 * hint_of_failure().
 */
#ifndef SLASH64_CLI_LIB_HINTS_H
#define SLASH64_CLI_LIB_HINTS_H

#include <jansson.h>

#include "client/hint.h"

#define HINT_LINE_MAX 512

/* For a problem of the health in `status`: it comes behind the text. NULL if there is none. */
const char *hint_of_problem(const json_t *problem, char buf[HINT_MAX]);

/* For a feed that is not taken, by the code of its failure and its origin, likewise. */
const char *hint_of_feed(const char *code, const char *origin, char buf[HINT_MAX]);

/* A line of a list that was refused, of an import: "force" is an option of the command there. Of a
 * feed, where nothing can be forced, without that hint.
 */
const char *hint_in_import(const char *text, char buf[HINT_LINE_MAX]);
const char *hint_in_feed(const char *text, char buf[HINT_LINE_MAX]);

#endif
