/* SPDX-License-Identifier: GPL-2.0-only */
/* A client of slash64d: the control API's own dispatch, routes and handlers, without a socket in
 * between.
 */
#ifndef SLASH64_MODEL_CLIENT_H
#define SLASH64_MODEL_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct event_base;

#define ANSWER_ERROR_MAX 512

struct answer {
	int code;
	char *text; /* the body */
	size_t bytes;
	json_t *object; /* if it is one */
	char error[ANSWER_ERROR_MAX];
};

/* Fails the history if docs/api.md does not describe the answer. */
void client_ask(const char *method, const char *uri, const char *body, struct answer *answer);
void client_forget(struct answer *answer);

/* Each line of an answer, as an object. */
typedef void (*client_each_t)(const json_t *row, void *data);
void client_each_line(const struct answer *answer, client_each_t each, void *data);

/* A request whose answer does not end (client_readers.h). */
void client_follow(const char *uri, bool reads);

/* Runs slash64d's loop as long as something is due. */
void client_turn(void);
void client_use(struct event_base *base);

/* Percent-encodes into a buffer of the client's. */
const char *client_escape(const char *text);

/* A time in an answer, seconds or ISO 8601; 0 for null, -1 if invalid. */
int64_t client_time_s(const json_t *value);

#endif
