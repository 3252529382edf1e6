/* SPDX-License-Identifier: GPL-2.0-only */
/* A policy as JSON, for `policy show` and `policy diff`. */
#ifndef SLASH64_CONFIG_POLICY_JSON_H
#define SLASH64_CONFIG_POLICY_JSON_H

#include <jansson.h>

#include "config.h"

/* An array: the policy of all interfaces ("interface" is null), then the differences of each
 * interface. Settings are {"interface","setting","value"}, classes
 * {"interface","class","transit","local","rate",
 * "burst","rate_48","burst_48","changed","source","description"}. NULL if out of memory.
 */
json_t *policy_to_json(const struct config *config);

#endif
