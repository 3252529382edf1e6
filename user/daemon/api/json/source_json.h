/* SPDX-License-Identifier: GPL-2.0-only */
/* The JSON of a source: the same in `top`, `lookup` and dry runs. */
#ifndef SLASH64_DAEMON_API_JSON_SOURCE_JSON_H
#define SLASH64_DAEMON_API_JSON_SOURCE_JSON_H

#include <jansson.h>

#include "daemon/stats/samples.h"

/* How far back a source counts as seen lately, in seconds. */
#define SEEN_SECONDS 60

/* Rates, first seen, peak, and the verdicts on its packets. */
void source_row_to_json(json_t *object, const struct top_row *row);

/* "sources_seen" and the rates of all of them together. */
void source_seen_to_json(json_t *object, const struct seen *seen);

#endif
