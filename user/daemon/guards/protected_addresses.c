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
	struct in6_addr caller[GUARDS_SOURCES_MAX];
	size_t callers;
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

static int64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void refresh_logins(struct protected_addresses *protected)
{
	int err = logins_gather(protected->utmp, &protected->logins);

	if (err && !protected->logins_warned)
		log_warning(
			"cannot read who is logged in: %s; blocks are checked against who was before",
			strerror(-err));
	protected->logins_warned = err;
}

/* One table; behind the last of them, who is logged in. */
static void refresh_part(struct protected_addresses *protected, int part)
{
	int err;

	if (part == TABLE_COUNT) {
		/* out of memory: the sealed ones count */
		networks_seal(&protected->connected, routes_networks(protected->routes));
		refresh_logins(protected);
		return;
	}
	err = kernel_gather(part, &protected->table[part],
			    part == KERNEL_ADDRESSES ? &protected->connected : NULL);
	if (err && !protected->warned[part])
		log_warning("cannot read the %s: %s; blocks are checked against those known before",
			    kernel_table_name(part), strerror(-err));
	protected->warned[part] = err;
}

/* What is being read in parts is too. */
static void make_stale(struct protected_addresses *protected)
{
	protected->fresh_until_ns = 0;
	protected->part = 0;
}

static void refresh_in(struct protected_addresses *protected, int64_t ns)
{
	struct timeval span = {ns / 1000000000, ns % 1000000000 / 1000};

	if (protected->ahead)
		event_add(protected->ahead, &span);
}

/* What was read from `began_ns` on is fresh for a while. As long as checks follow one another, it is read again before that is
 * over, a table in each turn of the loop, so that no answer waits for all of them. Where they take long, a turn would too:
 * they are read when they are asked for.
 */
static void refreshed(struct protected_addresses *protected, int64_t began_ns, int64_t cost_ns)
{
	int64_t costs_ns = cost_ns * FRESH_COSTS;

	protected->fresh_until_ns =
		began_ns + cost_ns + (costs_ns > FRESH_NS ? costs_ns : FRESH_NS);
	if (costs_ns <= FRESH_NS)
		refresh_in(protected, FRESH_NS / 2);
}

/* Before each check. What is read in parts meanwhile begins anew. */
static void refresh(struct protected_addresses *protected)
{
	int64_t start = clock_ns();

	protected->asked_ns = start;
	if (start < protected->fresh_until_ns)
		return;
	for (int part = 0; part <= TABLE_COUNT; part++)
		refresh_part(protected, part);
	protected->part = 0;
	refreshed(protected, start, clock_ns() - start);
}

static void on_ahead(evutil_socket_t fd, short what, void *data)
{
	struct protected_addresses *protected = data;
	int64_t start = clock_ns();

	(void)fd;
	(void)what;
	if (!protected->part) {
		if (start - protected->asked_ns > AHEAD_NS)
			return;
		protected->part_began_ns = start;
		protected->part_cost_ns = 0;
	}
	refresh_part(protected, protected->part);
	protected->part_cost_ns += clock_ns() - start;
	protected->part = (protected->part + 1) % (TABLE_COUNT + 1);
	if (protected->part)
		refresh_in(protected, 0);
	else
		refreshed(protected, protected->part_began_ns, protected->part_cost_ns);
}

/* --- the check --- */

