/* SPDX-License-Identifier: GPL-2.0-only */
/* The interface of a configuration whose policy, filter and handling of IPv4 a replay uses. */
#ifndef SLASH64_REPLAY_REPLAY_INTERFACE_H
#define SLASH64_REPLAY_REPLAY_INTERFACE_H

#include "config/config.h"

#define REPLAY_AS_MAX 512

struct replay_as {
	const char *name; /* of the configuration; NULL: the policy of all */
	bool ipv4_enforce;
	char said[REPLAY_AS_MAX]; /* a line for a person */
};

/* Selects `name`, or the only interface; config->policy becomes that of the interface. -ENOENT if
 * there is none of that name.
 */
int replay_as_interface(struct config *config, const char *name, struct replay_as *as,
			struct error *error);

#endif
