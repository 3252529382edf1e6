/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of the router's own addresses and joined groups, by which the fast path tells local from
 * transit (RFC 4890 4.3 and 4.4). Prefixes of which every address is its own lie in it too.
 */
#ifndef SLASH64_USER_LOCAL_H
#define SLASH64_USER_LOCAL_H

#include <stddef.h>

#include "maps.h"

struct local_count {
	size_t known, left_out; /* each of them once */
};

/* Bring the table to exactly these, of any length from 1 on, or, with `keep`, to these and whatever is in it. Those that
 * stay are never out of it. Where there are more than it takes (S64_LOCAL_ROOM at least), those that come first are in it,
 * and the others are counted. -ENOMEM, and nothing has changed.
 */
int local_set(const struct tables *tables, const struct prefix *own, size_t count, bool keep,
	      struct local_count *counted);

#endif
