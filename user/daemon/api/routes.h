/* SPDX-License-Identifier: GPL-2.0-only */
/* What the control API takes: which path with which method, which parameters, and whether with a body. */
#ifndef SLASH64_DAEMON_CONTROL_ROUTES_H
#define SLASH64_DAEMON_CONTROL_ROUTES_H

#include <stdbool.h>

struct daemon;
struct evhttp_request;

/* Raised where an answer changes its form, and not where it has one key more. */
#define CONTROL_SCHEMA 2

/* Answer a request. Who may only look changes nothing. */
void control_route(struct daemon *daemon, struct evhttp_request *request, bool may_change);

#endif
