// SPDX-License-Identifier: GPL-2.0-only
#include "found.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "client/ssh_source.h"
#include "kernel/kernel_dump.h"
#include "kernel/link_names.h"
#include "kernel/logins.h"

static int cannot_read(struct error *error, const char *what, int err)
{
	return error_set(error, err, "cannot read the %s of the kernel: %s", what, strerror(-err));
}

/* --- interfaces --- */

static struct found_link *link_of(struct found *found, unsigned int ifindex)
{
	for (size_t i = 0; ifindex && i < found->links; i++)
		if (found->link[i].ifindex == ifindex)
			return &found->link[i];
	return NULL;
}

struct found_link *found_link_named(const struct found *found, const char *name)
{
	return link_of((struct found *)found, link_index(name));
}

static int add_link(struct found *found, const struct ifaddrs *one)
{
	struct found_link *link;

	if (one->ifa_flags & IFF_LOOPBACK || one->ifa_addr->sa_family != AF_PACKET)
		return 0;
	link = array_add(&found->link, &found->links, sizeof(*link));
	if (!link)
		return -ENOMEM;
	snprintf(link->name, sizeof(link->name), "%s", one->ifa_name);
	link->ifindex = ((const struct sockaddr_ll *)one->ifa_addr)->sll_ifindex;
	link->is_up = one->ifa_flags & IFF_UP && one->ifa_flags & IFF_RUNNING;
	return 0;
}

static uint8_t mask_length(const struct sockaddr_in6 *mask)
{
	uint8_t length = 0;

	for (size_t i = 0; mask && i < sizeof(mask->sin6_addr); i++)
		length += __builtin_popcount(mask->sin6_addr.s6_addr[i]);
	return length;
}

/* For the table that is shown: IPv6, as far as there is room. */
static void add_address(struct found *found, const struct ifaddrs *one)
{
	const struct sockaddr_in6 *address = (const void *)one->ifa_addr;
	struct found_link *link = NULL;
	char text[INET6_ADDRSTRLEN], *to;
	size_t n;

	for (size_t i = 0; i < found->links && !link; i++)
		if (!strcmp(found->link[i].name, one->ifa_name))
			link = &found->link[i];
	if (!link || one->ifa_addr->sa_family != AF_INET6 ||
	    IN6_IS_ADDR_LINKLOCAL(&address->sin6_addr))
		return;
	to = link->addresses;
	n = strlen(to);
	if (n + PREFIX_TEXT_MAX + 2 < sizeof(link->addresses))
		snprintf(to + n, sizeof(link->addresses) - n, "%s%s/%u", n ? ", " : "",
			 address_format(&address->sin6_addr, text),
			 mask_length((const void *)one->ifa_netmask));
}

/* Both the gateways and the interfaces of default routes, also those of router advertisements. */
static int find_outside(struct found *found, enum kernel_table table)
{
	struct address_set gateways = {};
	struct networks networks = {};
	int err = kernel_gather(table, &gateways, &networks);
	int outside = 0;

	for (size_t i = 0; i < found->links && !err; i++) {
		struct found_link *link = &found->link[i];

		for (size_t k = 0; k < gateways.count; k++)
			if (gateways.entry[k].roles & ADDRESS_DEFAULT &&
			    gateways.entry[k].ifindex == link->ifindex)
				link->is_outside = true;
		for (size_t k = 0; k < networks.outsides; k++)
			if (networks.outside[k] == link->ifindex)
				link->is_outside = true;
		outside += link->is_outside;
	}
	address_set_free(&gateways);
	networks_free(&networks);
	return err ? err : outside;
}

int found_links(struct found *found, struct error *error)
{
	struct ifaddrs *all;
	int err = 0, outside;

	if (getifaddrs(&all))
		return cannot_read(error, "interfaces", -errno);
	for (const struct ifaddrs *one = all; one && !err; one = one->ifa_next)
		if (one->ifa_addr)
			err = add_link(found, one);
	for (const struct ifaddrs *one = all; one && !err; one = one->ifa_next)
		if (one->ifa_addr)
			add_address(found, one);
	freeifaddrs(all);
	if (err)
		return error_set(error, err, "out of memory; try again");
	outside = find_outside(found, KERNEL_ROUTES_V6);
	if (!outside)
		outside = find_outside(found, KERNEL_ROUTES_V4);
	return outside < 0 ? cannot_read(error, "routes", outside) : 0;
}

