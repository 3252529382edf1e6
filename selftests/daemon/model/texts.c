// SPDX-License-Identifier: GPL-2.0-only
/* The addresses of this world: few, so that they collide. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "model.h"

#define MANY_MAX 128

const char *const all_prefixes[] = {
	/* sources, by an address, by another, and as a whole */
	"2001:db8:a:1::1",
	"2001:db8:a:1::2",
	"2001:db8:a:1::3",
	"2001:db8:a:1::/64",
	"2001:db8:a:2::1",
	"2001:db8:a:2::/64",
	"2001:db8:a:3::/64",
	"2001:db8:b:1::1",
	"2001:db8:b:1::/64",
	"2400:4050:1:1::9",
	"2400:4050:1:1::/64",
	"2001:db8:0:9::/64",
	/* parts of them */
	"2001:db8:a:1::1/128",
	"2001:db8:a:1:8000::/65",
	"2001:db8:a:2::/80",
	/* and prefixes around them */
	"2001:db8:a::/48",
	"2001:db8:a::/56",
	"2001:db8::/40",
	"2001:db8:b::/48",
	"2001:db8::/32",
	"2400:4050::/32",
	"2400:4050::/29",
	"2400::/16",
	/* customers with a /56, if the configuration says so */
	"2001:db8:5600:100::1",
	"2001:db8:5600:1ff::1",
	"2001:db8:5600:100::/56",
	"2001:db8:5600:142::/64",
	"2001:db8:5600::/48",
	/* IPv4, in its forms */
	"198.51.100.7",
	"198.51.100.8",
	"198.51.100.0/24",
	"192.0.2.0/24",
	"2002:c633:6407::1",
	"2002:c633:6407::/48",
	"64:ff9b::c633:6407",
	"64:ff9b::/96",
	"2001:db8:64::c633:6408",
	"2001:0:1:2::39cc:9bf8",
	"198.0.0.0/8",
	"2002:c000::/20",
	/* neighbours */
	"fe80::1234",
	"fe80::1:5678",
	"fe80::/64",
	/* addresses that must not be blocked */
	"2001:db8:0:1::1",
	"2001:db8:0:1::/64",
	"2001:db8::/48",
	"192.0.2.1",
	"2001:db8:ffff::/48",
	/* no sources */
	"ff02::1",
	"::/0",
	"::1",
	"0.0.0.0/0",
};
const unsigned int all_prefixes_count = sizeof(all_prefixes) / sizeof(all_prefixes[0]);

const char *const all_addresses[] = {
	"2001:db8:a:1::1",
	"2001:db8:a:1::2",
	"2001:db8:a:1:8000::5",
	"2001:db8:a:2::1",
	"2001:db8:a:2:1::1",
	"2001:db8:a:3::1",
	"2001:db8:b:1::1",
	"2001:db8:b:77::1",
	"2400:4050:1:1::9",
	"2400:4050:7::1",
	"2001:db8:c::1",
	"2001:db8:0:9::9",
	"2001:db8:5600:100::1",
	"2001:db8:5600:142::8",
	"2001:db8:5600:1ff::1",
	"2001:db8:5600:200::1",
	"198.51.100.7",
	"198.51.100.8",
	"198.51.100.9",
	"192.0.2.200",
	"2002:c633:6407::1",
	"64:ff9b::c633:6407",
	"64:ff9b::c633:6408",
	"2001:db8:64::c633:6407",
	"2001:db8:64::c633:6408",
	"2001:0:1:2::39cc:9bf8",
	"fe80::1234",
	"fe80::1:5678",
	"fe80::9",
	"2001:db8:0:1::1",
	"2001:db8:ffff::1",
	"2a00:1450::1",
	"203.0.113.9",
};
const unsigned int all_addresses_count = sizeof(all_addresses) / sizeof(all_addresses[0]);

/* Addresses that the router may know: own, next hops, neighbours, sessions, users. */
const char *const known_addresses[] = {
	"2001:db8:0:1::1", "192.0.2.1",	   "2001:db8:0:9::9",  "2001:db8:ffff::1",
	"2001:db8:b:1::1", "198.51.100.8", "2400:4050:1:1::9", "2001:db8:a:3::1",
};
const unsigned int known_addresses_count = sizeof(known_addresses) / sizeof(known_addresses[0]);

const char *text_of_prefix(struct chance *chance)
{
	return all_prefixes[chance_below(chance, all_prefixes_count)];
}

const char *text_of_address(struct chance *chance)
{
	return all_addresses[chance_below(chance, all_addresses_count)];
}

const char *text_of_many(unsigned int number)
{
	static char text[MANY_MAX][24];

	snprintf(text[number % MANY_MAX], sizeof(text[0]), "2001:db8:77:%x::/64",
		 number % MANY_MAX);
	return text[number % MANY_MAX];
}

struct in6_addr address_of_text(const char *text)
{
	struct in6_addr out = {};

	if (strchr(text, '.')) {
		out.s6_addr[10] = out.s6_addr[11] = 0xff;
		inet_pton(AF_INET, text, &out.s6_addr[12]);
	} else {
		inet_pton(AF_INET6, text, &out);
	}
	return out;
}

const char *text_of(const struct prefix *prefix)
{
	static char text[4][PREFIX_TEXT_MAX];
	static unsigned int turn;

	return prefix_format(prefix, text[turn++ % 4]);
}
