/* SPDX-License-Identifier: GPL-2.0-only */
/* The classes of packets: one list for the enum, names, metric labels, policy keys, default policy
 * and documentation. A new class is one line.
 *
 * A packet has exactly one class, from its upper layer, and any number of features, from its
 * extension headers (the second list). A policy acts on both; the stricter action applies.
 *
 *   X(ID, name, transit, local, limit, source, description)
 *     transit, local  the action of the profile "edge" for a packet that is routed through, and for one
 *                     addressed to the router itself (RFC 4890 4.3 and 4.4): PASS, LIMIT, DROP, or SCOPE, a
 *                     message of link scope that no router forwards and that is dropped in transit
 *     limit           the default limit, if it is limited: an ID of S64_DEFAULT_LIMITS
 *     source          where the default comes from
 */
#ifndef SLASH64_CLASSES_H
#define SLASH64_CLASSES_H

#include <slash64/types.h>

/* Default limits. X(ID, packets per second and burst of a source, of a /48) */
#define S64_DEFAULT_LIMITS(X)              \
	X(NONE, 0, 0, 0, 0)                \
	X(ERROR, 1000, 2000, 10000, 20000) \
	X(SOFT, 100, 200, 1000, 2000)      \
	X(ECHO, 100, 200, 1000, 2000)      \
	X(LINK, 1000, 2000, 10000, 20000)  \
	X(BULK, 10000, 20000, 100000, 200000)