/* --- lists --- */

static bool has(const struct found_list *list, const struct prefix *prefix)
{
	for (size_t i = 0; i < list->count; i++)
		if (!prefix_compare(&list->entry[i].prefix, prefix))
			return true;
	return false;
}

int found_put(struct found_list *list, const struct prefix *prefix, const char *why, bool is_sure)
{
	struct found_entry *entry;

	if (has(list, prefix))
		return 0;
	entry = array_add(&list->entry, &list->count, sizeof(*entry));
	if (!entry)
		return -ENOMEM;
	entry->prefix = *prefix;
	entry->is_sure = is_sure;
	snprintf(entry->why, sizeof(entry->why), "%s", why);
	return 0;
}

int found_add(struct found_list *list, const struct prefix *prefix, const char *why, bool is_sure)
{
	if (list->count < FOUND_MANY || has(list, prefix))
		return found_put(list, prefix, why, is_sure);
	list->left_out++;
	return 0;
}

static bool is_link_local(const struct in6_addr *address)
{
	struct prefix link_local_v4 = prefix_of_v4(0xa9fe0000, 16),
		      whole = {.address = *address, .length = 128};

	return IN6_IS_ADDR_LINKLOCAL(address) || prefix_contains(&link_local_v4, &whole);
}

static bool is_loopback(const struct in6_addr *address)
{
	struct prefix loopback_v4 = prefix_of_v4(0x7f000000, 8),
		      whole = {.address = *address, .length = 128};

	return IN6_IS_ADDR_LOOPBACK(address) || prefix_contains(&loopback_v4, &whole);
}

/* "static route, on lan0" */
static const char *why_on(struct found *found, const char *what, unsigned int ifindex, char *buf)
{
	const struct found_link *link = link_of(found, ifindex);

	snprintf(buf, FOUND_WHY_MAX, "%s%s%s", what, link ? ", on " : "", link ? link->name : "");
	return buf;
}

static int find_own_in(struct found *found, struct networks *networks,
		       const struct networks *outside)
{
	char why[FOUND_WHY_MAX];
	int err = networks_seal(networks, outside);

	for (size_t i = 0; i < networks->count && !err; i++) {
		const struct network *network = &networks->entry[i];
		const char *what = network->kind == NETWORK_ROUTED ? "static route" : "connected";

		if (!is_loopback(&network->prefix.address))
			err = found_add(&found->own, &network->prefix,
					why_on(found, what, network->ifindex, why), true);
	}
	return err;
}

/* Which of all that the kernel has is of use here: its table, and why an address of it matters. The
 * first role that an address has counts.
 */
static const struct peer_source {
	enum kernel_table table;
	uint32_t role;
	const char *why;
} sources[] = {
	{KERNEL_SESSIONS, ADDRESS_BGP, "BGP session"},
	{KERNEL_SESSIONS_IN, ADDRESS_BGP_IN, "BGP session that it opened itself"},
	{KERNEL_ROUTES_V6, ADDRESS_DEFAULT, "gateway of the default route"},
	{KERNEL_ROUTES_V6, ADDRESS_NEXT_HOP, "next hop"},
	{KERNEL_ROUTES_V4, ADDRESS_DEFAULT, "gateway of the default route"},
	{KERNEL_ROUTES_V4, ADDRESS_NEXT_HOP, "next hop"},
	{KERNEL_ADDRESSES, ADDRESS_FAR_END, "other end of the link"},
	{KERNEL_NEIGHBOURS, ADDRESS_NEIGHBOUR, "permanent neighbour"},
};

struct gathered {
	struct address_set table[KERNEL_TABLE_COUNT];
	struct networks networks[KERNEL_TABLE_COUNT];
};

static bool is_own_address(const struct gathered *gathered, const struct in6_addr *address)
{
	const struct address_set *own = &gathered->table[KERNEL_ADDRESSES];

	for (size_t i = 0; i < own->count; i++)
		if (own->entry[i].roles & ADDRESS_OWN &&
		    IN6_ARE_ADDR_EQUAL(&own->entry[i].seen, address))
			return true;
	return false;
}

