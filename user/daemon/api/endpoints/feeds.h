/* SPDX-License-Identifier: GPL-2.0-only */
/* Feeds, as in `status` and `reload`. */
#ifndef SLASH64_DAEMON_API_ENDPOINTS_FEEDS_H
#define SLASH64_DAEMON_API_ENDPOINTS_FEEDS_H

#include <jansson.h>
#include <stdbool.h>

struct daemon;

/* An array; `now`: with what prevents reading each one at this moment, and not the last time. */
json_t *control_feeds_to_json(const struct daemon *daemon, bool now);

#endif
