/* SPDX-License-Identifier: GPL-2.0-only */
/* Confirmations, on standard error, because the command's answer goes to standard output. */
#ifndef SLASH64_CLI_LIB_ASK_H
#define SLASH64_CLI_LIB_ASK_H

#include <jansson.h>
#include <stdbool.h>

#include "cli/command.h"

struct client;

/* Is there somebody to ask? */
bool ask_is_possible(void);

/* "QUESTION [y/N] ": anything but y means no. */
bool ask(const char *question);

/* An exit code, or -1 to go on: it was confirmed, or `yes` was given. `what` names it ("an undo"),
 * and `hint` is what a script uses instead ("--yes does it").
 */
int ask_first(const char *question, bool yes, const char *what, const char *hint);

/* Sends `body`, which is changed. A refusal with one of the codes is confirmed on the terminal, and
 * the request is sent again with that member true. NULL and the error if it remains refused.
 */
json_t *ask_object(const struct context *context, const char *method, const char *path,
		   json_t *body, const char *key, const char *const *codes, struct error *error);

/* Sends it once, without a question. NULL, the error, and the refusal if slash64d answered one. */
json_t *ask_send(struct client *client, const char *method, const char *path, const json_t *body,
		 const char *key, json_t **refusal, struct error *error);

#endif
