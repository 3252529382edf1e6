/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests to slash64d over its Unix socket (docs/api.md). */
#ifndef SLASH64_CLIENT_CLIENT_H
#define SLASH64_CLIENT_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define CLIENT_LINE_MAX	      (64 << 10) /* bytes of a line of a list */
#define CLIENT_OBJECT_MAX     (16 << 20) /* of an object: status has a row for each counter */
#define CLIENT_CONNECT_MAX_MS 3000L
#define CLIENT_OBJECT_MAX_S   60L /* a list may take longer, if something of it comes */
#define CLIENT_WAITING_S      2	  /* an answer usually takes milliseconds */

#define CLIENT_TYPE_JSON "Content-Type: application/json"
#define CLIENT_TYPE_TEXT "Content-Type: text/plain"

/* --- one request --- */

/* Called for each line of an answer, without its end. A nonzero return value ends the request with
 * it, and the error is the caller's; the client explains -EPROTO.
 */
typedef int (*client_line_t)(const char *line, void *data);

/* Gets a list and passes it on line by line, in bounded memory. An answer that is an error is
 * -EREMOTEIO, with the daemon's own line. A `path` of NULL counts as out of memory.
 */
int client_request(const char *socket, const char *path, client_line_t line, void *data,
		   struct error *error);

/* The single object of an answer, or NULL. An object without the member `key` is no answer: some
 * other program must not make us claim that a prefix is blocked. `body` may be NULL.
 */
json_t *client_object(const char *socket, const char *method, const char *path, const json_t *body,
		      const char *key, struct error *error);

/* A path and its query, extended by an escaped parameter; a value of NULL adds nothing. NULL if out
 * of memory, and stays NULL. To be freed.
 */
char *client_path(const char *path);
char *client_path_add(char *path, const char *name, const char *value);

/* A line that is one JSON object, or NULL. Control characters in its texts, which would reach the
 * reader's terminal, become '?'.
 */
json_t *client_decode(const char *line);

/* The error of an answer, or of the last line of a list: the message, and what to type (hints.h) or
 * the hint. False if it has none.
 */
bool client_failure(const json_t *object, struct error *error);

/* Why slash64d cannot be reached, and what to do, for what connects by itself. `looking`: it changes
 * nothing. Returns the error.
 */
int client_unreachable(const char *socket, int os_error, bool looking, struct error *error);
/* May it be the path of a socket? */
int client_check_socket(const char *socket, struct error *error);

/* --- many requests over one connection --- */

struct client;

int client_open(struct client **client, const char *socket, struct error *error);
void client_close(struct client *client); /* NULL is fine */

/* Called once per second and more during a request; true ends it with -EINTR. NULL: never. */
typedef bool (*client_stop_t)(void *data);
void client_stop_at(struct client *client, client_stop_t stop, void *data);

/* Called when a request has been accepted, before the first line of its answer. */
typedef void (*client_begun_t)(void *data);
void client_begun_at(struct client *client, client_begun_t begun, void *data);

/* While slash64d does not answer, tell so on standard error, if that is a terminal: from
 * CLIENT_WAITING_S on, and not for a call that may take longer than CLIENT_OBJECT_MAX_S, whose caller
 * shows what it does. client_request() and client_object() do.
 */
void client_tell_waiting(struct client *client);

struct client_call {
	const char *method, *path;
	const void *body; /* NULL: none */
	size_t bytes;
	const char *type; /* of the body, CLIENT_TYPE_... */
	long seconds_max; /* 0: no limit */
	int *err;	  /* receives -errno of a failure; NULL: not needed */
	/* receives the whole object of a refusal; NULL: only its error is reported */
	json_t **refusal;
};

/* As client_request() and client_object(). */
int client_list(struct client *client, const char *path, client_line_t line, void *data,
		struct error *error);
json_t *client_ask(struct client *client, const struct client_call *call, const char *key,
		   struct error *error);

#endif
