/* SPDX-License-Identifier: GPL-2.0-only */
/* The decisions of a LAPI, by their numbers, and what they come to for each prefix: of several, a ban
 * applies before a throttle, and the end that comes last.
 */
#ifndef SLASH64_ADAPTERS_CROWDSEC_DECISIONS_H
#define SLASH64_ADAPTERS_CROWDSEC_DECISIONS_H

#include "adapters/set/set.h"
#include "stream.h"

#define DECISIONS_MAX 4000000U
#define SCENARIOS_MAX 4096 /* different ones whose names are kept */

struct decisions;

struct decisions_options {
	/* words separated by commas; "": all. An origin is the whole word, a scenario contains it */
	const char *origins, *scenarios;
	bool throttles; /* take these decisions, with: */
	uint32_t rate, burst;
};

/* NULL if out of memory. The options are not copied. */
struct decisions *decisions_new(const struct decisions_options *options);
void decisions_free(struct decisions *decisions);

/* An answer begins. */
void decisions_begin(struct decisions *decisions, int64_t now_ms);
/* For struct stream_callbacks; data is the struct decisions. -ENOMEM, -E2BIG. */
int decisions_add(const struct stream_decision *decision, void *data);
/* The answer is complete: into the set. `is_all`: it is all that there is, or what has changed. 1: there
 * are other decisions than before; 0: there are not.
 */
int decisions_apply(struct decisions *decisions, bool is_all, struct set *set);

size_t decisions_count(const struct decisions *decisions);

#endif
