// SPDX-License-Identifier: GPL-2.0-only
#include "protected_addresses.h"

#include <errno.h>
#include <event2/event.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernel_dump.h"
#include "logins.h"
#include "networks.h"
#include "match.h"
#include "next_hops.h"
#include "base/log.h"

#define FRESH_NS (100 * 1000 * 1000LL)
#define FRESH_COSTS \
	20 /* so that reading the tables is at most a twentieth of the time, or a tenth ahead */
#define AHEAD_NS    2000000000LL /* behind a check, as others may follow */
#define NAMED_BYTES (ERROR_TEXT_MAX - 160)
#define TABLE_COUNT (KERNEL_SESSIONS + 1) /* the sets read at a check */
#define PLACE_COUNT 8			  /* of addresses */

struct guards {
	struct known_set table[TABLE_COUNT];
	bool warned[TABLE_COUNT];
	struct routes *routes;
	struct site_rules rules;
	struct known_set peers; /* of the configuration */
	struct networks own;	/* likewise */
	struct networks connected;
	struct known_set logins;
	const char *utmp; /* the path */
	bool logins_warned;
	struct known_set operators; /* of the current check */
	struct in6_addr caller[GUARDS_SOURCES_MAX];
	size_t callers;
	struct place place[PLACE_COUNT];
	struct in6_addr *address; /* the last result of guards_addresses() */
	struct prefix *network;	  /* and of guards_networks() */
	int64_t fresh_until_ns;	  /* CLOCK_MONOTONIC */
	int64_t asked_ns;	  /* likewise, the last check */
	struct event *ahead;	  /* NULL: it is read when it is asked for */
	int part;		  /* the next of what is read ahead */
	int64_t part_began_ns, part_cost_ns;
};

/* --- the kernel's state --- */

static int64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void refresh_logins(struct guards *guards)
{
	int err = logins_gather(guards->utmp, &guards->logins);

	if (err && !guards->logins_warned)
		log_warning(
			"cannot read who is logged in: %s; blocks are checked against who was before",
			strerror(-err));
	guards->logins_warned = err;
}

/* One table; behind the last of them, who is logged in. */
static void refresh_part(struct guards *guards, int part)
{
	int err;

	if (part == TABLE_COUNT) {
		/* out of memory: the sealed ones count */
		networks_seal(&guards->connected, routes_networks(guards->routes));
		refresh_logins(guards);
		return;
	}
	err = kernel_gather(part, &guards->table[part],
			    part == KERNEL_ADDRESSES ? &guards->connected : NULL);
	if (err && !guards->warned[part])
		log_warning("cannot read the %s: %s; blocks are checked against those known before",
			    kernel_table_name(part), strerror(-err));
	guards->warned[part] = err;
}

/* What is being read in parts is too. */
static void make_stale(struct guards *guards)
{
	guards->fresh_until_ns = 0;
	guards->part = 0;
}

static void refresh_in(struct guards *guards, int64_t ns)
{
	struct timeval span = {ns / 1000000000, ns % 1000000000 / 1000};

	if (guards->ahead)
		event_add(guards->ahead, &span);
}

/* What was read from `began_ns` on is fresh for a while. As long as checks follow one another, it is read again before that is
 * over, a table in each turn of the loop, so that no answer waits for all of them. Where they take long, a turn would too:
 * they are read when they are asked for.
 */
static void refreshed(struct guards *guards, int64_t began_ns, int64_t cost_ns)
{
	int64_t costs_ns = cost_ns * FRESH_COSTS;

	guards->fresh_until_ns = began_ns + cost_ns + (costs_ns > FRESH_NS ? costs_ns : FRESH_NS);
	if (costs_ns <= FRESH_NS)
		refresh_in(guards, FRESH_NS / 2);
}

/* Before each check. What is read in parts meanwhile begins anew. */
static void refresh(struct guards *guards)
{
	int64_t start = clock_ns();

	guards->asked_ns = start;
	if (start < guards->fresh_until_ns)
		return;
	for (int part = 0; part <= TABLE_COUNT; part++)
		refresh_part(guards, part);
	guards->part = 0;
	refreshed(guards, start, clock_ns() - start);
}

static void on_ahead(evutil_socket_t fd, short what, void *data)
{
	struct guards *guards = data;
	int64_t start = clock_ns();

	(void)fd;
	(void)what;
	if (!guards->part) {
		if (start - guards->asked_ns > AHEAD_NS)
			return;
		guards->part_began_ns = start;
		guards->part_cost_ns = 0;
	}
	refresh_part(guards, guards->part);
	guards->part_cost_ns += clock_ns() - start;
	guards->part = (guards->part + 1) % (TABLE_COUNT + 1);
	if (guards->part)
		refresh_in(guards, 0);
	else
		refreshed(guards, guards->part_began_ns, guards->part_cost_ns);
}

/* --- the check --- */

static enum guard check_length(const struct prefix *prefix, struct error *why)
{
	const struct prefix all_v4 = prefix_of_v4(0, 0);
	bool v4 = prefix_is_v4(prefix);
	uint8_t least = v4 ? UNIT_V4_LENGTH_MIN : UNIT_LENGTH_MIN;
	uint8_t length = prefix->length - (v4 ? PREFIX_V4_LENGTH : 0);
	char text[PREFIX_TEXT_MAX];

