/* SPDX-License-Identifier: GPL-2.0-only */
/* IPv6 prefixes as text and as bits. An IPv4 prefix is stored as the IPv4-mapped one (RFC 4291
 * 2.5.5.2), which no packet has: 198.51.100.0/24 is ::ffff:198.51.100.0/120, and is written and
 * read in the short form.
 */
#ifndef SLASH64_NET_PREFIX_H
#define SLASH64_NET_PREFIX_H

#include <endian.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

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

/* --- bits: inline, because an import of a million calls each of these several million times --- */

/* Upper and lower 64 bits, in host order. */
static inline uint64_t prefix_hi(const struct prefix *prefix)
{
	uint64_t v;

	memcpy(&v, &prefix->address.s6_addr[0], sizeof(v));
	return be64toh(v);
}

static inline uint64_t prefix_lo(const struct prefix *prefix)
{
	uint64_t v;

	memcpy(&v, &prefix->address.s6_addr[8], sizeof(v));
	return be64toh(v);
}

/* A mask of the upper `bits` of 64. */
static inline uint64_t prefix_mask(unsigned int bits)
{
	return bits == 0 ? 0 : bits >= 64 ? UINT64_MAX : ~(UINT64_MAX >> bits);
}

/* One store for both halves: a CPU cannot forward two stores to the single load of a copy that follows. */
static inline struct prefix prefix_of_bits(uint64_t hi, uint64_t lo, uint8_t length)
{
	typedef uint64_t halves __attribute__((vector_size(sizeof(struct in6_addr))));
	const halves address = {
		htobe64(hi & prefix_mask(length)),
		htobe64(length <= 64 ? 0 : lo & prefix_mask(length - 64)),
	};
	struct prefix prefix;

	memcpy(&prefix.address, &address, sizeof(prefix.address));
	prefix.length = length;
	return prefix;
}

/* The prefix of `length` bits that contains an address. */
static inline struct prefix prefix_around(const struct in6_addr *address, uint8_t length)
{
	struct prefix whole = {.address = *address, .length = 128};

	return prefix_of_bits(prefix_hi(&whole), prefix_lo(&whole), length);
}

/* Is it an IPv4 prefix? Its address, in host order, is the lower 32 bits of prefix_lo(). */
#define PREFIX_V4_LENGTH 96 /* all of IPv4 */
static inline bool prefix_is_v4(const struct prefix *prefix)
{
	return prefix->length >= PREFIX_V4_LENGTH && prefix_hi(prefix) == 0 &&
	       prefix_lo(prefix) >> 32 == 0xffff;
}

static inline struct prefix prefix_of_v4(uint32_t address, uint8_t length)
{
	return prefix_of_bits(0, 0xffffULL << 32 | address, PREFIX_V4_LENGTH + length);
}

static inline bool prefix_contains(const struct prefix *outer, const struct prefix *inner)
{
	uint8_t length = outer->length;
	uint64_t lo = length <= 64 ? 0 : prefix_lo(inner) & prefix_mask(length - 64);

	return inner->length >= length &&
	       prefix_hi(outer) == (prefix_hi(inner) & prefix_mask(length)) &&
	       prefix_lo(outer) == lo;
}

/* -1, 0, 1: by address, then the shorter first. */
static inline int prefix_compare(const struct prefix *a, const struct prefix *b)
{
	uint64_t x = prefix_hi(a), y = prefix_hi(b);

	if (x == y) {
		x = prefix_lo(a);
		y = prefix_lo(b);
	}
	if (x == y) {
		x = a->length;
		y = b->length;
	}
	return x < y ? -1 : x > y;
}

/* The same for qsort() and bsearch(), over prefixes or structs that begin with one. */
static inline int prefix_order(const void *a, const void *b)
{
	return prefix_compare(a, b);
}

#endif
