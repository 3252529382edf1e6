/* SPDX-License-Identifier: GPL-2.0-only */
/* What the samples of one window (a second) come to, for each prefix of each level, apart for each
 * set of classes that a rule looks at. Of fixed size: a new prefix without room replaces the least
 * of the few with a hash near its own, so prefixes that never repeat cannot displace a loud one.
 * Exact over what was sampled, as long as there was room.
 */
#ifndef SLASH64_DETECT_MEASURE_H
#define SLASH64_DETECT_MEASURE_H

#include <slash64/maps.h>

#include "distinct.h"
#include "neighbours.h"
#include "rules.h"

#define MEASURE_SETS	1024
#define MEASURE_SET	8
#define MEASURE_ENTRIES (MEASURE_SETS * MEASURE_SET) /* of a level */

/* Sets of classes; the first has them all, and tells what a block would hit. */
#define MEASURE_SELECTORS_MAX (DETECT_RULES_MAX + 1)
#define MEASURE_ALL	      0

struct measure_sums {
	uint64_t samples;
	uint64_t packets, bytes, syn;
	uint64_t dropped; /* by the policy */
	uint64_t blocked; /* by a block or a throttle */
};

/* Filled in by heavy.c, for the rule whose number it bears. */
struct measure_heavy {
	uint32_t search;
	uint16_t candidate; /* its index, + 1; 0: it is none */
	bool explains;	    /* what it has is no longer that of what it is within */
	/* of the prefixes within it: */
	struct measure_sums explained; /* packets of those that are heavy */
	double destinations, ports;    /* theirs */
	uint64_t explained_all;	       /* theirs, of all classes */
	uint32_t below;		       /* how many of them are to be proposed */
	uint32_t offending;	       /* sources that are heavy */
	uint32_t quiet;		       /* sources that were seen of late, but not in this window */
	uint32_t sources,
		inclined; /* all sources, and those that send mostly what the rule is about */
};

struct measure_entry {
	uint64_t key;	 /* of a source: its key; otherwise the upper bits of the prefix */
	uint64_t hi, lo; /* one of its addresses, host order */
	uint32_t window; /* in which it was used; in any other it is free */
	uint16_t selector;
	struct measure_sums sums;
	struct distinct_counts destinations, ports;
	uint64_t kinds; /* of a source: a bit for each selector that most of its packets are of */
	struct measure_heavy heavy;
};

struct measure_level {
	uint8_t length;
	struct measure_entry *entry;
	uint32_t *used; /* indices of entries; after measure_sort() by selector */
	uint32_t *spare;
	uint32_t count;
	uint32_t begin[MEASURE_SELECTORS_MAX + 1];
};

struct measure {
	struct s64_seed seed;
	struct {
		uint64_t classes;
		bool destinations, ports; /* are they asked for? */
	} selector[MEASURE_SELECTORS_MAX];
	unsigned int selectors;
	struct measure_level level[DETECT_LEVELS_MAX];
	unsigned int levels;
	struct distinct destinations, ports;
	struct neighbours neighbours;
	uint32_t window;
	uint32_t search;   /* of heavy.c */
	uint64_t packets;  /* of this window */
	uint64_t replaced; /* entries, ever */
};

/* -ENOMEM, and nothing is left. Without rules it needs no memory. */
int measure_init(struct measure *measure, const struct s64_seed *seed,
		 const struct detect_rules *rules);
void measure_free(struct measure *measure);
/* Of what it takes. */
size_t measure_bytes(const struct measure *measure);

/* Which set of classes a rule looks at. */
unsigned int measure_selector(const struct measure *measure, const struct detect_rule *rule);

void measure_add(struct measure *measure, const struct s64_sample *sample);

/* Orders the entries of each level by selector; to be called once at the end of a window. */
void measure_sort(struct measure *measure);
void measure_next_window(struct measure *measure);

/* The key of what an address is within at a level; 0: nothing, as it is no part of a prefix (an
 * IPv4 address, a neighbour on the link).
 */
uint64_t measure_key(const struct measure *measure, unsigned int level, uint64_t src_key,
		     uint64_t hi);

/* Is it what the limiter takes for one source? */
bool measure_is_source(const struct measure *measure, unsigned int level, uint64_t key);

/* The NEIGHBOURS_SET entries that hold the sources that were seen of late within a prefix, among
 * others.
 */
const struct neighbour *measure_neighbours(const struct measure *measure, unsigned int level,
					   uint64_t key);

/* NULL if it was not seen in this window. */
struct measure_entry *measure_find(const struct measure *measure, unsigned int level,
				   unsigned int selector, uint64_t key);

/* Sums in figures a second. */
void measure_values(const struct measure *measure, const struct measure_sums *sums,
		    double destinations, double ports, double seconds,
		    struct detect_values *values);
/* Those of an entry's distinct destinations and ports. */
double measure_destinations(const struct measure *measure, const struct measure_entry *entry);
double measure_ports(const struct measure *measure, const struct measure_entry *entry);

#endif
