/* SPDX-License-Identifier: GPL-2.0-only */
/* IPv6 prefixes as text and as bits. An IPv4 prefix is stored as the IPv4-mapped one (RFC 4291
 * 2.5.5.2), which no packet has: 198.51.100.0/24 is ::ffff:198.51.100.0/120, and is written and
 * read in the short form.
 */
#ifndef SLASH64_USER_PREFIX_H
#define SLASH64_USER_PREFIX_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct prefix {
	struct in6_addr address; /* network order; the bits behind the length are 0 */
	uint8_t length;		 /* 0 to 128 */
};

/* "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/128" and the final 0 */
#define PREFIX_TEXT_MAX (INET6_ADDRSTRLEN + 4)

/* What prefix_parse() had to assume, for the answer to mention. */
enum prefix_note {
	PREFIX_EXACT,
	PREFIX_WAS_ADDRESS,   /* no length was given: its /64 is meant */
	PREFIX_HAD_HOST_BITS, /* bits behind the length were set, and were cleared */
};

/* Parses an address or ADDRESS/LENGTH, of IPv6 or IPv4; an address is a prefix of full length. 0,
 * or -EINVAL. `note` may be NULL.
 */
int prefix_parse_whole(const char *text, struct prefix *prefix, enum prefix_note *note);

/* The same, but an IPv6 address is its /64. */
int prefix_parse(const char *text, struct prefix *prefix, enum prefix_note *note);

/* RFC 5952 form with the length, into buf of PREFIX_TEXT_MAX. Returns buf. */
const char *prefix_format(const struct prefix *prefix, char *buf);

/* The same, but a whole address is written without its length. */
const char *prefix_format_said(const struct prefix *prefix, char *buf);

/* RFC 5952 form of an address, into buf of INET6_ADDRSTRLEN. Returns buf. */
const char *address_format(const struct in6_addr *address, char *buf);

/* The prefix of `length` bits that contains an address. */
struct prefix prefix_around(const struct in6_addr *address, uint8_t length);

/* Is it an IPv4 prefix? Its address, in host order, is the lower 32 bits of prefix_lo(). */
#define PREFIX_V4_LENGTH 96 /* all of IPv4 */
bool prefix_is_v4(const struct prefix *prefix);
struct prefix prefix_of_v4(uint32_t address, uint8_t length);

bool prefix_contains(const struct prefix *outer, const struct prefix *inner);

/* -1, 0, 1: by address, then the shorter first. */
int prefix_compare(const struct prefix *a, const struct prefix *b);

/* Upper and lower 64 bits, in host order. */
uint64_t prefix_hi(const struct prefix *prefix);
uint64_t prefix_lo(const struct prefix *prefix);
struct prefix prefix_of_bits(uint64_t hi, uint64_t lo, uint8_t length);

#endif
