/* SPDX-License-Identifier: GPL-2.0-only */
/* A bridge device sees what is for the machine itself, not what passes between its ports: the profile `bridge` there would
 * filter nothing, while everything says that it does. Its ports are what to attach to.
 */
#ifndef SLASH64_DAEMON_BRIDGES_H
#define SLASH64_DAEMON_BRIDGES_H

#include "config/config.h"

/* -EINVAL where an interface of the configuration is a bridge and has that profile, with its line and the names of its
 * ports. What is not there, or cannot be told, is let pass.
 */
int bridges_check(const struct config *config, struct error *error);

/* The same for one that is attached to by hand. */
int bridges_check_one(const struct config *config, const char *name, struct error *error);

#endif
