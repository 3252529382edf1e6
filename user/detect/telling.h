/* SPDX-License-Identifier: GPL-2.0-only */
/* What detection has found, as it is told: the same by slash64d, about what goes on, and by a
 * replay, about what went on in a capture.
 */
#ifndef SLASH64_DETECT_TELLING_H
#define SLASH64_DETECT_TELLING_H

#include <jansson.h>

#include "detect.h"
#include "net/prefix.h"

struct detect_telling {
	uint64_t id;
	const struct detect_rule *rule;
	const struct prefix *prefix;
	const char *state, *evidence;
	int64_t for_ms;
	int64_t proven_ms;		      /* since 1970; 0: it is not */
	int64_t since_ms, ended_ms, until_ms; /* since 1970; 0: not yet, or without end */
	const struct detect_values *measured, *peak;
	double collateral_share;
	uint32_t spared, spared_known;
	const struct prefix *spared_source; /* `spared_known` of them */
	bool by_rule;
	const char *refused; /* NULL: nothing speaks against it */
};

/* A line of `slash64 proposals --json`. */
json_t *detect_tell(const struct detect_telling *telling);

#endif
