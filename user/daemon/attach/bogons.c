// SPDX-License-Identifier: GPL-2.0-only
#include "bogons.h"

#include <stdio.h>
#include <string.h>

#include "net/special_prefixes.h"

#define NAMES_MAX 128 /* of interfaces, as text */

bool bogon_is_translated(const struct source_rules *rules, const struct prefix *address)
{
	const struct s64_source_rule *rule =
		source_rules_find(rules, prefix_hi(address), prefix_lo(address));

	return !prefix_is_v4(address) && rule && rule->kind == S64_SOURCE_KIND_NAT64;
}

/* The interfaces on which bogons are dropped, and, with `routers`, beyond whose link there are
 * other networks.
 */
static bool name_interfaces(const struct ifaces *ifaces, bool routers, char names[NAMES_MAX])
{
	unsigned int left_out = 0;

	names[0] = '\0';
	for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++) {
		const struct iface *iface = ifaces->entry[i];
		size_t length = strlen(names);

		if (!iface || iface->policy.bogons != BOGONS_ENFORCE ||
		    iface->policy.filter != FILTER_ENFORCE ||
		    (routers && (iface->policy.profile == PROFILE_HOST ||
				 iface->policy.profile == PROFILE_BRIDGE)))
			continue;
		if (length + strlen(iface->name) + 24 > NAMES_MAX)
			left_out++;
		else
			snprintf(names + length, NAMES_MAX - length, "%s%s", length ? ", " : "",
				 iface->name);
	}
	if (left_out)
		snprintf(names + strlen(names), NAMES_MAX - strlen(names), " and %u more",
			 left_out);
	return names[0];
}

enum bogon bogon_where(const struct ifaces *ifaces, const struct source_rules *rules,
		       const struct prefix_set *allowed, const struct prefix *address, char *text,
		       size_t bytes)
{
	enum s64_source_status source = special_source_of(address);
	char names[NAMES_MAX];
	int i = special_find(address);

	if (source == S64_SOURCE_ONLINK) {
		if (!name_interfaces(ifaces, true, names))
			return BOGON_NOT;
		snprintf(text, bytes, "beyond its link it is a bogon, dropped on %s", names);
		return BOGON_BEYOND;
	}
	if (source != S64_SOURCE_BOGON || bogon_is_translated(rules, address) ||
	    prefix_set_around(allowed, address) || !name_interfaces(ifaces, false, names))
		return BOGON_NOT;
	snprintf(
		text, bytes,
		"no host on the Internet can have it (%s, %s): dropped on %s, where bogons are enforced",
		i < 0 ? "not assigned" : special_name(i),
		i < 0 ? "IANA IPv6 address space" : special_reference(i), names);
	return BOGON_DROPPED;
}
