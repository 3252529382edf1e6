/* SPDX-License-Identifier: GPL-2.0-only */
/* What of a configuration is in force: what was taken back by hand, or refused, is not. */
#ifndef SLASH64_DAEMON_API_JSON_CONFIG_JSON_H
#define SLASH64_DAEMON_API_JSON_CONFIG_JSON_H

#include <jansson.h>

#include "daemon/daemon.h"

/* Rows as config_to_rows() makes them, less the blocks and allowed prefixes of the file that the store does not have.
 * Takes over `rows`; NULL without memory, or where the store cannot be read.
 */
json_t *config_rows_in_force(const struct daemon *daemon, json_t *rows);

/* Of a configuration that waits to be confirmed: {"until", "who", "state"}, or null. */
json_t *confirmation_to_json(const struct daemon *daemon);

#endif
