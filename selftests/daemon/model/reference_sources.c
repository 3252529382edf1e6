// SPDX-License-Identifier: GPL-2.0-only
/* Addresses, bit by bit, and who a source is. */
#include <arpa/inet.h>
#include <string.h>

#include "reference_internal.h"

#define LENGTH_MIN 16

static bool has_bits(const struct in6_addr *address, const char *prefix, unsigned int length)
{
	struct in6_addr other;

	inet_pton(AF_INET6, prefix, &other);
	for (unsigned int i = 0; i < length; i++)
		if ((address->s6_addr[i / 8] ^ other.s6_addr[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

static struct prefix cut(const struct in6_addr *address, unsigned int length)
{
	struct prefix out = {.address = *address, .length = length};

	for (unsigned int i = length; i < 128; i++)
		out.address.s6_addr[i / 8] &= ~(0x80 >> i % 8);
	return out;
}

bool ref_contains(const struct prefix *outer, const struct in6_addr *address)
{
	unsigned int bytes = outer->length / 8, bits = outer->length % 8;

	return !memcmp(&outer->address, address, bytes) &&
	       (!bits ||
		!((outer->address.s6_addr[bytes] ^ address->s6_addr[bytes]) >> (8 - bits)));
}

bool ref_same(const struct prefix *a, const struct prefix *b)
{
	return a->length == b->length && !memcmp(&a->address, &b->address, sizeof(a->address));
}

bool ref_lies_in(const struct prefix *inner, const struct prefix *outer)
{
	return inner->length >= outer->length && ref_contains(outer, &inner->address);
}

bool ref_is_v4(const struct in6_addr *address)
{
	return IN6_IS_ADDR_V4MAPPED(address);
}

struct in6_addr ref_mapped(const uint8_t v4[4])
{
	struct in6_addr out = {};

	out.s6_addr[10] = out.s6_addr[11] = 0xff;
	memcpy(&out.s6_addr[12], v4, 4);
	return out;
}

/* --- who a source is --- */

static bool has_lengths(enum sites_variant sites)
{
	return sites == SITES_LENGTHS || sites == SITES_BOTH;
}

static bool is_translated(enum sites_variant sites, const struct in6_addr *address)
{
	return has_bits(address, "64:ff9b::", 96) ||
	       ((sites == SITES_NAT64 || sites == SITES_BOTH) &&
		has_bits(address, "2001:db8:64::", 96));
}

static bool is_customer(enum sites_variant sites, const struct in6_addr *address)
{
	return has_lengths(sites) && has_bits(address, "2001:db8:5600::", 40);
}

/* Is it an IPv4 address in another form? */
bool ref_v4_behind(enum sites_variant sites, const struct in6_addr *address, struct in6_addr *v4)
{
	uint8_t bytes[4];

	if (ref_is_v4(address)) {
		*v4 = *address;
		return true;
	}
	if (is_translated(sites, address)) {
		memcpy(bytes, &address->s6_addr[12], 4);
	} else if (has_bits(address, "2001::", 32)) {
		for (int i = 0; i < 4; i++)
			bytes[i] = ~address->s6_addr[12 + i];
	} else if (has_bits(address, "2002::", 16)) {
		memcpy(bytes, &address->s6_addr[2], 4);
	} else {
		return false;
	}
	*v4 = ref_mapped(bytes);
	return true;
}

static struct prefix site_of(enum sites_variant sites, const struct in6_addr *address)
{
	struct in6_addr v4;

	if (ref_v4_behind(sites, address, &v4))
		return cut(&v4, 128);
	if (has_bits(address, "fe80::", 10))
		return cut(address, 128);
	return cut(address, is_customer(sites, address) ? 56 : 64);
}

/* Is a form, or the link, of which one prefix holds many sources, within it? */
static bool holds_a_form(enum sites_variant sites, const struct prefix *prefix)
{
	static const struct {
		const char *text;
		unsigned int length;
	} forms[] = {{"64:ff9b::", 96},
		     {"2001::", 32},
		     {"2002::", 16},
		     {"fe80::", 10},
		     {"2001:db8:64::", 96}};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct in6_addr form;

		if (i == 4 && sites != SITES_NAT64 && sites != SITES_BOTH)
			continue;
		inet_pton(AF_INET6, forms[i].text, &form);
		if (prefix->length < forms[i].length && ref_contains(prefix, &form))
			return true;
	}
	return false;
}

static enum unit_verdict unit_of_form(enum sites_variant sites, const struct prefix *prefix,
				      struct prefix *out)
{
	const struct in6_addr *address = &prefix->address;
	bool six_to_four = has_bits(address, "2002::", 16) && prefix->length >= 16;
	bool teredo = has_bits(address, "2001::", 32) && prefix->length >= 32;
	bool translated = is_translated(sites, address) && prefix->length >= 96;
	bool neighbours = has_bits(address, "fe80::", 10) && prefix->length >= 10;

	if (!six_to_four && !teredo && !translated && !neighbours) {
		if (is_customer(sites, address) && prefix->length > 56)
			return UNIT_UNSAFE;
		return UNIT_OK;
	}
	if (prefix->length == (six_to_four ? 48 : 128)) {
		*out = site_of(sites, address);
		return UNIT_OK;
	}
	return six_to_four && prefix->length < 48 ? UNIT_OK : UNIT_UNSAFE;
}

enum unit_verdict ref_unit(enum sites_variant sites, const char *text, struct prefix *prefix,
			   struct prefix *said)
{
	enum prefix_note note;
	struct prefix written;
	enum unit_verdict verdict = UNIT_OK;

	if (prefix_parse_whole(text, &written, &note))
		return UNIT_NONE;
	*said = (struct prefix){};
	*prefix = written;
	if (ref_is_v4(&written.address) && written.length >= 96)
		return written.length == 96 ? UNIT_NONE : UNIT_OK;
	if (written.length < LENGTH_MIN || written.address.s6_addr[0] == 0xff ||
	    has_bits(&written.address, "::", 64))
		return UNIT_NONE;
	if (!strchr(text, '/'))
		*prefix = site_of(sites, &written.address);
	else if (holds_a_form(sites, &written))
		verdict = UNIT_UNSAFE;
	else
		verdict = unit_of_form(sites, &written, prefix);
	if (!ref_same(prefix, &written))
		*said = written;
	return verdict;
}
