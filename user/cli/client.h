/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests to slash64d over its Unix socket (docs/api.md). */
#ifndef SLASH64_CLI_CLIENT_H
#define SLASH64_CLI_CLIENT_H

#include <jansson.h>
#include <stdbool.h>

#include "error.h"

/* Each line of an answer, without its end. The return value other than 0 ends the request with it. */
typedef int (*client_line_t)(const char *line, void *data);

/* Send a request and hand out the answer line by line, in bounded memory. `body` may be NULL. An answer that
 * is an error is -EREMOTEIO, with the daemon's own line.
 */
int client_request(const char *socket, const char *method, const char *path, const json_t *body,
		   client_line_t line, void *data, struct error *error);

/* A path with one parameter of its query, escaped. To be freed. */
char *client_path(const char *path, const char *name, const char *value);

/* The one object of an answer, or NULL. */
json_t *client_object(const char *socket, const char *method, const char *path, const json_t *body,
		      struct error *error);

#endif
