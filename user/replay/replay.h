/* SPDX-License-Identifier: GPL-2.0-only */
/* slash64 replay: the verdicts of the real program on a capture. */
#ifndef SLASH64_REPLAY_REPLAY_H
#define SLASH64_REPLAY_REPLAY_H

#include <stdbool.h>

#include <slash64/maps.h>

#include "base/error.h"
#include "net/prefix.h"

#define REPLAY_LOCAL_MAX 64

struct replay_options {
	const char *file;
	const char *config; /* NULL: the default policy */
	/* of the configuration; NULL: its only interface, or the policy of all */
	const char *interface;
	enum s64_step step;
	enum s64_test_direction direction;
	struct prefix local[REPLAY_LOCAL_MAX]; /* local addresses, and local prefixes */
	size_t local_count;
	bool json;
	bool detect; /* what the rules of detection would have proposed, instead of verdicts */
};

int replay(const struct replay_options *options, struct error *error);

#endif
