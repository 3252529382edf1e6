/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests to slash64d over its Unix socket (docs/api.md). */
#ifndef SLASH64_CLI_CLIENT_H
#define SLASH64_CLI_CLIENT_H

#include <jansson.h>
#include <stdbool.h>

#include "error.h"

#define CLIENT_LINE_MAX	      (64 << 10) /* bytes of a line of a list */
#define CLIENT_OBJECT_MAX     (16 << 20) /* of an object: status has a row a counter */
#define CLIENT_CONNECT_MAX_MS 3000L
#define CLIENT_OBJECT_MAX_S   60L /* a list may take as long as its reader */

/* Each line of an answer, without its end. The return value other than 0 ends the request with it,
 * and the caller's own error; -EPROTO is explained by client_request().
 */
typedef int (*client_line_t)(const char *line, void *data);

/* Send a request and hand out the answer line by line, in bounded memory. `body` may be NULL. An
 * answer that is an error is -EREMOTEIO, with the daemon's own line.
 */
int client_request(const char *socket, const char *method, const char *path, const json_t *body,
		   client_line_t line, void *data, struct error *error);

/* A path with one parameter of its query, escaped. To be freed. */
char *client_path(const char *path, const char *name, const char *value);

/* The one object of an answer, or NULL. An object without the member `key` is no answer: nobody is
 * told that a prefix is blocked by what somebody else says.
 */
json_t *client_object(const char *socket, const char *method, const char *path, const json_t *body,
		      const char *key, struct error *error);

/* A line that is one JSON object, or NULL. Control characters in its texts, which would reach into
 * the terminal of the reader, become '?'.
 */
json_t *client_decode(const char *line);

#endif
