/* SPDX-License-Identifier: GPL-2.0-only */
/* Commands that are answered by one object: send, print, done. */
#ifndef SLASH64_CLI_LIB_REQUEST_H
#define SLASH64_CLI_LIB_REQUEST_H

#include "cli/command.h"

/* For a person; `data` belongs to the command. */
typedef void (*answer_print_t)(const json_t *answer, void *data);

/* Sends a request, and prints its answer with `print`, or as JSON. Returns an exit code. Takes over
 * path and body; a path of NULL counts as out of memory.
 */
int answer_of(const struct context *context, const char *method, char *path, json_t *body,
	      const char *key, answer_print_t print, void *data);

/* Each part of an answer about several prefixes, or the single one. */
void answer_print(const struct context *context, const json_t *answer, answer_print_t print,
		  void *data);
/* The shape of an answer: that of a body or query with that many prefixes. */
const char *answer_key(const json_t *prefixes);

/* Why the order of an answer would be refused, and what to type: its `refusal`, or `refused` of
 * slash64d without it.
 */
const char *refusal_text(const json_t *answer, struct error *why);

/* The note of an answer, if it has one. */
void answer_note(const json_t *answer);

#endif
