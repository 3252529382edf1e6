/* SPDX-License-Identifier: GPL-2.0-only */
/* slash64 replay: what the real program would do with a capture. */
#ifndef SLASH64_CLI_REPLAY_H
#define SLASH64_CLI_REPLAY_H

#include <stdbool.h>

#include <slash64/maps.h>

#include "base/error.h"
#include "net/prefix.h"

#define REPLAY_LOCAL_MAX 64

struct replay_options {
	const char *file;
	const char *config;    /* NULL: the default policy */
	const char *interface; /* of the configuration; NULL: the only one, or the policy of all */
	enum s64_step step;
	enum s64_given_direction direction;
	struct prefix local[REPLAY_LOCAL_MAX]; /* own addresses, and prefixes of which all are */
	size_t local_count;
	bool json;
};

int replay(const struct replay_options *options, struct error *error);

#endif
