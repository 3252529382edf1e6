/* SPDX-License-Identifier: GPL-2.0-only */
/* The policy as the configuration file writes it. */
#ifndef SLASH64_USER_POLICY_PARSE_H
#define SLASH64_USER_POLICY_PARSE_H

#include "policy/policy.h"
#include "yaml.h"

/* The values of the keys `policy` and `limits`; what they do not name stays. So does what `policy` had been changed to
 * before, whatever profile is named: a profile is what stands below all that was said. None takes a policy out of
 * monitoring: that takes `filter`.
 */
int policy_parse(struct yaml_source *source, yaml_node_t *node, struct policy *policy);
int policy_parse_limits(struct yaml_source *source, yaml_node_t *node, struct policy *policy);

#endif