#define S64_CLASSES(X)                                                                             \
	X(NOT_IPV6, "not-ipv6", PASS, PASS, NONE, "-", "anything but IPv6: IPv4, ARP, LLDP")       \
	X(MALFORMED, "malformed", DROP, DROP, NONE, "RFC 8200", "not a valid packet")              \
	X(IPV4, "ipv4", PASS, PASS, NONE, "RFC 791",                                               \
	  "IPv4, on an interface with ipv4: enforce, which only looks up blocks")                  \
	X(TCP_SYN, "tcp-syn", PASS, PASS, BULK, "RFC 9293", "TCP that opens a connection")         \
	X(TCP, "tcp", PASS, PASS, BULK, "RFC 9293", "any other TCP")                               \
	X(UDP, "udp", PASS, PASS, BULK, "RFC 768", "UDP")                                          \
	X(FRAGMENT_NON_FIRST, "fragment-non-first", PASS, PASS, BULK, "RFC 8200 4.5",              \
	  "a fragment other than the first: no upper-layer header")                                \
	X(IPV4_TUNNEL, "ipv4-tunnel", PASS, PASS, BULK, "RFC 2473", "IPv4 in IPv6")                \
	X(IPV6_TUNNEL, "ipv6-tunnel", PASS, PASS, BULK, "RFC 2473", "IPv6 in IPv6")                \
	X(GRE, "gre", PASS, PASS, BULK, "RFC 7676", "GRE")                                         \
	X(ESP, "esp", PASS, PASS, BULK, "RFC 4303", "encrypted payload")                           \
	X(NO_NEXT_HEADER, "no-next-header", PASS, PASS, SOFT, "RFC 8200 4.7", "no upper layer")    \
	X(OTHER, "other", PASS, PASS, BULK, "IANA protocol numbers",                               \
	  "another assigned upper layer: OSPF, PIM, VRRP, SCTP")                                   \
	X(EXPERIMENTAL_HEADER, "experimental-header", DROP, DROP, SOFT, "RFC 9288 3.5",            \
	  "next header 253 or 254")                                                                \
	X(UNKNOWN_HEADER, "unknown-header", LIMIT, LIMIT, SOFT, "RFC 7045 2.1",                    \
	  "an unassigned next header")                                                             \
	X(DESTINATION_UNREACHABLE, "destination-unreachable", LIMIT, LIMIT, ERROR,                 \
	  "RFC 4890 4.3.1 4.4.1", "type 1, codes 0 to 7 and 9")                                    \
	X(HEADERS_TOO_LONG, "headers-too-long", LIMIT, LIMIT, ERROR, "RFC 8883 3",                 \
	  "type 1, code 8")                                                                        \
	X(PACKET_TOO_BIG, "packet-too-big", LIMIT, LIMIT, ERROR, "RFC 4890 4.3.1 4.4.1",           \
	  "type 2, needed for path MTU discovery")                                                 \
	X(TIME_EXCEEDED, "time-exceeded", LIMIT, LIMIT, ERROR, "RFC 4890 4.3.1 4.4.1",             \
	  "type 3, code 0, needed for traceroute")                                                 \
	X(REASSEMBLY_TIMEOUT, "reassembly-timeout", LIMIT, LIMIT, SOFT, "RFC 4890 4.3.2 4.4.2",    \
	  "type 3, code 1")                                                                        \
	X(PARAMETER_PROBLEM_HEADER, "parameter-problem-header", LIMIT, LIMIT, SOFT,                \
	  "RFC 4890 4.3.2 4.4.2", "type 4, code 0")                                                \
	X(PARAMETER_PROBLEM, "parameter-problem", LIMIT, LIMIT, ERROR, "RFC 4890 4.3.1 4.4.1",     \
	  "type 4, codes 1 and 2")                                                                 \
	X(PARAMETER_PROBLEM_EXTENDED, "parameter-problem-extended", LIMIT, LIMIT, SOFT,            \
	  "RFC 7112, RFC 8754, RFC 8883", "type 4, codes 3 to 10")                                 \
	X(UNASSIGNED_ERROR, "unassigned-error", LIMIT, LIMIT, SOFT, "RFC 4890 4.3.4",              \
	  "types 0, 5-99 and 102-126, and unassigned codes of types 1, 3 and 4")                   \
	X(EXPERIMENTAL_ERROR, "experimental-error", DROP, DROP, SOFT, "RFC 4890 4.3.5",            \
	  "types 100 and 101")                                                                     \
	X(RESERVED_ERROR, "reserved-error", DROP, DROP, SOFT, "RFC 4890 4.3.5", "type 127")        \
	X(ECHO_REQUEST, "echo-request", LIMIT, LIMIT, ECHO, "RFC 4890 4.3.1 4.4.1", "type 128")    \
	X(ECHO_REPLY, "echo-reply", LIMIT, LIMIT, ERROR, "RFC 4890 4.3.1 4.4.1", "type 129")       \
	X(MLD, "mld", SCOPE, PASS, LINK, "RFC 4890 4.4.1", "types 130-132, multicast listeners")   \
	X(ROUTER_SOLICITATION, "router-solicitation", SCOPE, PASS, LINK, "RFC 4890 4.4.1",         \
	  "type 133")                                                                              \
	X(ROUTER_ADVERTISEMENT, "router-advertisement", SCOPE, PASS, LINK, "RFC 4890 4.4.1",       \
	  "type 134")                                                                              \
	X(NEIGHBOR_SOLICITATION, "neighbor-solicitation", SCOPE, PASS, LINK, "RFC 4890 4.4.1",     \
	  "type 135")                                                                              \
	X(NEIGHBOR_ADVERTISEMENT, "neighbor-advertisement", SCOPE, PASS, LINK, "RFC 4890 4.4.1",   \
	  "type 136")                                                                              \
	X(REDIRECT, "redirect", SCOPE, LIMIT, LINK, "RFC 4890 4.4.4", "type 137")                  \
	X(ROUTER_RENUMBERING, "router-renumbering", DROP, DROP, SOFT, "RFC 4890 4.3.5",            \
	  "type 138")                                                                              \
	X(NODE_INFORMATION, "node-information", DROP, DROP, SOFT, "RFC 4890 4.3.5 4.4.4",          \
	  "types 139 and 140")                                                                     \
	X(INVERSE_ND, "inverse-nd", SCOPE, PASS, LINK, "RFC 4890 4.4.1", "types 141 and 142")      \
	X(MLDV2_REPORT, "mldv2-report", SCOPE, PASS, LINK, "RFC 4890 4.4.1", "type 143")           \
	X(MOBILE_IPV6, "mobile-ipv6", LIMIT, DROP, SOFT, "RFC 4890 4.3.2", "types 144-147")        \
	X(SEND, "send-certificate-path", SCOPE, PASS, LINK, "RFC 4890 4.4.1", "types 148 and 149") \
	X(SEAMOBY, "seamoby", DROP, DROP, SOFT, "RFC 4890 4.3.4", "type 150, experimental")        \
	X(MULTICAST_ROUTER_DISCOVERY, "multicast-router-discovery", SCOPE, PASS, LINK,             \
	  "RFC 4890 4.4.1", "types 151-153")                                                       \
	X(FMIPV6, "fmipv6", SCOPE, DROP, SOFT, "RFC 5568", "type 154, never in transit")           \
	X(RPL, "rpl", DROP, DROP, SOFT, "RFC 6550", "type 155, drop at an edge")                   \
	X(ILNP, "ilnp", DROP, DROP, SOFT, "RFC 6743", "type 156")                                  \
	X(DUPLICATE_ADDRESS, "duplicate-address", DROP, DROP, SOFT, "RFC 6775",                    \
	  "types 157 and 158, drop at an edge")                                                    \
	X(MPL, "mpl", SCOPE, DROP, SOFT, "RFC 7731", "type 159, never in transit")                 \
	X(EXTENDED_ECHO, "extended-echo", LIMIT, DROP, SOFT, "RFC 8335 8", "types 160 and 161")    \
	X(UNASSIGNED_INFO, "unassigned-info", LIMIT, DROP, SOFT, "RFC 4890 4.3.4 4.4.5",           \
	  "types 162-199 and 202-254")                                                             \
	X(EXPERIMENTAL_INFO, "experimental-info", DROP, DROP, SOFT, "RFC 4890 4.3.5",              \
	  "types 200 and 201")                                                                     \
	X(RESERVED_INFO, "reserved-info", DROP, DROP, SOFT, "RFC 4890 4.3.5", "type 255")

