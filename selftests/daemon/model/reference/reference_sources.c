// SPDX-License-Identifier: GPL-2.0-only
/* Addresses, bit by bit, and their sources. */
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

/* --- the source of an address --- */

static bool has_lengths(enum sources_variant sources)
{
	return sources == SOURCES_LENGTHS || sources == SOURCES_BOTH;
}

static bool is_translated(enum sources_variant sources, const struct in6_addr *address)
{
	return has_bits(address, "64:ff9b::", 96) ||
	       ((sources == SOURCES_NAT64 || sources == SOURCES_BOTH) &&
		has_bits(address, "2001:db8:64::", 96));
}

static bool is_customer(enum sources_variant sources, const struct in6_addr *address)
{
	return has_lengths(sources) && has_bits(address, "2001:db8:5600::", 40);
}

/* Is it an IPv4 address in another form? */
bool ref_v4_behind(enum sources_variant sources, const struct in6_addr *address,
		   struct in6_addr *v4)
{
	uint8_t bytes[4];

	if (ref_is_v4(address)) {
		*v4 = *address;
		return true;
	}
	if (is_translated(sources, address)) {
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

static struct prefix source_of(enum sources_variant sources, const struct in6_addr *address)
{
	struct in6_addr v4;

	if (ref_v4_behind(sources, address, &v4))
		return cut(&v4, 128);
	if (has_bits(address, "fe80::", 10))
		return cut(address, 128);
	return cut(address, is_customer(sources, address) ? 56 : 64);
}

/* Does it contain a form, or the link, of which one prefix holds many sources? */
static bool holds_a_form(enum sources_variant sources, const struct prefix *prefix)
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

		if (i == 4 && sources != SOURCES_NAT64 && sources != SOURCES_BOTH)
			continue;
		inet_pton(AF_INET6, forms[i].text, &form);
		if (prefix->length < forms[i].length && ref_contains(prefix, &form))
			return true;
	}
	return false;
}

static enum target_verdict target_of_form(enum sources_variant sources, const struct prefix *prefix,
					  struct prefix *out)
{
	const struct in6_addr *address = &prefix->address;
	bool six_to_four = has_bits(address, "2002::", 16) && prefix->length >= 16;
	bool teredo = has_bits(address, "2001::", 32) && prefix->length >= 32;
	bool translated = is_translated(sources, address) && prefix->length >= 96;
	bool neighbours = has_bits(address, "fe80::", 10) && prefix->length >= 10;

	if (!six_to_four && !teredo && !translated && !neighbours) {
		if (is_customer(sources, address) && prefix->length > 56)
			return TARGET_UNSAFE;
		return TARGET_OK;
	}
	if (prefix->length == (six_to_four ? 48 : 128)) {
		*out = source_of(sources, address);
		return TARGET_OK;
	}
	return six_to_four && prefix->length < 48 ? TARGET_OK : TARGET_UNSAFE;
}

enum target_verdict ref_target(enum sources_variant sources, const char *text,
			       struct prefix *prefix, struct prefix *said)
{
	enum prefix_note note;
	struct prefix written;
	enum target_verdict verdict = TARGET_OK;

	if (prefix_parse_whole(text, &written, &note))
		return TARGET_NONE;
	*said = (struct prefix){};
	*prefix = written;
	if (ref_is_v4(&written.address) && written.length >= 96)
		return written.length == 96 ? TARGET_NONE : TARGET_OK;
	if (written.length < LENGTH_MIN || written.address.s6_addr[0] == 0xff ||
	    has_bits(&written.address, "::", 64))
		return TARGET_NONE;
	if (!strchr(text, '/'))
		*prefix = source_of(sources, &written.address);
	else if (holds_a_form(sources, &written))
		verdict = TARGET_UNSAFE;
	else
		verdict = target_of_form(sources, &written, prefix);
	if (!ref_same(prefix, &written))
		*said = written;
	return verdict;
}
