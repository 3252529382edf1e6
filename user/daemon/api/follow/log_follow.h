/* SPDX-License-Identifier: GPL-2.0-only */
/* GET /v1/log?follow=1: changes as they are committed, without an end. */
#ifndef SLASH64_DAEMON_API_FOLLOW_LOG_FOLLOW_H
#define SLASH64_DAEMON_API_FOLLOW_LOG_FOLLOW_H

#include <jansson.h>

#include "base/error.h"

#define LOG_FOLLOWERS_MAX  64
#define LOG_FOLLOW_BEAT_S  15 /* an empty line, if there is nothing else to send */
#define LOG_FOLLOW_WRITE_S 30 /* a reader that takes nothing is cut off */

struct daemon;
struct evhttp_request;
struct store_change;
struct store_log_filter;

/* Changes behind `after`, or from now on. A reader costs a page of memory, however slow it is, and
 * keeps nothing from being written; a reader that takes nothing for 30 s is cut off. -errno:
 * nothing was answered. Otherwise answers the request.
 */
int log_follow(struct daemon *daemon, struct evhttp_request *request,
	       const struct store_log_filter *filter, struct error *error);

/* A row (endpoints/log.c). */
json_t *change_to_json(const struct store_change *change);

#endif
