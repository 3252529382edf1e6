/* SPDX-License-Identifier: GPL-2.0-only */
/* ICMPv6 as data: the class of each of the 256 types, and what makes its messages valid. The
 * datapath knows only the layout of the table; the controller fills it (user/net/icmpv6_types.c).
 */
#ifndef SLASH64_ICMPV6_H
#define SLASH64_ICMPV6_H

#include <slash64/types.h>

#define S64_ICMPV6_CERT_PATH_SOLICITATION 148 /* RFC 3971 6.4.1 */

/* What a receiver must check before it accepts a message (bpf/icmpv6_validate.h has the RFC of
 * each).
 */
enum s64_icmpv6_check {
	S64_CHECK_HOP_LIMIT_255 = 1U << 0,
	S64_CHECK_HOP_LIMIT_1 = 1U << 1,
	S64_CHECK_CODE_0 = 1U << 2,
	S64_CHECK_NOT_FRAGMENT = 1U << 3,
	S64_CHECK_SOURCE_LINK_LOCAL = 1U << 4,
	S64_CHECK_SOURCE_MAY_BE_UNSPECIFIED = 1U << 5,
	S64_CHECK_ROUTER_ALERT = 1U << 6,
	S64_CHECK_ND_OPTIONS = 1U << 7,
	S64_CHECK_ND_TARGET = 1U << 8,
	S64_CHECK_ND_UNSPECIFIED = 1U << 9,
	S64_CHECK_NA_SOLICITED = 1U << 10,
	S64_CHECK_MTU = 1U << 11,
	S64_CHECK_ECHO_MULTICAST = 1U << 12,
	/* not a check: the message is for this link, whatever group it is sent to */
	S64_ANY_GROUP_IS_LOCAL = 1U << 13,
};

#define S64_ICMPV6_TYPES  256
#define S64_ICMPV6_RANGES 4

/* A type. Its codes fall into up to four ranges: range i ends with code_last[i], and higher codes
 * belong to the last.
 */
struct s64_icmpv6_type {
	__u8 class[S64_ICMPV6_RANGES]; /* enum s64_class */
	__u8 code_last[S64_ICMPV6_RANGES - 1];
	__u8 length_min; /* bytes, including the ICMPv6 header */
	__u16 checks;	 /* enum s64_icmpv6_check */
	__u8 options_at; /* offset of the ND options; length_min if they are checked */
	__u8 reserved[5];
};

_Static_assert(sizeof(struct s64_icmpv6_type) == 16, "four to a cache line");

#endif
