/* SPDX-License-Identifier: GPL-2.0-only */
/* The filter of packets in a query: of events, `top` and captures. */
#ifndef SLASH64_DAEMON_API_ENDPOINTS_FILTER_H
#define SLASH64_DAEMON_API_ENDPOINTS_FILTER_H

#include "daemon/events/event_filter.h"

struct daemon;
struct evhttp_request;

/* The parameters are source, destination, class, reason, verdict and interface. -EINVAL; -ENOENT if there is no such interface. */
int request_filter(const struct daemon *daemon, struct evhttp_request *request,
		   struct event_filter *filter, struct error *error);

#endif
