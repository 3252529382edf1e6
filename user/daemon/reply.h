/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests and answers of the control API, in JSON. */
#ifndef SLASH64_DAEMON_REPLY_H
#define SLASH64_DAEMON_REPLY_H

#include <jansson.h>
#include <stdbool.h>

#include "error.h"
#include "store.h"

struct evhttp_request;
struct evbuffer;
struct sites;

/* Send an object, and release it. NULL is answered as out of memory. */
void reply_object(struct evhttp_request *request, json_t *object);

/* Send one line of error with the HTTP code that the errno means. */
void reply_error(struct evhttp_request *request, int err, const struct error *error);

/* An answer of many objects, a line each, sent in pieces as the reader takes them. */
void reply_line(struct evbuffer *out, json_t *object);

/* The body of a request: an object with these keys and no others. NULL, with the error set. */
json_t *request_object(struct evhttp_request *request, const char *const *keys, struct error *error);

/* A parameter of the query, to be freed, or NULL. */
char *request_parameter(struct evhttp_request *request, const char *name);

/* A string of an object; NULL where it is missing or null. -EINVAL, with the error set, where it is no
 * string or too long.
 */
int object_text(const json_t *object, const char *key, size_t max, const char **text,
		struct error *error);

json_t *block_to_json(const struct store_block *block, const struct sites *sites, const char *note);
json_t *allow_to_json(const struct store_block *allow, const char *note);

#endif
