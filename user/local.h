/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of the router's own addresses and joined groups, by which the fast path tells local from
 * transit (RFC 4890 4.3 and 4.4).
 */
#ifndef SLASH64_USER_LOCAL_H
#define SLASH64_USER_LOCAL_H

#include <netinet/in.h>

#include "tables.h"

/* Bring the table to exactly these addresses; those that stay are never out of it. -ENOSPC where there are
 * too many (about S64_LOCAL_BUCKETS * 4), with the table as far as it came.
 */
int local_set(const struct tables *tables, const struct in6_addr *address, size_t count);

#endif
