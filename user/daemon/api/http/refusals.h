/* SPDX-License-Identifier: GPL-2.0-only */
/* Refused changes: each is a line in the journal, with the same fields as a change. */
#ifndef SLASH64_DAEMON_API_HTTP_REFUSALS_H
#define SLASH64_DAEMON_API_HTTP_REFUSALS_H

#include <jansson.h>

struct evhttp_request;

/* Tells of the failure of a request, as answered, if the request wanted a change and came over a
 * Unix socket. What is only tried (dry_run) is no change.
 */
void refusal_tell(struct evhttp_request *request, const json_t *failure);

#endif
