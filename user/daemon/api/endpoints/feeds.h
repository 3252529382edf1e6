/* SPDX-License-Identifier: GPL-2.0-only */
/* Feeds, as `status` and `reload` tell of them. */
#ifndef SLASH64_DAEMON_CONTROL_FEEDS_H
#define SLASH64_DAEMON_CONTROL_FEEDS_H

#include <jansson.h>
#include <stdbool.h>

struct daemon;

/* An array; `now`: with what hinders reading each at this moment, not the last time. */
json_t *control_feeds_to_json(const struct daemon *daemon, bool now);

#endif
