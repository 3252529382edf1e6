/* SPDX-License-Identifier: GPL-2.0-only */
/* Valid settings that are probably not meant, reported before they come into force. */
#ifndef SLASH64_CONFIG_CONFIG_LINT_H
#define SLASH64_CONFIG_CONFIG_LINT_H

#include "config.h"
#include "policy_lint.h"

/* Entries of `block` that contradict the file itself: within an allowed prefix, a prefix of many
 * hosts, or of more than one network, and without force. `why` starts with file and line. -ENOMEM.
 */
typedef void (*config_refused_t)(size_t index, const struct error *why, void *data);
int config_refusals(const struct config *config, config_refused_t refused, void *data);

/* Settings that filter nothing, and the warnings of policy_check(). Returns the number of warnings.
 */
unsigned int config_check(const struct config *config, policy_warn_t warn, void *data);

#endif
