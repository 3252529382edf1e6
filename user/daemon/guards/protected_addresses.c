// SPDX-License-Identifier: GPL-2.0-only
#include "protected_addresses.h"

#include <errno.h>
#include <event2/event.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernel/kernel_dump.h"
#include "kernel/logins.h"
#include "kernel/networks.h"
#include "match.h"
#include "next_hops.h"
#include "base/log.h"
#include "base/time.h"

#define FRESH_NS (100 * 1000 * 1000LL)
#define FRESH_COSTS \
	20 /* so that reading the tables is at most a twentieth of the time, or a tenth ahead */
#define AHEAD_NS    2000000000LL /* behind a check, as others may follow */
#define NAMED_BYTES (ERROR_TEXT_MAX - 160)
#define TABLE_COUNT (KERNEL_SESSIONS + 1) /* the sets read at a check */
#define PLACE_COUNT 8			  /* of addresses */

struct protected_addresses {
	struct address_set table[TABLE_COUNT];
	bool warned[TABLE_COUNT];
	struct routes *routes;
	struct source_rules rules;
	struct address_set peers; /* of the configuration */
	struct networks own;	  /* likewise */
	struct networks connected;
	struct address_set logins;
	const char *utmp; /* the path */
	bool logins_warned;
	struct address_set operators; /* of the current check */
	struct match_set match_set[PLACE_COUNT];
	struct in6_addr *address; /* the last result of protected_addresses_list() */
	struct prefix *network;	  /* and of protected_addresses_networks() */
	int64_t fresh_until_ns;	  /* CLOCK_MONOTONIC */
	int64_t asked_ns;	  /* likewise, the last check */
	struct event *ahead;	  /* NULL: it is read when it is asked for */
	int part;		  /* the next of what is read ahead */
	int64_t part_began_ns, part_cost_ns;
};

/* --- the kernel's state --- */

static void refresh_logins(struct protected_addresses *protection)
{
	int err = logins_gather(protection->utmp, &protection->logins);

	if (err && !protection->logins_warned)
		log_warning(
			"cannot read the logins: %s; blocks are checked against the previous ones",
			strerror(-err));
	protection->logins_warned = err;
}

/* One table; behind the last of them, who is logged in. */
static void refresh_part(struct protected_addresses *protection, int part)
{
	int err;

	if (part == TABLE_COUNT) {
		/* out of memory: the sealed ones count */
		networks_seal(&protection->connected, routes_networks(protection->routes));
		refresh_logins(protection);
		return;
	}
	err = kernel_gather(part, &protection->table[part],
			    part == KERNEL_ADDRESSES ? &protection->connected : NULL);
	if (err && !protection->warned[part])
		log_warning("cannot read the %s: %s; blocks are checked against those known before",
			    kernel_table_name(part), strerror(-err));
	protection->warned[part] = err;
}

/* What is being read in parts is too. */
static void make_stale(struct protected_addresses *protection)
{
	protection->fresh_until_ns = 0;
	protection->part = 0;
}

static void refresh_in(struct protected_addresses *protection, int64_t ns)
{
	struct timeval span = {ns / 1000000000, ns % 1000000000 / 1000};

	if (protection->ahead)
		event_add(protection->ahead, &span);
}

/* What was read from `began_ns` on is fresh for a while. As long as checks follow one another, it is read again before that is
 * over, a table in each turn of the loop, so that no answer waits for all of them. Where they take long, a turn would too:
 * they are read when they are asked for.
 */
static void refreshed(struct protected_addresses *protection, int64_t began_ns, int64_t cost_ns)
{
	int64_t costs_ns = cost_ns * FRESH_COSTS;

	protection->fresh_until_ns =
		began_ns + cost_ns + (costs_ns > FRESH_NS ? costs_ns : FRESH_NS);
	if (costs_ns <= FRESH_NS)
		refresh_in(protection, FRESH_NS / 2);
}

