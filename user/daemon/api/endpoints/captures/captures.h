/* SPDX-License-Identifier: GPL-2.0-only */
/* The capture that runs, and whoever reads it: it lasts as long as their connection. */
#ifndef SLASH64_DAEMON_API_ENDPOINTS_CAPTURES_H
#define SLASH64_DAEMON_API_ENDPOINTS_CAPTURES_H

#include <jansson.h>

#include "net/source_rules.h"

struct daemon;

/* Rules about sources that the configuration adds to the general ones. */
json_t *capture_rules_to_json(const struct source_rules *rules);

/* If one runs, it ends. */
void captures_stop(struct daemon *daemon);

/* The counters of that slot begin anew: what the capture counted there is kept. `data` is the daemon. */
void captures_slot_begins_anew(void *data, uint32_t slot);

#endif
