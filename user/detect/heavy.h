/* SPDX-License-Identifier: GPL-2.0-only */
/* The prefixes of a window that are over a rule's thresholds, level by level.
 *
 * A prefix counts only what no heavy prefix within it explains. A wider prefix is a candidate in
 * two cases, and then stands for all that are within it:
 *   - what is not explained is over the thresholds, and is most of what else it sends: an attack
 *     that is spread over many sources, each below them, but at least HEAVY_SIBLINGS of them;
 *   - at least HEAVY_SIBLINGS candidates are within it, and their sources are most of those that
 *     were seen in it.
 */
#ifndef SLASH64_DETECT_HEAVY_H
#define SLASH64_DETECT_HEAVY_H

#include "measure.h"

#define HEAVY_SIBLINGS	 3
#define HEAVY_MAX	 1024 /* candidates of a rule in a window; others are counted */
#define HEAVY_SPARED_MAX 8

/* A source within a candidate that does not take part. */
struct heavy_spared {
	uint64_t src_key, hi, lo;
};

struct heavy_candidate {
	uint8_t level; /* index */
	uint64_t key, hi, lo;
	struct detect_values values;
	uint64_t packets;	  /* of the attack */
	uint64_t samples;	  /* that stand for them */
	uint64_t rule_packets;	  /* of the prefix, in the classes of the rule */
	uint64_t all_packets;	  /* of the prefix */
	bool is_blocked;	  /* most of them were dropped by a block or a throttle */
	uint32_t sources, spared; /* how many were seen in it, and do not take part */
	struct heavy_spared example[HEAVY_SPARED_MAX]; /* of the spared ones */
};

struct heavy {
	struct heavy_candidate candidate[HEAVY_MAX];
	uint32_t count;
	uint64_t no_room; /* candidates that were not kept, ever */
};

/* Is a prefix at that level already proposed? Then it stays as long as a quarter of its sources
 * offend.
 */
typedef bool (*heavy_known_t)(unsigned int level, uint64_t key, void *data);

/* Of the window that was sorted (measure_sort()). */
void heavy_find(struct heavy *heavy, struct measure *measure, const struct detect_rule *rule,
		double seconds, heavy_known_t known, void *data);

/* After that: what the rule measures of any prefix, but for what finer candidates explain. False if
 * a wider candidate stands for it.
 */
bool heavy_values(struct measure *measure, const struct detect_rule *rule, unsigned int level,
		  uint64_t key, uint64_t hi, double seconds, struct detect_values *values);

/* Do all thresholds hold, or this share of them? */
bool heavy_is_over(const struct detect_rule *rule, const struct detect_values *values,
		   double share);

#endif
