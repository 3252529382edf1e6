/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SLASH64_DAEMON_API_ENDPOINTS_TOP_H
#define SLASH64_DAEMON_API_ENDPOINTS_TOP_H

#include <jansson.h>

#include "daemon/stats/samples.h"

struct daemon;

/* The rows of GET /v1/top for all packets. NULL if out of memory. */
json_t *control_top_to_json(const struct daemon *daemon, enum top_by by, double seconds,
			    unsigned int limit);

#endif