enum s64_class {
#define X(id, ...) S64_CLASS_##id,
	S64_CLASSES(X)
#undef X
		S64_CLASS_COUNT
};

/* Features: what the extension headers contain. X(ID, name, transit, local, limit, source,
 * description). A dropped feature is a reason of the same name. If several are dropped or limited,
 * the first of this list counts.
 */
#define S64_FEATURES(X)                                                                            \
	X(ROUTING_0, "routing-type-0", DROP, DROP, SOFT, "RFC 5095", "source routing, deprecated") \
	X(ROUTING_NIMROD, "routing-nimrod", DROP, DROP, SOFT, "RFC 9288 3.5.2", "routing type 1")  \
	X(ROUTING_RPL, "routing-rpl", DROP, DROP, SOFT, "RFC 6554",                                \
	  "routing type 3, drop at an edge")                                                       \
	X(ROUTING_SEGMENT, "routing-segment", PASS, DROP, SOFT, "RFC 8754 5.1",                    \
	  "routing type 4, SRv6")                                                                  \
	X(ROUTING_MOBILE, "routing-mobile", PASS, PASS, SOFT, "RFC 6275 6.4", "routing type 2")    \
	X(ROUTING_OTHER, "routing-other", LIMIT, LIMIT, SOFT, "RFC 9288 3.5.2",                    \
	  "any other routing type")                                                                \
	X(OPTION_DEPRECATED, "option-deprecated", DROP, DROP, SOFT, "RFC 9288 4.4",                \
	  "options 0x4d, 0x63, 0x8a and 0x8c")                                                     \
	X(JUMBO_PAYLOAD, "jumbo-payload", PASS, PASS, SOFT, "RFC 2675", "option 0xc2")             \
	X(OPTION_RESTRICTED, "option-restricted", PASS, PASS, SOFT,                                \
	  "RFC 9288 4.4, RFC 9343, RFC 9486", "options 0x07, 0x08, 0x11, 0x12, 0x31 and 0xee")     \
	X(OPTION_UNKNOWN, "option-unknown", LIMIT, LIMIT, SOFT, "RFC 9288 4.5",                    \
	  "an unassigned or experimental option")                                                  \
	X(HOP_BY_HOP, "hop-by-hop", LIMIT, LIMIT, SOFT, "RFC 9288 3.5.1",                          \
	  "hop-by-hop options header, except what multicast listeners and routers, RSVP "          \
	  "and the kernel need")                                                                   \
	X(ROUTER_ALERT, "router-alert", LIMIT, LIMIT, LINK, "RFC 6398, RFC 9805",                  \
	  "option 0x05, except of multicast listeners and routers")                                \
	X(DESTINATION_OPTIONS, "destination-options", PASS, PASS, SOFT, "RFC 9288 3.5.6",          \
	  "destination options header")                                                            \
	X(FRAGMENT_FIRST, "fragment-first", PASS, PASS, SOFT, "RFC 8200 4.5",                      \
	  "first fragment of several")                                                             \
	X(FRAGMENT_ATOMIC, "fragment-atomic", PASS, PASS, SOFT, "RFC 6946",                        \
	  "fragment header on a whole packet")                                                     \
	X(AH, "ah", PASS, PASS, SOFT, "RFC 4302", "authentication header")                         \
	X(MOBILITY, "mobility", PASS, PASS, SOFT, "RFC 6275 6.1", "mobility header")               \
	X(HIP, "hip", PASS, PASS, SOFT, "RFC 7401", "host identity protocol")                      \
	X(SHIM6, "shim6", PASS, PASS, SOFT, "RFC 5533", "shim6")

enum s64_feature {
#define X(id, ...) S64_FEATURE_##id,
	S64_FEATURES(X)
#undef X
		S64_FEATURE_COUNT
};

#define S64_FEATURE_BIT(id) (1U << S64_FEATURE_##id)

/* Room for later versions, so that a map laid out today still fits. */
#define S64_CLASS_MAX	64
#define S64_FEATURE_MAX 32

_Static_assert(S64_CLASS_COUNT <= S64_CLASS_MAX, "classes");
_Static_assert(S64_FEATURE_COUNT <= S64_FEATURE_MAX, "features fit one word");

/* Whether a packet is routed through, or for the router itself (RFC 4890 4.3 and 4.4). */
enum s64_direction { S64_TRANSIT, S64_LOCAL, S64_DIRECTION_COUNT };

enum s64_action {
	S64_ACTION_PASS,
	S64_ACTION_DROP,
	S64_ACTION_LIMIT,
	S64_ACTION_SCOPE, /* dropped: link scope, and not for us */
	S64_ACTION_COUNT
};

enum s64_verdict {
	S64_PASS,
	S64_DROP,
	S64_WOULD_DROP, /* monitor: counted as a drop, but passed */
	S64_VERDICT_COUNT
};

#endif
