/* SPDX-License-Identifier: GPL-2.0-only */
/* The special IPv6 prefixes (IANA special-purpose address registry, complete in
 * selftests/data/ipv6-special-prefixes.tsv) as a source on an edge that faces the Internet. Data:
 * the controller fills a map with them; the datapath knows how to search it.
 */
#ifndef SLASH64_SPECIAL_PREFIXES_H
#define SLASH64_SPECIAL_PREFIXES_H

#include <slash64/types.h>

enum s64_source_status {
	S64_SOURCE_OK,
	S64_SOURCE_ONLINK, /* only on the link itself */
	S64_SOURCE_POLICY, /* reachable according to the registry; an operator may disagree */
	S64_SOURCE_BOGON,  /* never a legitimate source from outside */
};

/* X(upper half, lower half, length, source, name, reference); the first one that contains an
 * address counts. An address in none of them is a bogon outside 2000::/3, and ordinary within.
 */
#define S64_SPECIAL_PREFIXES(X)                                                          \
	X(0, 0, 128, ONLINK, "unspecified", "RFC 4291 2.5.2")                            \
	X(0, 1, 128, BOGON, "loopback", "RFC 4291 2.5.3")                                \
	X(0, 0, 96, BOGON, "IPv4-compatible", "RFC 4291 2.5.5.1")                        \
	X(0, 0x0000ffff00000000ULL, 96, BOGON, "IPv4-mapped", "RFC 4291 2.5.5.2")        \
	X(0x0064ff9b00000000ULL, 0, 96, OK, "NAT64", "RFC 6052 2.1")                     \
	X(0x0064ff9b00010000ULL, 0, 48, BOGON, "NAT64 local use", "RFC 8215")            \
	X(0x0100000000000000ULL, 0, 64, BOGON, "discard-only", "RFC 6666")               \
	X(0x0100000000000001ULL, 0, 64, BOGON, "dummy prefix", "RFC 9780")               \
	X(0x2001000200000000ULL, 0, 48, BOGON, "benchmarking", "RFC 5180")               \
	X(0x2001000000000000ULL, 0, 32, OK, "Teredo", "RFC 4380 4")                      \
	X(0x2001000100000000ULL, 1, 128, OK, "port control anycast", "RFC 7723")         \
	X(0x2001000100000000ULL, 2, 128, OK, "TURN anycast", "RFC 8155")                 \
	X(0x2001000100000000ULL, 3, 128, OK, "service registration anycast", "RFC 9665") \
	X(0x2001000300000000ULL, 0, 32, OK, "AMT", "RFC 7450")                           \
	X(0x2001000401120000ULL, 0, 48, OK, "AS112", "RFC 7535")                         \
	X(0x2001001000000000ULL, 0, 28, BOGON, "ORCHID, expired", "RFC 4843")            \
	X(0x2001002000000000ULL, 0, 28, POLICY, "ORCHIDv2", "RFC 7343")                  \
	X(0x2001003000000000ULL, 0, 28, POLICY, "drone entity tags", "RFC 9374")         \
	X(0x2001000000000000ULL, 0, 23, BOGON, "IETF protocol assignments", "RFC 2928")  \
	X(0x20010db800000000ULL, 0, 32, BOGON, "documentation", "RFC 3849")              \
	X(0x3fff000000000000ULL, 0, 20, BOGON, "documentation", "RFC 9637")              \
	X(0x2002000000000000ULL, 0, 16, OK, "6to4", "RFC 3056")                          \
	X(0x5f00000000000000ULL, 0, 16, BOGON, "SRv6 SIDs", "RFC 9602")                  \
	X(0xfe80000000000000ULL, 0, 10, ONLINK, "link-local", "RFC 4291 2.5.6")          \
	X(0xfec0000000000000ULL, 0, 10, BOGON, "site-local", "RFC 3879")                 \
	X(0xff00000000000000ULL, 0, 8, BOGON, "multicast", "RFC 4291 2.7")               \
	X(0xfc00000000000000ULL, 0, 7, BOGON, "unique local", "RFC 4193")

struct s64_special {
	__u64 hi, hi_mask; /* host order */
	__u64 lo, lo_mask;
	__u8 source; /* enum s64_source_status */
	__u8 reserved[31];
};

_Static_assert(sizeof(struct s64_special) == 64, "a cache line");

#define S64_SPECIAL_MAX 64

/* The source index: a byte for the upper 16 bits of a source. 0 means that no rule names it, which
 * is where ordinary sources end. Otherwise it is the number of a page (from 1) that tells, by the
 * next 16 bits, which rules may. The first seven pages have one value throughout: page n has the
 * flags n.
 */
enum s64_source_index_flag {
	S64_SOURCE_INDEX_SPECIAL = 1U
				   << 0, /* an entry of the special prefixes, or outside 2000::/3 */
	S64_SOURCE_INDEX_RULE = 1U << 1, /* a source rule (source.h) */
	S64_SOURCE_INDEX_PREFIXES = 1U << 2, /* a blocked prefix (maps.h) */
	S64_SOURCE_INDEX_ALL = 7,
};

#define S64_SOURCE_INDEX_ENTRIES 65536
#define S64_SOURCE_INDEX_PAGES	 64
#define S64_SOURCE_INDEX_NO_PAGE 255 /* out of pages: any rule may apply */

struct s64_source_index {
	__u8 entry[S64_SOURCE_INDEX_ENTRIES];
};

struct s64_source_index_page {
	__u8 flags[S64_SOURCE_INDEX_ENTRIES]; /* enum s64_source_index_flag */
};

_Static_assert(S64_SOURCE_INDEX_PAGES < S64_SOURCE_INDEX_NO_PAGE,
	       "the number of a page fits a byte");

#endif
