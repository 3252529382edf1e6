/* SPDX-License-Identifier: GPL-2.0-only */
/* The differences between two configurations, one row each. */
#ifndef SLASH64_CONFIG_CONFIG_DIFF_H
#define SLASH64_CONFIG_CONFIG_DIFF_H

#include <jansson.h>

#include "config.h"

/* Everything in a configuration, as JSON that can be sent: the rows of its policy (policy_json.h),
 * then {"name":"allow 2001:db8::/32","value":"allowed: ours"} for everything else. NULL if out of
 * memory.
 */
json_t *config_to_rows(const struct config *config, const struct pace *pace);
/* Releases them, a row at a time. */
void config_rows_free(json_t *rows, const struct pace *pace);

/* Compares two such arrays: {"interface":null,"name":"allow
 * 2001:db8::/32","what":"value","now":"none","would_be":"allowed: ours"}, with "restart":true if it
 * takes more than a reload. NULL if out of memory. There may be very many rows: whoever has others
 * to serve does it between them.
 */
json_t *config_diff(const json_t *before, const json_t *after, const struct pace *pace);

#endif
