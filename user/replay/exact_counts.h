/* SPDX-License-Identifier: GPL-2.0-only */
/* Exact counts of the prefixes that detection suspects, over the packets of a capture: what the
 * datapath counts live (slash64/exact.h), with the same sets, and so the same room.
 */
#ifndef SLASH64_REPLAY_EXACT_COUNTS_H
#define SLASH64_REPLAY_EXACT_COUNTS_H

#include <slash64/exact.h>
#include <slash64/maps.h>

#include "detect/detect.h"

struct exact_counts {
	struct s64_seed seed;
	uint64_t mask[S64_EXACT_LEVELS];
	uint32_t levels, used;
	bool first_is_source;
	struct s64_exact_set set[S64_EXACT_SETS];
	struct detect_exact slot[S64_EXACT_SLOTS]; /* `us`: when it was begun */
};

void exact_counts_init(struct exact_counts *counts, const struct s64_seed *seed,
		       const struct detect_rules *rules);

/* False if there is no room; otherwise *slot is its number until exact_counts_end(). */
bool exact_counts_begin(struct exact_counts *counts, const struct detect_track *track,
			uint64_t classes, uint64_t now_us, uint32_t *slot);
/* Every packet, whatever its weight. */
void exact_counts_packet(struct exact_counts *counts, const struct s64_sample *packet);
void exact_counts_read(const struct exact_counts *counts, uint32_t slot, uint64_t now_us,
		       struct detect_exact *exact);
void exact_counts_end(struct exact_counts *counts, uint32_t slot);

#endif
