// SPDX-License-Identifier: GPL-2.0-only
#include "filter.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/api/http/reply.h"
#include "daemon/daemon.h"

static int set_interface(const struct daemon *daemon, const char *name, struct event_filter *filter,
			 struct error *error)
{
	const struct iface *iface = ifaces_find_any(&daemon->ifaces, name);

	if (!iface)
		return ifaces_not_attached(name, error);
	filter->slot = iface->slot;
	return 0;
}

int request_filter(const struct daemon *daemon, struct evhttp_request *request,
		   struct event_filter *filter, struct error *error)
{
	static const char *const keys[] = {"source", "destination", "class", "reason", "verdict"};
	char *text = request_parameter(request, "interface");
	int err = 0;

	event_filter_init(filter);
	if (text)
		err = set_interface(daemon, text, filter, error);
	free(text);
	for (size_t i = 0; !err && i < sizeof(keys) / sizeof(keys[0]); i++) {
		text = request_parameter(request, keys[i]);
		if (text)
			err = event_filter_set(filter, keys[i], text, error);
		free(text);
	}
	return err;
}
