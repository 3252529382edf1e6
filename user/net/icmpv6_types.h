/* SPDX-License-Identifier: GPL-2.0-only */
/* The 256 ICMPv6 types: their classes, and what makes a message valid (RFC 4443, 4861, 4890, 2710,
 * 3810, 4286 and the rest of the IANA registry).
 */
#ifndef SLASH64_NET_ICMPV6_TYPES_H
#define SLASH64_NET_ICMPV6_TYPES_H

#include <slash64/icmpv6.h>

/* Does the class stand for neighbour discovery? Its hop limit of 255 proves that a message comes
 * from the link, and is therefore for the link whatever its destination (bpf/direction.h).
 */
bool icmpv6_class_is_of_the_link(int class);

void icmpv6_table_fill(struct s64_icmpv6_type table[S64_ICMPV6_TYPES]);

#endif
