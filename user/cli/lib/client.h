/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests to slash64d over its Unix socket (docs/api.md). */
#ifndef SLASH64_CLI_CLIENT_H
#define SLASH64_CLI_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define CLIENT_LINE_MAX	      (64 << 10) /* bytes of a line of a list */
#define CLIENT_OBJECT_MAX     (16 << 20) /* of an object: status has a row a counter */
#define CLIENT_CONNECT_MAX_MS 3000L
#define CLIENT_OBJECT_MAX_S   60L /* a list may take longer, if something of it comes */

#define CLIENT_TYPE_JSON "Content-Type: application/json"
#define CLIENT_TYPE_TEXT "Content-Type: text/plain"

/* --- one request --- */

/* Each line of an answer, without its end. The return value other than 0 ends the request with it,
 * and the caller's own error; -EPROTO is explained by the client.
 */
typedef int (*client_line_t)(const char *line, void *data);

/* Get a list and hand it out line by line, in bounded memory. An answer that is an error is
 * -EREMOTEIO, with the daemon's own line. A `path` of NULL is one there was no memory for.
 */
int client_request(const char *socket, const char *path, client_line_t line, void *data,
		   struct error *error);

/* The one object of an answer, or NULL. An object without the member `key` is no answer: nobody is
 * told that a prefix is blocked by what somebody else says. `body` may be NULL.
 */
json_t *client_object(const char *socket, const char *method, const char *path, const json_t *body,
		      const char *key, struct error *error);

/* A path and its query, grown by a parameter, which is escaped; a value of NULL adds none. NULL
 * where there is no memory, and stays so. To be freed.
 */
char *client_path(const char *path);
char *client_path_add(char *path, const char *name, const char *value);

/* A line that is one JSON object, or NULL. Control characters in its texts, which would reach into
 * the terminal of the reader, become '?'.
 */
json_t *client_decode(const char *line);

/* What an answer, or the last line of a list, fails with: what it says and what to do about it. False: it does not. */
bool client_failure(const json_t *object, struct error *error);

/* --- many requests over one connection --- */

struct client;

int client_open(struct client **client, const char *socket, struct error *error);
void client_close(struct client *client); /* NULL is fine */

/* Asked while a request is under way, once a second and more; true ends it with -EINTR. NULL:
 * never.
 */
typedef bool (*client_stop_t)(void *data);
void client_stop_at(struct client *client, client_stop_t stop, void *data);

struct client_call {
	const char *method, *path;
	const void *body; /* NULL: none */
	size_t bytes;
	const char *type; /* of the body, CLIENT_TYPE_... */
	long seconds_max; /* 0: as long as it takes */
	int *err;	  /* where it fails, -errno goes here; NULL: nobody asks */
	/* where it is refused, the whole object goes here; NULL: only its error is told */
	json_t **refusal;
};

/* As client_request() and client_object(). */
int client_list(struct client *client, const char *path, client_line_t line, void *data,
		struct error *error);
json_t *client_ask(struct client *client, const struct client_call *call, const char *key,
		   struct error *error);

#endif
