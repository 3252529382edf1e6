/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SLASH64_DAEMON_API_ENDPOINTS_STATUS_H
#define SLASH64_DAEMON_API_ENDPOINTS_STATUS_H

#include <jansson.h>

struct daemon;

/* What GET /v1/status answers. NULL if out of memory. */
json_t *control_status_to_json(const struct daemon *daemon);

#endif
