/* SPDX-License-Identifier: GPL-2.0-only */
/* Exact counts of the prefixes that detection suspects, by the datapath (slash64/exact.h). */
#ifndef SLASH64_DAEMON_DETECT_EXACT_H
#define SLASH64_DAEMON_DETECT_EXACT_H

#include "detect/detect.h"
#include "maps/maps.h"

/* If slash64d stops, the datapath counts for no longer than that. */
#define EXACT_RENEW_MS 2000

struct exact {
	struct maps *maps; /* NULL: nothing is counted */
	uint32_t used;	   /* slots */
	bool is_on;
	bool has_begun;				  /* what an earlier run counted is forgotten */
	struct s64_exact before[S64_EXACT_SLOTS]; /* when it was begun */
	uint64_t begun_us[S64_EXACT_SLOTS];	  /* CLOCK_MONOTONIC */
};

/* Writes nothing: whatever an earlier run counted is forgotten by exact_levels() or exact_begin(). */
void exact_init(struct exact *exact, struct maps *maps);
/* Turned off. */
void exact_stop(struct exact *exact);
/* The levels of the rules. Nothing is counted at other ones. */
void exact_levels(struct exact *exact, const struct detect_rules *rules);

/* False if there is no room; otherwise *slot is its number until exact_end(). */
bool exact_begin(struct exact *exact, unsigned int level, uint64_t key, uint64_t classes,
		 uint32_t *slot);
void exact_read(const struct exact *exact, uint32_t slot, struct detect_exact *counts);
void exact_end(struct exact *exact, uint32_t slot);

/* To be called more often than EXACT_RENEW_MS: it goes on, or is turned off. */
void exact_tick(struct exact *exact);

#endif
