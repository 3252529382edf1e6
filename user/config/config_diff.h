/* SPDX-License-Identifier: GPL-2.0-only */
/* What one configuration says otherwise than another: all of it, a row a difference. */
#ifndef SLASH64_USER_CONFIG_DIFF_H
#define SLASH64_USER_CONFIG_DIFF_H

#include <jansson.h>

#include "config.h"

/* All that a configuration says, so that it can be sent: the rows of its policy (policy_json.h), and behind them
 * {"name":"allow 2001:db8::/32","value":"allowed: ours"} of everything else. NULL without memory.
 */
json_t *config_to_rows(const struct config *config);

/* Of two such arrays: {"interface":null,"name":"allow 2001:db8::/32","what":"value","now":"none","would_be":"allowed: ours"},
 * and "restart":true where that takes more than a reload. NULL without memory.
 */
json_t *config_diff(const json_t *before, const json_t *after);

#endif