static enum guard check_length(const struct prefix *prefix, struct error *why)
{
	const struct prefix all_v4 = prefix_of_v4(0, 0);
	bool v4 = prefix_is_v4(prefix);
	uint8_t least = v4 ? BLOCK_TARGET_V4_LENGTH_MIN : BLOCK_TARGET_LENGTH_MIN;
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
static enum guard check_addresses(const struct protected_addresses *protected,
				  const struct prefix *prefix, struct error *why)
{
	struct prefix v4;
	bool is_v4 = address_set_v4_of(&protected->rules, prefix, &v4);
	char named[NAMED_BYTES], text[PREFIX_TEXT_MAX];
	enum guard guard = match_search(protected->match_set, PLACE_COUNT, is_v4 ? &v4 : prefix,
					named, sizeof(named));

	if (guard != GUARD_NONE)
		error_set(why, 0, "%s is not blocked: it covers %s; --force blocks it all the same",
			  prefix_format(prefix, text), named);
	return guard;
}

static const struct network *find_network(const struct protected_addresses *protected,
					  const struct prefix *prefix)
{
	const struct networks *const match_sets[] = {&protected->own, &protected->connected,
						     routes_networks(protected->routes)};
	const struct network *network = NULL;

	for (size_t i = S64_MISTAKE(OWN_IGNORED);
	     i < sizeof(match_sets) / sizeof(match_sets[0]) && !network; i++)
		network = networks_find(match_sets[i], prefix);
	return network;
}

static enum guard check_networks(const struct protected_addresses *protected,
				 const struct prefix *prefix, struct error *why)
{
	char text[PREFIX_TEXT_MAX], other[PREFIX_TEXT_MAX], name[IF_NAMESIZE], what[64];
	const struct network *network;
	const char *link;
	struct prefix v4;

	network = find_network(protected,
			       address_set_v4_of(&protected->rules, prefix, &v4) ? &v4 : prefix);
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

static void set_operators(struct protected_addresses *protected, const struct in6_addr *sources,
			  size_t count)
{
	protected->operators.count = 0;
	for (size_t i = 0; i < count + protected->callers; i++)
		if (address_set_add(&protected->operators,
				    i < count ? &sources[i] : &protected->caller[i - count], 0,
				    ADDRESS_OPERATOR))
			break; /* out of memory; the kernel knows the session too */
	address_set_seal(&protected->operators);
}

void guards_set_caller(struct protected_addresses *protected, const struct in6_addr *sources,
		       size_t count)
{
	protected->callers = count < GUARDS_SOURCES_MAX ? count : GUARDS_SOURCES_MAX;
	if (protected->callers)
		memcpy(protected->caller, sources, protected->callers * sizeof(*sources));
}

enum guard protected_addresses_check(struct protected_addresses *protected,
				     const struct prefix *prefix, const struct in6_addr *sources,
				     size_t count, struct error *why)
{
	enum guard guard = check_length(prefix, why);

	if (guard != GUARD_NONE)
		return guard;
	refresh(protected);
	set_operators(protected, sources, count);
	guard = check_addresses(protected, prefix, why);
	return guard == GUARD_NONE ? check_networks(protected, prefix, why) : guard;
}

bool protected_addresses_is_short(const struct prefix *prefix)
{
	struct error ignored;

	return check_length(prefix, &ignored) != GUARD_NONE;
}

void protected_addresses_set_utmp(struct protected_addresses *protected, const char *path)
{
	protected->utmp = path;
	make_stale(protected);
}

size_t protected_addresses_list(struct protected_addresses *protected,
				const struct in6_addr **addresses)
{
	struct in6_addr *grown;
	size_t room = 0, count = 0;

	refresh(protected);
	set_operators(protected, NULL, 0);
	for (int i = 0; i < PLACE_COUNT; i++)
		room += protected->match_set[i].set->count;
	grown = realloc(protected->address, (room + 1) * sizeof(*grown));
	if (!grown)
		return 0;
	protected->address = grown;
	for (int i = 0; i < PLACE_COUNT; i++) {
		const struct address_set *set = protected->match_set[i].set;

		for (size_t j = 0; j < set->count; j++)
			if (set->entry[j].roles & protected->match_set[i].role)
				grown[count++] = set->entry[j].key;
	}
	*addresses = grown;
	return count;
}

size_t protected_addresses_networks(struct protected_addresses *protected,
				    const struct prefix **out)
{
	const struct networks *const match_sets[] = {&protected->own, &protected->connected,
						     routes_networks(protected->routes)};
	struct prefix *grown;
	size_t room = 0, count = 0;

	refresh(protected);
	for (size_t i = 0; i < sizeof(match_sets) / sizeof(match_sets[0]); i++)
		room += match_sets[i]->count;
	grown = realloc(protected->network, (room + 1) * sizeof(*grown));
	if (!grown)
		return 0;
	protected->network = grown;
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

int protected_addresses_configure(struct protected_addresses *protected,
				  const struct source_rules *rules,
				  const struct config_prefixes *peers,
				  const struct config_prefixes *own,
				  struct protected_addresses_before **out)
{
	struct protected_addresses_before *before = malloc(sizeof(*before));
	int err = before ? 0 : -ENOMEM;

	if (err)
		return err;
	*before = (struct protected_addresses_before){protected->rules, protected->peers,
						      protected->own};
	protected->rules = *rules;
	protected->peers = (struct address_set){.rules = &protected->rules};
	protected->own = (struct networks){};
	for (size_t i = 0; i < peers->count && !err; i++)
		err = address_set_add(&protected->peers, &peers->entry[i].prefix.address, 0,
				      ADDRESS_PEER);
	for (size_t i = 0; i < own->count && !err; i++)
		err = networks_add(&protected->own, &own->entry[i].prefix, 0, NETWORK_CONFIGURED);
	if (!err)
		err = networks_seal(&protected->own, &protected->own);
	if (err) {
		protected_addresses_restore(protected, before);
		return err;
	}
	address_set_seal(&protected->peers);
	make_stale(protected);
	*out = before;
	return 0;
}

void protected_addresses_restore(struct protected_addresses *protected,
				 struct protected_addresses_before *before)
{
	address_set_free(&protected->peers);
	networks_free(&protected->own);
	protected->rules = before->rules;
	protected->peers = before->peers;
	protected->own = before->own;
	make_stale(protected);
	free(before);
}

void protected_addresses_forget(struct protected_addresses_before *before)
{
	address_set_free(&before->peers);
	networks_free(&before->own);
	free(before);
}

/* --- start and end --- */

static void set_match_sets(struct protected_addresses *protected)
{
	const struct match_set match_sets[] = {
		{GUARD_OWN_ADDRESS, ADDRESS_OWN, &protected->table[KERNEL_ADDRESSES]},
		{GUARD_NEXT_HOP, ADDRESS_NEXT_HOP, routes_next_hops(protected->routes)},
		{GUARD_NEIGHBOUR, ADDRESS_NEIGHBOUR, &protected->table[KERNEL_NEIGHBOURS]},
		{GUARD_NEIGHBOUR, ADDRESS_FAR_END, &protected->table[KERNEL_ADDRESSES]},
		{GUARD_PEER, ADDRESS_BGP, &protected->table[KERNEL_SESSIONS]},
		{GUARD_PEER, ADDRESS_PEER, &protected->peers},
		{GUARD_SSH, ADDRESS_OPERATOR, &protected->operators},
		{GUARD_SSH, ADDRESS_SSH, &protected->logins},
	};

	_Static_assert(sizeof(match_sets) == sizeof(protected->match_set), "all of them");
	memcpy(protected->match_set, match_sets, sizeof(match_sets));
	for (int i = 0; i < TABLE_COUNT; i++)
	protected->table[i].rules = &protected->rules;
	protected->operators.rules = protected->logins.rules = &protected->rules;
}

int protected_addresses_start(struct protected_addresses **out, struct event_base *base,
			      struct error *error)
{
	struct protected_addresses *protected = calloc(1, sizeof(*protected));
	int err;

	if (!protected)
		return error_set(error, -ENOMEM, "out of memory");
	err = routes_start(&protected->routes, base, error);
	if (err) {
		protected_addresses_stop(protected);
		return err;
	}
	protected->ahead = evtimer_new(base, on_ahead, protected);
	if (!protected->ahead) {
		protected_addresses_stop(protected);
		return error_set(error, -ENOMEM, "out of memory");
	}
	source_rules_init(&protected->rules);
	protected->utmp = LOGINS_UTMP;
	set_match_sets(protected);
	*out = protected;
	return 0;
}

void protected_addresses_stop(struct protected_addresses *protected)
{
	if (!protected)
		return;
	if (protected->ahead)
		event_free(protected->ahead);
	for (int i = 0; i < TABLE_COUNT; i++)
		address_set_free(&protected->table[i]);
	routes_stop(protected->routes);
	address_set_free(&protected->peers);
	address_set_free(&protected->operators);
	address_set_free(&protected->logins);
	networks_free(&protected->own);
	networks_free(&protected->connected);
	free(protected->address);
	free(protected->network);
	free(protected);
}
