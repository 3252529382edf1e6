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

static void put_role(struct text *text, const struct known *known, uint32_t role)
{
	char name[IF_NAMESIZE];
	const char *link = known->ifindex ? if_indextoname(known->ifindex, name) : NULL;
	const char *on = link ? " on " : "", *via = link ? " via " : "";

	link = link ? link : "";
	switch (role) {
	case KNOWN_OWN:
		put(text, "this router's own address%s%s", on, link);
		break;
	case KNOWN_NEXT_HOP:
		put(text, "next hop%s%s%s",
		    known->roles & KNOWN_DEFAULT ? " of the default route" : "", via, link);
		break;
	case KNOWN_NEIGHBOUR:
		put(text, "%s%s%s",
		    known->roles & KNOWN_ROUTER ? "neighbouring router" : "neighbour", on, link);
		break;
	case KNOWN_FAR_END:
		put(text, "the far end of %s", *link ? link : "a link");
		break;
	case KNOWN_BGP:
		put(text, "BGP peer");
		break;
	case KNOWN_PEER:
		put(text, "configured peer");
		break;
	case KNOWN_OPERATOR:
		put(text, "from where you are logged in over SSH");
		break;
	case KNOWN_SSH:
		put(text, "a user is logged in from there");
		break;
	}
}

/* "ADDRESS (all its roles)". Returns the guards it matches, a bit each. */
static unsigned int put_address(struct text *text, const struct place *places, size_t place_count,
				const struct in6_addr *address)
{
	const struct prefix whole = {*address, 128};
	char buf[INET6_ADDRSTRLEN];
	unsigned int guards = 0;

	put(text, "%s (", format_address(address, buf));
	for (size_t i = 0; i < place_count; i++) {
		const struct known *known = known_next(places[i].set, &whole, places[i].role, NULL);

		/* the caller's own session is named once */
		if (!known || (places[i].role == KNOWN_SSH && guards & 1U << GUARD_SSH))
			continue;
		put(text, "%s", guards ? ", " : "");
		put_role(text, known, places[i].role);
		guards |= 1U << places[i].guard;
	}
	put(text, ")");
	return guards;
}

/* --- search --- */

static bool is_known(const struct place *places, size_t place_count, const struct in6_addr *address)
{
	const struct prefix whole = {*address, 128};

	for (size_t i = 0; i < place_count; i++)
		if (known_next(places[i].set, &whole, places[i].role, NULL))
			return true;
	return false;
}

/* Each address once, whatever its roles. */
static size_t count_covered(const struct place *places, size_t place_count,
			    const struct prefix *prefix)
{
	size_t count = 0;

	for (size_t i = 0; i < place_count; i++) {
		const struct known *known = NULL;

		while ((known = known_next(places[i].set, prefix, places[i].role, known)))
			if (!is_known(places, i, &known->seen))
				count++;
	}
	return count;
}

enum guard places_search(const struct place *places, size_t place_count,
			 const struct prefix *prefix, char *out, size_t bytes)
{
	struct text text = {out, bytes};
	enum guard first = GUARD_NONE;
	unsigned int told = 0; /* guards, a bit each */
	size_t named = 0, count;

	for (size_t i = 0; i < place_count && named < NAMED_MAX; i++) {
		const struct known *known = known_next(places[i].set, prefix, places[i].role, NULL);

		if (!known || told & 1U << places[i].guard)
			continue;
		if (!named)
			first = places[i].guard;
		put(&text, "%s", named ? ", " : "");
		told |= put_address(&text, places, place_count, &known->seen);
		named++;
	}
	if (first == GUARD_NONE)
		return first;
	count = count_covered(places, place_count, prefix);
	if (count > named)
		put(&text, " and %zu more", count - named);
	return first;
}
