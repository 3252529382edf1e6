/* SPDX-License-Identifier: GPL-2.0-only */
/* A request about one prefix, or about several as one change: all or nothing. */
#ifndef SLASH64_DAEMON_API_ENDPOINTS_BLOCKS_EACH_H
#define SLASH64_DAEMON_API_ENDPOINTS_BLOCKS_EACH_H

#include <jansson.h>

#include "base/error.h"

struct actor;
struct daemon;
struct named_prefix;
struct evhttp_request;

/* Handles one prefix: 0 and *answer, or -errno with the error set. Its writes are within a transaction for all prefixes.
 */
struct each {
	int (*one)(struct daemon *daemon, const struct actor *actor,
		   const struct named_prefix *named, void *data, json_t **answer,
		   struct error *error);
	void *data;
};

/* `prefix` of the object, whose answer is sent as it is, or `prefixes`, at most PREFIXES_FEW, whose
 * answers are sent as {"prefixes":[...]}.
 */
void control_each(struct daemon *daemon, struct evhttp_request *request, const struct actor *actor,
		  const json_t *object, const struct each *each);

/* The same for a query, where `prefixes` are separated by commas. */
void control_each_query(struct daemon *daemon, struct evhttp_request *request,
			const struct actor *actor, const struct each *each);

#endif
