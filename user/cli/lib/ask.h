/* SPDX-License-Identifier: GPL-2.0-only */
/* What is asked before it is done. On standard error, as the answer of the command goes to standard output. */
#ifndef SLASH64_CLI_ASK_H
#define SLASH64_CLI_ASK_H

#include <jansson.h>
#include <stdbool.h>

#include "cli/command.h"

/* Is there somebody to be asked? */
bool ask_is_possible(void);

/* "QUESTION [y/N] ": anything but y is no. */
bool ask(const char *question);

/* An exit code, or -1 to go on: it was agreed, or `yes` was given. `what` is what it is called ("an undo"), and `hint` what a
 * script says instead ("--yes does it").
 */
int ask_first(const char *question, bool yes, const char *what, const char *hint);

/* Send `body`, which is changed. Where it is refused with one of the codes, each is put to who sits at the terminal, and
 * sent again with the member of that name true. NULL and the error where it stays refused.
 */
json_t *ask_object(const struct context *context, const char *method, const char *path,
		   json_t *body, const char *key, const char *const *codes, struct error *error);

#endif
