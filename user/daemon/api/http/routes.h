/* SPDX-License-Identifier: GPL-2.0-only */
/* The routes of the control API: path, method, parameters, and whether there is a body. */
#ifndef SLASH64_DAEMON_API_HTTP_ROUTES_H
#define SLASH64_DAEMON_API_HTTP_ROUTES_H

#include <stdbool.h>

struct daemon;
struct evhttp_request;

/* Raised when an answer changes its form, not when it gets another key. */
#define CONTROL_SCHEMA 2

/* Answers a request. A reader changes nothing. */
void control_route(struct daemon *daemon, struct evhttp_request *request, bool may_change);

/* Answers HEAD for a path that can be looked at: whether it is there, without its answer. */
void control_route_head(struct evhttp_request *request);

#endif
