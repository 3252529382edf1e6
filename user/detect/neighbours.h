/* SPDX-License-Identifier: GPL-2.0-only */
/* Which sources were seen of late within each wider prefix: under a flood a quiet source is sampled
 * once in some seconds, and whether a wider prefix is proposed must not depend on the one second
 * that is looked at.
 *
 * Of fixed size. All sources of a prefix are in one set, so that whoever has another prefix replaces
 * none of them, unless the two share a set. In a full set, first goes one that was seen in one
 * window only, then one that sent mostly what a rule is about: sources that rotate do not displace
 * those that behave.
 */
#ifndef SLASH64_DETECT_NEIGHBOURS_H
#define SLASH64_DETECT_NEIGHBOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <slash64/hash.h>

#define NEIGHBOURS_SETS	   1024
#define NEIGHBOURS_SET	   32
#define NEIGHBOURS_WINDOWS 60 /* later, a source that was not seen again is forgotten */

struct neighbour {
	uint64_t src_key, hi, lo; /* hi, lo: one of its addresses, host order */
	uint64_t kinds;	 /* a bit for each set of classes that most of its packets are of */
	uint32_t window; /* when it was last seen; 0: free */
	uint32_t seen;	 /* in how many windows */
};

struct neighbours {
	struct s64_seed seed;
	struct neighbour *entry;
};

/* -ENOMEM */
int neighbours_init(struct neighbours *neighbours, const struct s64_seed *seed);
void neighbours_free(struct neighbours *neighbours);
size_t neighbours_bytes(void);

/* The source was seen in that window. `prefix`: a number that tells what it is within. */
void neighbours_see(struct neighbours *neighbours, uint64_t prefix, const struct neighbour *source,
		    uint32_t window);

/* The NEIGHBOURS_SET entries that hold those of a prefix, among others. */
const struct neighbour *neighbours_of(const struct neighbours *neighbours, uint64_t prefix);

/* Was it seen of late? */
static inline bool neighbour_is_recent(const struct neighbour *entry, uint32_t window)
{
	return entry->window && window - entry->window <= NEIGHBOURS_WINDOWS;
}

#endif