/* Before each check. What is read in parts meanwhile begins anew. */
static void refresh(struct protected_addresses *protection)
{
	int64_t start = clock_monotonic_ns();

	protection->asked_ns = start;
	if (start < protection->fresh_until_ns)
		return;
	for (int part = 0; part <= TABLE_COUNT; part++)
		refresh_part(protection, part);
	protection->part = 0;
	refreshed(protection, start, clock_monotonic_ns() - start);
}

static void on_ahead(evutil_socket_t fd, short what, void *data)
{
	struct protected_addresses *protection = data;
	int64_t start = clock_monotonic_ns();

	(void)fd;
	(void)what;
	if (!protection->part) {
		if (start - protection->asked_ns > AHEAD_NS)
			return;
		protection->part_began_ns = start;
		protection->part_cost_ns = 0;
	}
	refresh_part(protection, protection->part);
	protection->part_cost_ns += clock_monotonic_ns() - start;
	protection->part = (protection->part + 1) % (TABLE_COUNT + 1);
	if (protection->part)
		refresh_in(protection, 0);
	else
		refreshed(protection, protection->part_began_ns, protection->part_cost_ns);
}

/* --- the check --- */

static enum guard check_length(const struct prefix *prefix, struct error *why)
{
	const struct prefix all_v4 = prefix_of_v4(0, 0);
	bool v4 = prefix_is_v4(prefix);
	uint8_t least = v4 ? BLOCK_TARGET_V4_LENGTH_MIN : BLOCK_TARGET_LENGTH_MIN;
	uint8_t length = prefix->length - (v4 ? PREFIX_V4_LENGTH : 0);
	char text[PREFIX_TEXT_MAX], number[8];

	if (prefix_contains(prefix, &all_v4)) {
		error_set(
			why, 0,
			"%s is not blocked: it is every %s source there is; force does not block that either: block the sources that send most",
			prefix_format(prefix, text), v4 ? "IPv4" : "IPv6 or IPv4");
		error_code(why, 0, ERROR_EVERYTHING);
		return GUARD_EVERYTHING;
	}
	if (length < least) {
		error_set(
			why, 0,
			"%s is not blocked: it is shorter than /%u, so it is more than one network; block the intended parts, or " GUARD_FORCE_HINT,
			prefix_format(prefix, text), least);
		snprintf(number, sizeof(number), "%u", least);
		error_member(why, 0, "length_min", number);
		error_code(why, 0, ERROR_GUARDED);
		return GUARD_SHORT;
	}
	return GUARD_NONE;
}

/* The IPv4 address of one host in another form is blocked as that address, in all its forms. */
static enum guard check_addresses(const struct protected_addresses *protection,
				  const struct prefix *prefix, struct error *why)
{
	struct prefix v4;
	bool is_v4 = address_set_v4_of(&protection->rules, prefix, &v4);
	char named[NAMED_BYTES], text[PREFIX_TEXT_MAX];
	enum guard guard = match_search(protection->match_set, PLACE_COUNT, is_v4 ? &v4 : prefix,
					named, sizeof(named));

	if (guard == GUARD_NONE)
		return guard;
	error_set(why, 0, "%s is not blocked: it covers %s; " GUARD_FORCE_HINT,
		  prefix_format(prefix, text), named);
	error_code(why, 0, ERROR_GUARDED);
	return guard;
}

static const struct network *find_network(const struct protected_addresses *protection,
					  const struct prefix *prefix)
{
	const struct networks *const match_sets[] = {&protection->own, &protection->connected,
						     routes_networks(protection->routes)};
	const struct network *network = NULL;

	for (size_t i = S64_MISTAKE(OWN_IGNORED);
	     i < sizeof(match_sets) / sizeof(match_sets[0]) && !network; i++)
		network = networks_find(match_sets[i], prefix);
	return network;
}

