/* SPDX-License-Identifier: GPL-2.0-only */
/* Is all well? What somebody has to do something about, the most important first. */
#ifndef SLASH64_DAEMON_HEALTH_H
#define SLASH64_DAEMON_HEALTH_H

#include <jansson.h>

#include "daemon/daemon.h"

/* {"ok":true,"problems":[]}: of each problem a word for programs ("code"), a line for people ("text", which says what to
 * do), and since when it is so, where that is known ("since").
 */
json_t *health_to_json(const struct daemon *daemon);

#endif
