/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SLASH64_DAEMON_API_ENDPOINTS_HISTORY_H
#define SLASH64_DAEMON_API_ENDPOINTS_HISTORY_H

#include <jansson.h>

#include "daemon/stats/history.h"

/* The points with numbers above `after`, as GET /v1/history answers; all of them if there is no such
 * number yet. NULL if out of memory.
 */
json_t *control_history_to_json(const struct history *history, uint64_t after);

#endif