static enum guard check_networks(const struct protected_addresses *protection,
				 const struct prefix *prefix, struct error *why)
{
	char text[PREFIX_TEXT_MAX], other[PREFIX_TEXT_MAX], name[IF_NAMESIZE], what[64];
	const struct network *network;
	const char *link;
	struct prefix v4;

	network = find_network(protection,
			       address_set_v4_of(&protection->rules, prefix, &v4) ? &v4 : prefix);
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
	error_set(why, 0, "%s is not blocked: it %s %s, %s; " GUARD_FORCE_HINT,
		  prefix_format(prefix, text),
		  prefix_contains(&network->prefix, prefix) ? "is part of" : "covers",
		  prefix_format(&network->prefix, other), what);
	error_code(why, 0, ERROR_GUARDED);
	return GUARD_OWN_NETWORK;
}

static void set_operators(struct protected_addresses *protection,
			  const struct guards_caller *caller)
{
	protection->operators.count = 0;
	for (size_t i = 0; caller && i < caller->count; i++)
		if (address_set_add(&protection->operators, &caller->from[i], 0, ADDRESS_OPERATOR))
			break; /* out of memory; the kernel knows the session too */
	address_set_seal(&protection->operators);
}

enum guard protected_addresses_check(struct protected_addresses *protection,
				     const struct prefix *prefix,
				     const struct guards_caller *caller, struct error *why)
{
	enum guard guard = check_length(prefix, why);

	if (guard != GUARD_NONE)
		return guard;
	refresh(protection);
	set_operators(protection, caller);
	guard = check_addresses(protection, prefix, why);
	return guard == GUARD_NONE ? check_networks(protection, prefix, why) : guard;
}

bool protected_addresses_is_short(const struct prefix *prefix)
{
	struct error ignored;

	return check_length(prefix, &ignored) != GUARD_NONE;
}

void protected_addresses_set_utmp(struct protected_addresses *protection, const char *path)
{
	protection->utmp = path;
	make_stale(protection);
}

size_t protected_addresses_list(struct protected_addresses *protection,
				const struct guards_caller *caller,
				const struct in6_addr **addresses)
{
	struct in6_addr *grown;
	size_t room = 0, count = 0;

	refresh(protection);
	set_operators(protection, caller);
	for (int i = 0; i < PLACE_COUNT; i++)
		room += protection->match_set[i].set->count;
	grown = realloc(protection->address, (room + 1) * sizeof(*grown));
	if (!grown)
		return 0;
	protection->address = grown;
	for (int i = 0; i < PLACE_COUNT; i++) {
		const struct address_set *set = protection->match_set[i].set;

		for (size_t j = 0; j < set->count; j++)
			if (set->entry[j].roles & protection->match_set[i].role)
				grown[count++] = set->entry[j].key;
	}
	*addresses = grown;
	return count;
}

size_t protected_addresses_networks(struct protected_addresses *protection,
				    const struct prefix **out)
{
	const struct networks *const match_sets[] = {&protection->own, &protection->connected,
						     routes_networks(protection->routes)};
	struct prefix *grown;
	size_t room = 0, count = 0;

	refresh(protection);
	for (size_t i = 0; i < sizeof(match_sets) / sizeof(match_sets[0]); i++)
		room += match_sets[i]->count;
	grown = realloc(protection->network, (room + 1) * sizeof(*grown));
	if (!grown)
		return 0;
	protection->network = grown;
	for (size_t i = 0; i < sizeof(match_sets) / sizeof(match_sets[0]); i++)
		for (size_t j = 0; j < match_sets[i]->count; j++)
			grown[count++] = match_sets[i]->entry[j].prefix;
	*out = grown;
	return count;
}

/* --- configuration --- */

struct protected_addresses_before {
	struct source_rules rules;
	struct address_set peers;
	struct networks own;
};

int protected_addresses_configure(struct protected_addresses *protection,
				  const struct source_rules *rules,
				  const struct config_prefixes *peers,
				  const struct config_prefixes *own,
				  struct protected_addresses_before **out)
{
	struct protected_addresses_before *before = malloc(sizeof(*before));
	int err = before ? 0 : -ENOMEM;

