/* SPDX-License-Identifier: GPL-2.0-only */
/* What to type next. slash64d says what failed, with a code and what it is about; what its user can
 * type is known to each program, which defines this function.
 */
#ifndef SLASH64_CLIENT_HINT_H
#define SLASH64_CLIENT_HINT_H

#include <jansson.h>

#define HINT_MAX 320

/* For a failure, {"error", "code", ...}: it replaces slash64d's own hint. NULL if its code has none.
 * Returns buf.
 */
const char *hint_of_failure(const json_t *failure, char buf[HINT_MAX]);

#endif
