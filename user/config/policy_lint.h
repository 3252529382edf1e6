/* SPDX-License-Identifier: GPL-2.0-only */
/* What a policy that can be read would break all the same. */
#ifndef SLASH64_USER_POLICY_CHECK_H
#define SLASH64_USER_POLICY_CHECK_H

#include "config/config.h"

/* One warning: the line of the configuration that causes it, and what it says. */
typedef void (*policy_warn_t)(unsigned int line, const char *text, void *data);

/* Every warning about what the operator changed, in the policy of all and in those of interfaces. Returns
 * how many there were.
 */
unsigned int policy_check(const struct config *config, policy_warn_t warn, void *data);

#endif
