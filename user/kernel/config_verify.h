/* SPDX-License-Identifier: GPL-2.0-only */
/* Everything that can be said of a configuration before it is in force, against the interfaces of this
 * network namespace: what slash64d --check prints, and what slash64 init checks.
 */
#ifndef SLASH64_KERNEL_CONFIG_VERIFY_H
#define SLASH64_KERNEL_CONFIG_VERIFY_H

#include <stdint.h>

#include "config/config_lint.h"

#define CONFIG_VERIFY_WHOLE SIZE_MAX /* a refusal that is about no entry of `block` */

/* Passes on what a reload would refuse, and warnings. -ENOMEM; a refusal is no failure of this. */
int config_verify(const struct config *config, config_refused_t refused, policy_warn_t warn,
		  void *data);

/* No two names of one interface. */
int config_check_names(const struct config *config, struct error *error);

#endif
