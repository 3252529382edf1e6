/* SPDX-License-Identifier: GPL-2.0-only */
/* The reasons: every verdict has one, and every reason has a counter. One list (in two parts) for
 * the enum, names, metric labels and documentation. A new reason is one line.
 *
 *   X(ID, name, verdict, source, description)
 *
 * A dropped feature (classes.h) is a reason as well, named after the feature. These follow the list
 * below, in the order of S64_FEATURES.
 */
#ifndef SLASH64_REASONS_H
#define SLASH64_REASONS_H

#include <slash64/classes.h>

#define S64_REASONS(X)                                                                                  \
	/* passed */                                                                                    \
	X(NOT_IPV6, "not-ipv6", PASS, "-", "slash64 filters IPv6 only")                                 \
	X(POLICY, "policy", PASS, "-", "its class passes")                                              \
	X(WITHIN_LIMIT, "within-limit", PASS, "-", "within the limit of its class")                     \
	X(WITHIN_FALLBACK_LIMIT, "within-fallback-limit", PASS, "-",                                    \
	  "no free slot for its source; charged to a fallback limit, and within that")                  \
	/* the source may not be there */                                                               \
	X(SOURCE_MULTICAST, "source-multicast", DROP, "RFC 4291 2.7",                                   \
	  "multicast is never a source")                                                                \
	X(SOURCE_UNSPECIFIED, "source-unspecified", DROP, "RFC 4291 2.5.2",                             \
	  "the source is ::, and the packet needs an address")                                          \
	X(SOURCE_BOGON, "source-bogon", DROP, "RFC 6890",                                               \
	  "a bogon: no host on the Internet has this source")                                           \
	/* the message is invalid for its class */                                                      \
	X(HOP_LIMIT_NOT_255, "hop-limit-not-255", DROP, "RFC 4861 6.1 7.1 8.1",                         \
	  "neighbour discovery that crossed a router")                                                  \
	X(HOP_LIMIT_NOT_1, "hop-limit-not-1", DROP, "RFC 3810 5, RFC 4286",                             \
	  "a multicast listener message with a hop limit other than 1")                                 \
	X(BAD_CODE, "bad-code", DROP, "RFC 4861 6.1 7.1 8.1", "the code is not 0")                      \
	X(TOO_SHORT, "too-short", DROP, "RFC 4861 6.1 7.1 8.1",                                         \
	  "shorter than the minimum of its type")                                                       \
	X(SOURCE_NOT_LINK_LOCAL, "source-not-link-local", DROP, "RFC 4861 6.1.2 8.1, RFC 2710",         \
	  "only a link-local address may send this")                                                    \
	X(NO_ROUTER_ALERT, "no-router-alert", DROP, "RFC 2710 3, RFC 3810 5",                           \
	  "a multicast listener message without the router alert option")                               \
	X(ND_OPTION, "nd-option", DROP, "RFC 4861 4.6",                                                 \
	  "an option of length 0, or one that runs past the packet")                                    \
	X(ND_TARGET, "nd-target", DROP, "RFC 4861 7.1", "the target is a multicast address")            \
	X(ND_UNSPECIFIED, "nd-unspecified", DROP, "RFC 4861 6.1.1 7.1.1",                               \
	  "from ::, and not to a solicited-node group, or with a link-layer address")                   \
	X(NA_SOLICITED_MULTICAST, "na-solicited-multicast", DROP, "RFC 4861 7.1.2",                     \
	  "a solicited advertisement to a multicast address")                                           \
	X(ND_FRAGMENT, "nd-fragment", DROP, "RFC 6980 5", "neighbour discovery in a fragment")          \
	X(PTB_MTU_BELOW_1280, "ptb-mtu-below-1280", DROP, "RFC 8201 4",                                 \
	  "packet too big with an MTU below 1280 bytes")                                                \
	X(ECHO_MULTICAST, "echo-multicast", DROP, "-",                                                  \
	  "an echo request to a multicast address beyond the link, which all its members would answer") \
	/* decided by the operator and the policy */                                                    \
	X(BLOCKED, "blocked", DROP, "-", "its source is blocked")                                       \
	X(BLOCKED_PREFIX, "blocked-prefix", DROP, "-",                                                  \
	  "a prefix that contains its source is blocked")                                               \
	X(POLICY_DROP, "policy-drop", DROP, "-", "its class is dropped")                                \
	X(LINK_SCOPE, "link-scope", DROP, "RFC 4890 4.3.3",                                             \
	  "a message of link scope, addressed beyond the link")                                         \
	X(OVER_SOURCE_LIMIT, "over-source-limit", DROP, "-",                                            \
	  "its source is over the limit of its class")                                                  \
	X(OVER_48_LIMIT, "over-48-limit", DROP, "-", "its /48 is over the limit of its class")          \
	X(OVER_FALLBACK_LIMIT, "over-fallback-limit", DROP, "-",                                        \
	  "no free slot for its source; charged to a fallback limit, and over that")                    \
	X(THROTTLED, "throttled", DROP, "-", "its source is over the rate the operator set for it")

