// SPDX-License-Identifier: GPL-2.0-only
#include "sd_notify.h"

#include <errno.h>
#include <event2/event.h>
#include <systemd/sd-daemon.h>

#include "daemon.h"

static void on_watchdog(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	(void)data;
	sd_notify(0, "WATCHDOG=1");
}

/* From the event loop, so that a hanging loop is detected; twice as often as required. */
static int feed_watchdog(struct daemon *daemon)
{
	uint64_t span_us;
	struct timeval span;

	if (sd_watchdog_enabled(0, &span_us) <= 0)
		return 0;
	span = (struct timeval){span_us / 2 / 1000000, span_us / 2 % 1000000};
	return daemon_add_event(daemon,
				event_new(daemon->base, -1, EV_PERSIST, on_watchdog, daemon),
				&span);
}

int service_ready(struct daemon *daemon, struct error *error)
{
	if (feed_watchdog(daemon))
		return error_set(error, -ENOMEM, "out of memory");
	sd_notifyf(0, "READY=1\nSTATUS=control on %s, metrics on %s", daemon->config.socket,
		   daemon->config.metrics);
	return 0;
}

void service_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}
