/* SPDX-License-Identifier: GPL-2.0-only */
/* The 256 ICMPv6 types: their classes, and what makes a message valid (RFC 4443, 4861, 4890, 2710, 3810,
 * 4286 and the rest of the IANA registry).
 */
#ifndef SLASH64_USER_ICMPV6_TABLE_H
#define SLASH64_USER_ICMPV6_TABLE_H

#include <slash64/icmpv6.h>

#define ICMPV6_TYPES 256

void icmpv6_table_fill(struct s64_icmpv6_type table[ICMPV6_TYPES]);

#endif
