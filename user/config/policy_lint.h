/* SPDX-License-Identifier: GPL-2.0-only */
/* Warnings about a policy that is valid but would break something. */
#ifndef SLASH64_CONFIG_POLICY_LINT_H
#define SLASH64_CONFIG_POLICY_LINT_H

#include "config.h"

/* One warning: the line of the configuration that causes it, and the text. */
typedef void (*policy_warn_t)(unsigned int line, const char *text, void *data);

/* All warnings about the operator's changes, to the policy of all interfaces and of single ones.
 * Returns the number of warnings.
 */
unsigned int policy_check(const struct config *config, policy_warn_t warn, void *data);

#endif
