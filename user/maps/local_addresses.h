/* SPDX-License-Identifier: GPL-2.0-only */
/* The map of the router's own addresses and joined groups, which tells local from transit (RFC 4890
 * 4.3 and 4.4). Prefixes that are local as a whole are in it too.
 */
#ifndef SLASH64_MAPS_LOCAL_ADDRESSES_H
#define SLASH64_MAPS_LOCAL_ADDRESSES_H

#include <stddef.h>

#include "maps.h"

struct local_count {
	size_t known, left_out; /* each address once */
};

/* Makes the map contain exactly these prefixes, of any length from 1, or, with `keep`, these and
 * whatever it contains. Prefixes that stay are never missing. If they do not all fit
 * (S64_LOCAL_ROOM always do), the first ones are inserted and the rest are counted. -ENOMEM:
 * unchanged.
 */
int local_set(const struct maps *maps, const struct prefix *own, size_t count, bool keep,
	      struct local_count *counted);

#endif