	if (prefix_contains(prefix, &all_v4)) {
		error_set(
			why, 0,
			"%s is not blocked: it is every %s source there is; --force does not block that either, and 'slash64 top' shows the sites that send most",
			prefix_format(prefix, text), v4 ? "IPv4" : "IPv6 or IPv4");
		return GUARD_EVERYTHING;
	}
	if (length < least) {
		error_set(
			why, 0,
			"%s is not blocked: it is shorter than /%u, so it is more than one network; block the parts that are meant, or --force blocks it all the same",
			prefix_format(prefix, text), least);
		return GUARD_SHORT;
	}
	return GUARD_NONE;
}

/* The IPv4 address of one host in another form is blocked as that address, in all its forms. */
static enum guard check_addresses(const struct guards *guards, const struct prefix *prefix,
				  struct error *why)
{
	struct prefix v4;
	bool is_v4 = known_v4_of(&guards->rules, prefix, &v4);
	char named[NAMED_BYTES], text[PREFIX_TEXT_MAX];
	enum guard guard = places_search(guards->place, PLACE_COUNT, is_v4 ? &v4 : prefix, named,
					 sizeof(named));

	if (guard != GUARD_NONE)
		error_set(why, 0, "%s is not blocked: it covers %s; --force blocks it all the same",
			  prefix_format(prefix, text), named);
	return guard;
}

static const struct network *find_network(const struct guards *guards, const struct prefix *prefix)
{
	const struct networks *const places[] = {&guards->own, &guards->connected,
						 routes_networks(guards->routes)};
	const struct network *network = NULL;

	for (size_t i = S64_MISTAKE(OWN_IGNORED);
	     i < sizeof(places) / sizeof(places[0]) && !network; i++)
		network = networks_find(places[i], prefix);
	return network;
}

static enum guard check_networks(const struct guards *guards, const struct prefix *prefix,
				 struct error *why)
{
	char text[PREFIX_TEXT_MAX], other[PREFIX_TEXT_MAX], name[IF_NAMESIZE], what[64];
	const struct network *network;
	const char *link;
	struct prefix v4;

	network = find_network(guards, known_v4_of(&guards->rules, prefix, &v4) ? &v4 : prefix);
	if (!network)
		return GUARD_NONE;
	link = network->ifindex ? if_indextoname(network->ifindex, name) : NULL;
	if (network->kind == NETWORK_CONFIGURED)
		snprintf(what, sizeof(what), "which the configuration names under own");
	else if (network->kind == NETWORK_CONNECTED)
		snprintf(what, sizeof(what), "the network on %s",
			 link ? link : "a link of this router");
	else
		snprintf(what, sizeof(what), "to which a static route leads%s%s",
			 link ? " by " : "", link ? link : "");
	error_set(why, 0, "%s is not blocked: it is %s %s, %s; --force blocks it all the same",
		  prefix_format(prefix, text),
		  prefix_contains(&network->prefix, prefix) ? "of" : "around",
		  prefix_format(&network->prefix, other), what);
	return GUARD_OWN_NETWORK;
}

static void set_operators(struct guards *guards, const struct in6_addr *sources, size_t count)
{
	guards->operators.count = 0;
	for (size_t i = 0; i < count + guards->callers; i++)
		if (known_add(&guards->operators,
			      i < count ? &sources[i] : &guards->caller[i - count], 0,
			      KNOWN_OPERATOR))
			break; /* out of memory; the kernel knows the session too */
	known_seal(&guards->operators);
}

void guards_set_caller(struct guards *guards, const struct in6_addr *sources, size_t count)
{
	guards->callers = count < GUARDS_SOURCES_MAX ? count : GUARDS_SOURCES_MAX;
	if (guards->callers)
		memcpy(guards->caller, sources, guards->callers * sizeof(*sources));
}

enum guard guards_check(struct guards *guards, const struct prefix *prefix,
			const struct in6_addr *sources, size_t count, struct error *why)
{
	enum guard guard = check_length(prefix, why);

	if (guard != GUARD_NONE)
		return guard;
	refresh(guards);
	set_operators(guards, sources, count);
	guard = check_addresses(guards, prefix, why);
	return guard == GUARD_NONE ? check_networks(guards, prefix, why) : guard;
}

bool guards_is_short(const struct prefix *prefix)
{
	struct error ignored;

	return check_length(prefix, &ignored) != GUARD_NONE;
}

void guards_set_utmp(struct guards *guards, const char *path)
{
	guards->utmp = path;
	make_stale(guards);
}