	if (err)
		return err;
	*before = (struct protected_addresses_before){protection->rules, protection->peers,
						      protection->own};
	protection->rules = *rules;
	protection->peers = (struct address_set){.rules = &protection->rules};
	protection->own = (struct networks){};
	for (size_t i = 0; i < peers->count && !err; i++)
		err = address_set_add(&protection->peers, &peers->entry[i].prefix.address, 0,
				      ADDRESS_PEER);
	for (size_t i = 0; i < own->count && !err; i++)
		err = networks_add(&protection->own, &own->entry[i].prefix, 0, NETWORK_CONFIGURED);
	if (!err)
		err = networks_seal(&protection->own, &protection->own);
	if (err) {
		protected_addresses_restore(protection, before);
		return err;
	}
	address_set_seal(&protection->peers);
	make_stale(protection);
	*out = before;
	return 0;
}

void protected_addresses_restore(struct protected_addresses *protection,
				 struct protected_addresses_before *before)
{
	address_set_free(&protection->peers);
	networks_free(&protection->own);
	protection->rules = before->rules;
	protection->peers = before->peers;
	protection->own = before->own;
	make_stale(protection);
	free(before);
}

void protected_addresses_forget(struct protected_addresses_before *before)
{
	address_set_free(&before->peers);
	networks_free(&before->own);
	free(before);
}

/* --- start and end --- */

static void set_match_sets(struct protected_addresses *protection)
{
	const struct match_set match_sets[] = {
		{GUARD_OWN_ADDRESS, ADDRESS_OWN, &protection->table[KERNEL_ADDRESSES]},
		{GUARD_NEXT_HOP, ADDRESS_NEXT_HOP, routes_next_hops(protection->routes)},
		{GUARD_NEIGHBOUR, ADDRESS_NEIGHBOUR, &protection->table[KERNEL_NEIGHBOURS]},
		{GUARD_NEIGHBOUR, ADDRESS_FAR_END, &protection->table[KERNEL_ADDRESSES]},
		{GUARD_PEER, ADDRESS_BGP, &protection->table[KERNEL_SESSIONS]},
		{GUARD_PEER, ADDRESS_PEER, &protection->peers},
		{GUARD_SSH, ADDRESS_OPERATOR, &protection->operators},
		{GUARD_SSH, ADDRESS_SSH, &protection->logins},
	};

	_Static_assert(sizeof(match_sets) == sizeof(protection->match_set), "all of them");
	memcpy(protection->match_set, match_sets, sizeof(match_sets));
	for (int i = 0; i < TABLE_COUNT; i++)
		protection->table[i].rules = &protection->rules;
	protection->operators.rules = protection->logins.rules = &protection->rules;
}

int protected_addresses_start(struct protected_addresses **out, struct event_base *base,
			      struct error *error)
{
	struct protected_addresses *protection = calloc(1, sizeof(*protection));
	int err;

	if (!protection)
		return error_set(error, -ENOMEM, "out of memory");
	err = routes_start(&protection->routes, base, error);
	if (err) {
		protected_addresses_stop(protection);
		return err;
	}
	protection->ahead = evtimer_new(base, on_ahead, protection);
	if (!protection->ahead) {
		protected_addresses_stop(protection);
		return error_set(error, -ENOMEM, "out of memory");
	}
	source_rules_init(&protection->rules);
	protection->utmp = LOGINS_UTMP;
	set_match_sets(protection);
	*out = protection;
	return 0;
}

void protected_addresses_stop(struct protected_addresses *protection)
{
	if (!protection)
		return;
	if (protection->ahead)
		event_free(protection->ahead);
	for (int i = 0; i < TABLE_COUNT; i++)
		address_set_free(&protection->table[i]);
	routes_stop(protection->routes);
	address_set_free(&protection->peers);
	address_set_free(&protection->operators);
	address_set_free(&protection->logins);
	networks_free(&protection->own);
	networks_free(&protection->connected);
	free(protection->address);
	free(protection->network);
	free(protection);
}
