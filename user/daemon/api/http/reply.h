/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests and answers of the control API, in JSON. */
#ifndef SLASH64_DAEMON_API_HTTP_REPLY_H
#define SLASH64_DAEMON_API_HTTP_REPLY_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "daemon/store/store.h"

struct evhttp_request;
struct evbuffer;
struct failure;
struct blocks;

/* Sends an object, and releases it. NULL is answered as out of memory. */
void reply_object(struct evhttp_request *request, json_t *object);

/* Sends a failure with the status for the errno. */
void reply_error(struct evhttp_request *request, int err, const struct error *error);

/* For a failure without an errno. */
void reply_failure(struct evhttp_request *request, enum error_code code, const struct error *error);

/* {"error", "code", "hint"} and the error's members, as answered, and as the last line of a list that is cut off. */
json_t *failure_to_json(const struct failure *failure, const struct error *error);

/* The same with more members, which are released; NULL: none. */
void reply_error_with(struct evhttp_request *request, int err, const struct error *error,
		      json_t *members);

/* An answer of many objects, a line each, sent in pieces as the reader takes them. */
void reply_line(struct evbuffer *out, json_t *object);

void reply_list_header(struct evhttp_request *request);

/* Sends all lines at once. */
void reply_list(struct evhttp_request *request, struct evbuffer *lines);

/* The body of a request: an object with these keys and no others. NULL, with the error set. */
json_t *request_object(struct evhttp_request *request, const char *const *keys,
		       struct error *error);

/* A parameter of the query, to be freed, or NULL. */
char *request_parameter(struct evhttp_request *request, const char *name);

/* A number above 0 in the query, such as 1.5; `standard` if absent. */
int request_number(struct evhttp_request *request, const char *name, double standard, uint32_t max,
		   double *value, struct error *error);
/* A whole number in the query; *value is unchanged if absent. */
int request_count(struct evhttp_request *request, const char *name, uint32_t min, int64_t max,
		  int64_t *value, struct error *error);
/* A time in the query, RFC 3339 or seconds since 1970; *ms is unchanged if absent. */
int request_time(struct evhttp_request *request, const char *name, int64_t *ms,
		 struct error *error);
/* "1" or "true" */
bool request_flag(struct evhttp_request *request, const char *name);

/* A string of an object; NULL if absent or null. -EINVAL, with the error set, if it is no string or
 * too long.
 */
int object_text(const json_t *object, const char *key, size_t max, const char **text,
		struct error *error);

int object_flag(const json_t *object, const char *key, bool *flag, struct error *error);
/* A whole number of at least 1; 0 if absent or null. */
int object_count(const json_t *object, const char *key, uint32_t max, uint32_t *count,
		 struct error *error);

/* Any bytes: invalid UTF-8 is escaped, so that the row is not lost. */
json_t *text_to_json(const char *text);
json_t *text_or_null(const char *text);

/* RFC 3339, in whole seconds; null for 0. */
json_t *time_to_json(int64_t ms);
/* With milliseconds. */
json_t *exact_time_to_json(int64_t ms);

/* The two check letters of a prefix for the telephone, or null. */
json_t *check_to_json(const struct prefix *prefix);

json_t *block_to_json(const struct store_block *block, const struct blocks *blocks,
		      const char *note);
json_t *allow_to_json(const struct store_block *allow, const char *note);

#endif
