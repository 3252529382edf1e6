/* SPDX-License-Identifier: GPL-2.0-only */
/* Commands that are answered by one object: send, print, done. */
#ifndef SLASH64_CLI_ANSWER_H
#define SLASH64_CLI_ANSWER_H

#include "cli/command.h"

/* For a person; `data` is the command's own. */
typedef void (*answer_print_t)(const json_t *answer, void *data);

/* Send a request, and print its answer by `print`, or as JSON. Returns an exit code. Takes over the
 * path and the body; a path of NULL is one there was no memory for.
 */
int answer_of(const struct context *context, const char *method, char *path, json_t *body,
	      const char *key, answer_print_t print, void *data);

/* Each of an answer about several prefixes, or the one. */
void answer_print(const struct context *context, const json_t *answer, answer_print_t print,
		  void *data);
/* What an answer has: that of a body or query with so many prefixes. */
const char *answer_key(const json_t *prefixes);

/* The note of an answer, where it has one. */
void answer_note(const json_t *answer);

#endif
