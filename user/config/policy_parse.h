/* SPDX-License-Identifier: GPL-2.0-only */
/* Parses the policy in the configuration file. */
#ifndef SLASH64_CONFIG_POLICY_PARSE_H
#define SLASH64_CONFIG_POLICY_PARSE_H

#include "policy/policy.h"
#include "yaml.h"

/* The values of the keys `policy` and `limits`. Whatever they do not name stays, including earlier
 * changes of `policy`, whatever profile is named: a profile is the base below all changes. No
 * profile takes a policy out of monitor mode; only `filter` does.
 */
int policy_parse(struct yaml_source *source, yaml_node_t *node, struct policy *policy);
int policy_parse_limits(struct yaml_source *source, yaml_node_t *node, struct policy *policy);

#endif
