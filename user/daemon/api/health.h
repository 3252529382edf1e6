/* SPDX-License-Identifier: GPL-2.0-only */
/* Is all well? The problems that somebody has to solve, the most important first. */
#ifndef SLASH64_DAEMON_API_HEALTH_H
#define SLASH64_DAEMON_API_HEALTH_H

#include <jansson.h>

#include "daemon/daemon.h"

/* {"ok":true,"problems":[]}: for each problem a word for programs ("code"), a line for people
 * ("text", which says what to do), and its start, if known ("since").
 */
json_t *health_to_json(const struct daemon *daemon);

#endif
