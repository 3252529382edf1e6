// SPDX-License-Identifier: GPL-2.0-only
#include "match.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAMED_MAX 3 /* addresses; further ones are only counted */

struct text {
	char *at;
	size_t room;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *text, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text->at, text->room, format, args);
	va_end(args);
	if (n < 0)
		n = 0;
	if ((size_t)n >= text->room)
		n = text->room ? text->room - 1 : 0;
	text->at += n;
	text->room -= n;
}

static const char *format_address(const struct in6_addr *address, char *buf)
{
	if (IN6_IS_ADDR_V4MAPPED(address))
		return inet_ntop(AF_INET, &address->s6_addr[12], buf, INET6_ADDRSTRLEN);
	return address_format(address, buf);
}

static void put_role(struct text *text, const struct known_address *addr, uint32_t role)
{
	char name[IF_NAMESIZE];
	const char *link = addr->ifindex ? if_indextoname(addr->ifindex, name) : NULL;
	const char *on = link ? " on " : "", *via = link ? " via " : "";

	link = link ? link : "";
	switch (role) {
	case ADDRESS_OWN:
		put(text, "this router's own address%s%s", on, link);
		break;
	case ADDRESS_NEXT_HOP:
		put(text, "next hop%s%s%s",
		    addr->roles & ADDRESS_DEFAULT ? " of the default route" : "", via, link);
		break;
	case ADDRESS_NEIGHBOUR:
		put(text, "%s%s%s",
		    addr->roles & ADDRESS_ROUTER ? "neighbouring router" : "neighbour", on, link);
		break;
	case ADDRESS_FAR_END:
		put(text, "the far end of %s", *link ? link : "a link");
		break;
	case ADDRESS_BGP:
		put(text, "BGP peer");
		break;
	case ADDRESS_PEER:
		put(text, "configured peer");
		break;
	case ADDRESS_OPERATOR:
		put(text, "from where you are logged in over SSH");
		break;
	case ADDRESS_SSH:
		put(text, "a user is logged in from there");
		break;
	}
}

/* "ADDRESS (all its roles)". Returns the guards it matches, a bit each. */
static unsigned int put_address(struct text *text, const struct match_set *match_sets,
				size_t match_set_count, const struct in6_addr *address)
{
	const struct prefix whole = {*address, 128};
	char buf[INET6_ADDRSTRLEN];
	unsigned int protection = 0;

	put(text, "%s (", format_address(address, buf));
	for (size_t i = 0; i < match_set_count; i++) {
		const struct known_address *addr =
			address_set_next(match_sets[i].set, &whole, match_sets[i].role, NULL);

		/* the caller's own session is named once */
		if (!addr || (match_sets[i].role == ADDRESS_SSH && protection & 1U << GUARD_SSH))
			continue;
		put(text, "%s", protection ? ", " : "");
		put_role(text, addr, match_sets[i].role);
		protection |= 1U << match_sets[i].guard;
	}
	put(text, ")");
	return protection;
}

/* --- search --- */

static bool is_known(const struct match_set *match_sets, size_t match_set_count,
		     const struct in6_addr *address)
{
	const struct prefix whole = {*address, 128};

	for (size_t i = 0; i < match_set_count; i++)
		if (address_set_next(match_sets[i].set, &whole, match_sets[i].role, NULL))
			return true;
	return false;
}

/* Each address once, whatever its roles. */
static size_t count_covered(const struct match_set *match_sets, size_t match_set_count,
			    const struct prefix *prefix)
{
	size_t count = 0;

	for (size_t i = 0; i < match_set_count; i++) {
		const struct known_address *addr = NULL;

		while ((addr = address_set_next(match_sets[i].set, prefix, match_sets[i].role,
						addr)))
			if (!is_known(match_sets, i, &addr->seen))
				count++;
	}
	return count;
}

enum guard match_search(const struct match_set *match_sets, size_t match_set_count,
			const struct prefix *prefix, char *out, size_t bytes)
{
	struct text text = {out, bytes};
	enum guard first = GUARD_NONE;
	unsigned int told = 0; /* guards, a bit each */
	size_t named = 0, count;

	for (size_t i = 0; i < match_set_count && named < NAMED_MAX; i++) {
		const struct known_address *addr =
			address_set_next(match_sets[i].set, prefix, match_sets[i].role, NULL);

		if (!addr || told & 1U << match_sets[i].guard)
			continue;
		if (!named)
			first = match_sets[i].guard;
		put(&text, "%s", named ? ", " : "");
		told |= put_address(&text, match_sets, match_set_count, &addr->seen);
		named++;
	}
	if (first == GUARD_NONE)
		return first;
	count = count_covered(match_sets, match_set_count, prefix);
	if (count > named)
		put(&text, " and %zu more", count - named);
	return first;
}