/* Reasons of the class malformed: the packet is not what it claims to be. */
#define S64_PARSE_REASONS(X)                                                                     \
	X(TRUNCATED_LINK, "truncated-link", DROP, "IEEE 802.3",                                  \
	  "ends inside its Ethernet, VLAN or PPPoE header")                                      \
	X(TOO_MANY_VLANS, "too-many-vlans", DROP, "IEEE 802.1ad",                                \
	  "more than eight VLAN tags and LLC headers")                                           \
	X(TRUNCATED_IPV6, "truncated-ipv6", DROP, "RFC 8200 3", "shorter than an IPv6 header")   \
	X(BAD_VERSION, "bad-version", DROP, "RFC 8200 3", "EtherType IPv6, but another version") \
	X(TRUNCATED_PAYLOAD, "truncated-payload", DROP, "RFC 8200 3",                            \
	  "the payload length exceeds the frame")                                                \
	X(HEADERS_BEYOND_BUFFER, "headers-beyond-buffer", DROP, "-",                             \
	  "the header chain does not end in the driver's first buffer")                          \
	X(TRUNCATED_CHAIN, "truncated-chain", DROP, "RFC 8200 4",                                \
	  "the packet ends inside an extension header")                                          \
	X(CHAIN_TOO_LONG, "chain-too-long", DROP, "RFC 8883 2.4 2.5",                            \
	  "more extension headers, or bytes of them, than are read")                             \
	X(BAD_HEADER_ORDER, "bad-header-order", DROP, "RFC 8200 4.1",                            \
	  "hop-by-hop options not in first place, or a fragment header inside a fragment")       \
	X(BAD_AH_LENGTH, "bad-ah-length", DROP, "RFC 4302 2.2", "shorter than its fixed fields") \
	X(BAD_OPTION, "bad-option", DROP, "RFC 8200 4.2", "an option runs past its header")      \
	X(TOO_MANY_OPTIONS, "too-many-options", DROP, "RFC 8883 2.6",                            \
	  "more options than are read")                                                          \
	X(BAD_JUMBO, "bad-jumbo", DROP, "RFC 2675 3",                                            \
	  "a jumbo payload option where none is allowed, or a length below 65536")               \
	X(BAD_FRAGMENT_LENGTH, "bad-fragment-length", DROP, "RFC 8200 4.5",                      \
	  "empty, or not the last one and not a multiple of 8 bytes")                            \
	X(FRAGMENT_OVERFLOW, "fragment-overflow", DROP, "RFC 8200 4.5",                          \
	  "would reassemble to more than 65535 bytes")                                           \
	X(FRAGMENT_OVERLAP, "fragment-overlap", DROP, "RFC 5722",                                \
	  "starts within the headers of the first fragment")                                     \
	X(FRAGMENT_WITHOUT_HEADERS, "fragment-without-headers", DROP, "RFC 7112 5",              \
	  "a first fragment that does not hold the whole header chain")                          \
	X(TRUNCATED_UPPER, "truncated-upper", DROP, "RFC 8200 8",                                \
	  "too short for its upper-layer header")

enum s64_reason {
#define X(id, ...) S64_REASON_##id,
	S64_REASONS(X)
#undef X
		S64_REASON_FEATURE, /* + enum s64_feature */
	S64_REASON_CLASS_COUNT = S64_REASON_FEATURE + S64_FEATURE_COUNT,

	/* reasons from here on are those of S64_PARSE_REASONS, without a class */
	S64_REASON_PARSE = 64,
	S64_REASON_PARSE_BEFORE_ = S64_REASON_PARSE - 1,
#define X(id, ...) S64_REASON_##id,
	S64_PARSE_REASONS(X)
#undef X
		S64_REASON_COUNT
};

#define S64_REASON_PARSE_MAX 32

_Static_assert((int)S64_REASON_CLASS_COUNT <= (int)S64_REASON_PARSE, "reasons of classes");
_Static_assert(S64_REASON_COUNT <= S64_REASON_PARSE + S64_REASON_PARSE_MAX, "parse reasons");

/* "Not decided yet" as the result of a step: no verdict ends with it. */
#define S64_REASON_NONE 0xff

#endif
