/* SPDX-License-Identifier: GPL-2.0-only */
/* Which interface of a configuration a capture is judged as: each has a policy, a filter, and a way with IPv4. */
#ifndef SLASH64_CLI_REPLAY_INTERFACE_H
#define SLASH64_CLI_REPLAY_INTERFACE_H

#include "config/config.h"

#define REPLAY_AS_MAX 512

struct replay_as {
	const char *name; /* of the configuration; NULL: the policy of all */
	bool ipv4_enforce;
	char said[REPLAY_AS_MAX]; /* a line for a person */
};

/* `name`, or the only one there is; config->policy becomes that of the interface. -ENOENT where there is no such one. */
int replay_as_interface(struct config *config, const char *name, struct replay_as *as,
			struct error *error);

#endif
