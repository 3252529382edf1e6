// SPDX-License-Identifier: GPL-2.0-only
#include "prefix.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <slash64/site.h>
#include <stdio.h>
#include <string.h>

#define PREFIX_SITE_LENGTH 64

uint64_t prefix_hi(const struct prefix *prefix)
{
	uint64_t v;

	memcpy(&v, &prefix->address.s6_addr[0], sizeof(v));
	return be64toh(v);
}

uint64_t prefix_lo(const struct prefix *prefix)
{
	uint64_t v;

	memcpy(&v, &prefix->address.s6_addr[8], sizeof(v));
	return be64toh(v);
}

static uint64_t mask64(unsigned int bits)
{
	return bits == 0 ? 0 : bits >= 64 ? UINT64_MAX : ~(UINT64_MAX >> bits);
}

struct prefix prefix_of_bits(uint64_t hi, uint64_t lo, uint8_t length)
{
	struct prefix prefix = {.length = length};

	hi = htobe64(hi & mask64(length));
	lo = htobe64(length <= 64 ? 0 : lo & mask64(length - 64));
	memcpy(&prefix.address.s6_addr[0], &hi, sizeof(hi));
	memcpy(&prefix.address.s6_addr[8], &lo, sizeof(lo));
	return prefix;
}

struct prefix prefix_around(const struct in6_addr *address, uint8_t length)
{
	struct prefix whole = {.address = *address, .length = 128};

	return prefix_of_bits(prefix_hi(&whole), prefix_lo(&whole), length);
}

/* One to three digits, no sign, no leading zero. */
static int parse_length(const char *text, uint8_t *length)
{
	unsigned int v = 0;

	if (!*text || strlen(text) > 3 || (text[0] == '0' && text[1]))
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		v = v * 10 + (*text - '0');
	}
	if (v > 128)
		return -EINVAL;
	*length = v;
	return 0;
}

int prefix_parse(const char *text, struct prefix *prefix, enum prefix_note *note)
{
	char buf[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	uint8_t length = PREFIX_SITE_LENGTH;
	struct in6_addr address;
	struct prefix p;

	if (n >= sizeof(buf))
		return -EINVAL;
	memcpy(buf, text, n);
	buf[n] = '\0';
	if (inet_pton(AF_INET6, buf, &address) != 1)
		return -EINVAL;
	if (slash && parse_length(slash + 1, &length))
		return -EINVAL;

	p = prefix_around(&address, length);
	if (note) {
		if (!slash)
			*note = PREFIX_WAS_ADDRESS;
		else
			*note = memcmp(&p.address, &address, sizeof(address)) ?
					PREFIX_HAD_HOST_BITS :
					PREFIX_EXACT;
	}
	*prefix = p;
	return 0;
}

/* inet_ntop() of glibc writes RFC 5952 form, but for one case: a single 16-bit zero is not shortened to ::
 * (4.2.2), which it keeps to as well.
 */
const char *address_format(const struct in6_addr *address, char *buf)
{
	return inet_ntop(AF_INET6, address, buf, INET6_ADDRSTRLEN);
}

const char *prefix_format(const struct prefix *prefix, char *buf)
{
	char text[INET6_ADDRSTRLEN];

	snprintf(buf, PREFIX_TEXT_MAX, "%s/%u", address_format(&prefix->address, text),
		 prefix->length);
	return buf;
}

bool prefix_contains(const struct prefix *outer, const struct prefix *inner)
{
	struct prefix p;

	if (inner->length < outer->length)
		return false;
	p = prefix_around(&inner->address, outer->length);
	return !memcmp(&p.address, &outer->address, sizeof(p.address));
}

int prefix_compare(const struct prefix *a, const struct prefix *b)
{
	int order = memcmp(&a->address, &b->address, sizeof(a->address));

	if (order)
		return order < 0 ? -1 : 1;
	return a->length < b->length ? -1 : a->length > b->length;
}

struct prefix prefix_of_site(uint64_t site, uint64_t source_hi, uint64_t source_lo)
{
	if (s64_is_link_local(site))
		return prefix_of_bits(source_hi, source_lo, 128);
	return prefix_of_bits(site, 0, PREFIX_SITE_LENGTH);
}
