/* SPDX-License-Identifier: GPL-2.0-only */
/* What is valid in a configuration and yet not meant, or not to be: told before it is in force. */
#ifndef SLASH64_USER_CONFIG_CHECK_H
#define SLASH64_USER_CONFIG_CHECK_H

#include "config.h"
#include "config/policy_lint.h"

/* Entries of `block` that the file itself speaks against: within one of its allowed prefixes, of many hosts, or of more
 * than one network, and without force. `why` begins with the file and the line. -ENOMEM.
 */
typedef void (*config_refused_t)(size_t index, const struct error *why, void *data);
int config_refusals(const struct config *config, config_refused_t refused, void *data);

/* What filters nothing, and what policy_check() warns of. Returns how many warnings there were. */
unsigned int config_check(const struct config *config, policy_warn_t warn, void *data);

#endif
