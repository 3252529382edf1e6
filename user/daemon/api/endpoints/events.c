// SPDX-License-Identifier: GPL-2.0-only
/* The control API: events as they happen. */
#include "daemon/api/follow/event_stream.h"
#include "daemon/api/handlers.h"
#include "daemon/api/http/reply.h"
#include "filter.h"

void control_get_events(struct daemon *daemon, struct evhttp_request *request)
{
	struct event_filter filter;
	struct error error;
	double per_second;
	int err = request_filter(daemon, request, &filter, &error);

	if (!err)
		err = request_number(request, "per_second", 0, EVENT_PER_SECOND_MAX, &per_second,
				     &error);
	if (!err)
		err = event_stream_start(daemon, request, &filter, per_second, &error);
	if (err)
		reply_error(request, err, &error);
}
