/* SPDX-License-Identifier: GPL-2.0-only */
/* The writer of the table of prefixes (headers/slash64/maps.h): blocks of any length but that of a site, and
 * what is allowed.
 */
#ifndef SLASH64_USER_PREFIXES_H
#define SLASH64_USER_PREFIXES_H

#include "buckets.h"
#include "source_index.h"
#include "net/prefix_set.h"
#include "maps.h"

struct prefixes {
	struct tables *tables;
	struct buckets buckets;
	struct gate gate;
	struct prefix_set blocked; /* or throttled */
	struct prefix_set allowed;
	uint32_t (*length_count)[129]; /* by slot: how many prefixes of a length there are */
	bool keeps;		       /* there are keys of which nobody knows what they are */
};

/* Takes over what the tables hold. It says which prefixes there are by their hashes alone: each has to be put
 * in again, and prefixes_settle() removes those that were not, but for `keep`, which are keys, sorted.
 */
int prefixes_init(struct prefixes *prefixes, struct tables *tables, struct error *error);
void prefixes_settle(struct prefixes *prefixes, const uint64_t *keep, size_t keeps,
		     const struct pace *pace);

/* What it is in the table: a hash of it. */
uint64_t prefixes_key(const struct prefixes *prefixes, const struct prefix *prefix);
void prefixes_free(struct prefixes *prefixes);

/* Put a prefix in, or give it another info (S64_PREFIX_ALLOW, S64_BLOCK_THROTTLE and its index, 0). -ENOSPC,
 * -ENOMEM.
 */
int prefixes_put(struct prefixes *prefixes, const struct prefix *prefix, uint8_t info);

/* Would that find room? Nothing changes. */
bool prefixes_have_room(const struct prefixes *prefixes, const struct prefix *prefix);

/* -ENOENT where it is not there. */
int prefixes_remove(struct prefixes *prefixes, const struct prefix *prefix);

/* The info, or -1 where it is not there. */
int prefixes_info(const struct prefixes *prefixes, const struct prefix *prefix);

void prefixes_hit(struct prefixes *prefixes, const struct prefix *prefix, uint32_t packets,
		  uint32_t now);
void prefixes_count_hits(struct prefixes *prefixes, const struct prefix *prefix, uint64_t hits,
			 uint32_t last_hit);
void prefixes_hits(const struct prefixes *prefixes, const struct prefix *prefix, uint64_t *hits,
		   uint32_t *last_hit);

#endif