size_t guards_addresses(struct guards *guards, const struct in6_addr **addresses)
{
	struct in6_addr *grown;
	size_t room = 0, count = 0;

	refresh(guards);
	set_operators(guards, NULL, 0);
	for (int i = 0; i < PLACE_COUNT; i++)
		room += guards->place[i].set->count;
	grown = realloc(guards->address, (room + 1) * sizeof(*grown));
	if (!grown)
		return 0;
	guards->address = grown;
	for (int i = 0; i < PLACE_COUNT; i++) {
		const struct known_set *set = guards->place[i].set;

		for (size_t j = 0; j < set->count; j++)
			if (set->entry[j].roles & guards->place[i].role)
				grown[count++] = set->entry[j].key;
	}
	*addresses = grown;
	return count;
}

size_t guards_networks(struct guards *guards, const struct prefix **out)
{
	const struct networks *const places[] = {&guards->own, &guards->connected,
						 routes_networks(guards->routes)};
	struct prefix *grown;
	size_t room = 0, count = 0;

	refresh(guards);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		room += places[i]->count;
	grown = realloc(guards->network, (room + 1) * sizeof(*grown));
	if (!grown)
		return 0;
	guards->network = grown;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		for (size_t j = 0; j < places[i]->count; j++)
			grown[count++] = places[i]->entry[j].prefix;
	*out = grown;
	return count;
}

/* --- configuration --- */

struct guards_before {
	struct site_rules rules;
	struct known_set peers;
	struct networks own;
};

int guards_configure(struct guards *guards, const struct site_rules *rules,
		     const struct config_prefixes *peers, const struct config_prefixes *own,
		     struct guards_before **out)
{
	struct guards_before *before = malloc(sizeof(*before));
	int err = before ? 0 : -ENOMEM;

	if (err)
		return err;
	*before = (struct guards_before){guards->rules, guards->peers, guards->own};
	guards->rules = *rules;
	guards->peers = (struct known_set){.rules = &guards->rules};
	guards->own = (struct networks){};
	for (size_t i = 0; i < peers->count && !err; i++)
		err = known_add(&guards->peers, &peers->entry[i].prefix.address, 0, KNOWN_PEER);
	for (size_t i = 0; i < own->count && !err; i++)
		err = networks_add(&guards->own, &own->entry[i].prefix, 0, NETWORK_CONFIGURED);
	if (!err)
		err = networks_seal(&guards->own, &guards->own);
	if (err) {
		guards_restore(guards, before);
		return err;
	}
	known_seal(&guards->peers);
	make_stale(guards);
	*out = before;
	return 0;
}

void guards_restore(struct guards *guards, struct guards_before *before)
{
	known_free(&guards->peers);
	networks_free(&guards->own);
	guards->rules = before->rules;
	guards->peers = before->peers;
	guards->own = before->own;
	make_stale(guards);
	free(before);
}

void guards_forget(struct guards_before *before)
{
	known_free(&before->peers);
	networks_free(&before->own);
	free(before);
}

/* --- start and end --- */

static void set_places(struct guards *guards)
{
	const struct place places[] = {
		{GUARD_OWN_ADDRESS, KNOWN_OWN, &guards->table[KERNEL_ADDRESSES]},
		{GUARD_NEXT_HOP, KNOWN_NEXT_HOP, routes_next_hops(guards->routes)},
		{GUARD_NEIGHBOUR, KNOWN_NEIGHBOUR, &guards->table[KERNEL_NEIGHBOURS]},
		{GUARD_NEIGHBOUR, KNOWN_FAR_END, &guards->table[KERNEL_ADDRESSES]},
		{GUARD_PEER, KNOWN_BGP, &guards->table[KERNEL_SESSIONS]},
		{GUARD_PEER, KNOWN_PEER, &guards->peers},
		{GUARD_SSH, KNOWN_OPERATOR, &guards->operators},
		{GUARD_SSH, KNOWN_SSH, &guards->logins},
	};

	_Static_assert(sizeof(places) == sizeof(guards->place), "all of them");
	memcpy(guards->place, places, sizeof(places));
	for (int i = 0; i < TABLE_COUNT; i++)
		guards->table[i].rules = &guards->rules;
	guards->operators.rules = guards->logins.rules = &guards->rules;
}

int guards_start(struct guards **out, struct event_base *base, struct error *error)
{
	struct guards *guards = calloc(1, sizeof(*guards));
	int err;

	if (!guards)
		return error_set(error, -ENOMEM, "out of memory");
	err = routes_start(&guards->routes, base, error);
	if (err) {
		guards_stop(guards);
		return err;
	}
	guards->ahead = evtimer_new(base, on_ahead, guards);
	if (!guards->ahead) {
		guards_stop(guards);
		return error_set(error, -ENOMEM, "out of memory");
	}
	site_rules_init(&guards->rules);
	guards->utmp = LOGINS_UTMP;
	set_places(guards);
	*out = guards;
	return 0;
}

void guards_stop(struct guards *guards)
{
	if (!guards)
		return;
	if (guards->ahead)
		event_free(guards->ahead);
	for (int i = 0; i < TABLE_COUNT; i++)
		known_free(&guards->table[i]);
	routes_stop(guards->routes);
	known_free(&guards->peers);
	known_free(&guards->operators);
	known_free(&guards->logins);
	networks_free(&guards->own);
	networks_free(&guards->connected);
	free(guards->address);
	free(guards->network);
	free(guards);
}
