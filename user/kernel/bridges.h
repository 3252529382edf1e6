/* SPDX-License-Identifier: GPL-2.0-only */
/* A bridge device sees packets for the machine itself, not those between its ports. The profile
 * `bridge` on it would filter nothing, although everything says that it does: attach to its ports
 * instead.
 */
#ifndef SLASH64_KERNEL_BRIDGES_H
#define SLASH64_KERNEL_BRIDGES_H

#include "config/config.h"

/* -EINVAL if an interface of the configuration is a bridge and has that profile, with its line and
 * the names of its ports. Interfaces that are missing or cannot be examined are accepted.
 */
int bridges_check(const struct config *config, struct error *error);

/* The same for an interface attached by hand. */
int bridges_check_one(const struct config *config, const char *name, struct error *error);

#endif
