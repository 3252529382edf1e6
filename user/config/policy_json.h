/* SPDX-License-Identifier: GPL-2.0-only */
/* A policy as JSON: what `policy show` lists, and `policy diff` compares. */
#ifndef SLASH64_USER_POLICY_JSON_H
#define SLASH64_USER_POLICY_JSON_H

#include <jansson.h>

#include "config/config.h"

/* An array: of the policy of all ("interface" is null), and then of each interface what differs from it.
 * Settings are {"interface","setting","value"}, classes {"interface","class","transit","local","rate",
 * "burst","rate_48","burst_48","changed","source","description"}. NULL when out of memory.
 */
json_t *policy_to_json(const struct config *config);

#endif