static int find_peers(struct found *found, const struct gathered *gathered)
{
	char why[FOUND_WHY_MAX];
	int err = 0;

	for (size_t s = 0; s < sizeof(sources) / sizeof(sources[0]) && !err; s++) {
		const struct address_set *set = &gathered->table[sources[s].table];

		for (size_t i = 0; i < set->count && !err; i++) {
			const struct known_address *one = &set->entry[i];
			struct prefix prefix = {.address = one->seen, .length = 128};

			if (!(one->roles & sources[s].role) || is_link_local(&one->seen) ||
			    is_loopback(&one->seen) || is_own_address(gathered, &one->seen))
				continue;
			err = found_add(&found->peers, &prefix,
					why_on(found, sources[s].why, one->ifindex, why),
					sources[s].role != ADDRESS_BGP_IN);
		}
	}
	return err;
}

/* --- where people are logged in from --- */

static bool is_own(const struct found *found, const struct prefix *prefix)
{
	for (size_t i = 0; i < found->own.count; i++)
		if (prefix_contains(&found->own.entry[i].prefix, prefix))
			return true;
	return false;
}

static int add_login(struct found *found, const struct gathered *gathered,
		     const struct in6_addr *address)
{
	struct prefix prefix = {.address = *address, .length = 128};

	if (is_link_local(address) || is_loopback(address) || is_own(found, &prefix) ||
	    is_own_address(gathered, address))
		return 0;
	return found_add(&found->allow, &prefix, "somebody was logged in from here", true);
}

static int find_logins(struct found *found, const struct gathered *gathered)
{
	struct address_set logins = {};
	json_t *around = ssh_sources(), *text;
	int err = around ? 0 : -ENOMEM;
	struct prefix prefix;
	size_t i;

	/* without logind and utmp there is still the session of whoever runs this */
	if (!err && !logins_gather(LOGINS_UTMP, &logins))
		for (size_t k = 0; k < logins.count && !err; k++)
			err = add_login(found, gathered, &logins.entry[k].seen);
	json_array_foreach (around, i, text)
		if (!err && !prefix_parse_whole(json_string_value(text), &prefix, NULL))
			err = add_login(found, gathered, &prefix.address);
	json_decref(around);
	address_set_free(&logins);
	return err;
}

/* --- all --- */

static int find_own(struct found *found, struct gathered *gathered)
{
	static const enum kernel_table tables[] = {KERNEL_ADDRESSES, KERNEL_ROUTES_V6,
						   KERNEL_ROUTES_V4};
	struct networks outside = {};
	int err = 0;

	for (size_t i = 0; i < found->links; i++)
		if (found->link[i].is_outside)
			networks_add_outside(&outside, found->link[i].ifindex);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && !err; i++)
		err = find_own_in(found, &gathered->networks[tables[i]], &outside);
	networks_free(&outside);
	return err;
}

int found_lists(struct found *found, struct error *error)
{
	struct gathered *gathered = calloc(1, sizeof(*gathered));
	int err = gathered ? 0 : -ENOMEM, table;

	for (table = 0; table < KERNEL_TABLE_COUNT && !err; table++) {
		err = kernel_gather(table, &gathered->table[table], &gathered->networks[table]);
		if (err && err != -ENOMEM)
			cannot_read(error, kernel_table_name(table), err);
		address_set_seal(&gathered->table[table]);
	}
	if (!err) {
		err = find_own(found, gathered);
		err = err ? err : find_peers(found, gathered);
		err = err ? err : find_logins(found, gathered);
	}
	for (table = 0; gathered && table < KERNEL_TABLE_COUNT; table++) {
		address_set_free(&gathered->table[table]);
		networks_free(&gathered->networks[table]);
	}
	free(gathered);
	return err == -ENOMEM ? error_set(error, err, "out of memory; try again") : err;
}

void found_free(struct found *found)
{
	free(found->link);
	free(found->own.entry);
	free(found->peers.entry);
	free(found->allow.entry);
	*found = (struct found){};
}
