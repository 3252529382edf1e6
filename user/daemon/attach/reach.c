// SPDX-License-Identifier: GPL-2.0-only
#include "reach.h"

#include <stdio.h>
#include <string.h>

#define ROOM_FOR_MORE 8 /* ", ..." */

static void add_name(char names[REACH_NAMES_MAX], const char *name)
{
	size_t length = strlen(names);

	if (length + strlen(name) + ROOM_FOR_MORE < REACH_NAMES_MAX)
		snprintf(names + length, REACH_NAMES_MAX - length, "%s%s", length ? ", " : "",
			 name);
	else if (length < 4 || strcmp(names + length - 3, "..."))
		snprintf(names + length, REACH_NAMES_MAX - length, ", ...");
}

void reach_of(const struct ifaces *ifaces, bool is_ipv4, struct reach *reach)
{
	memset(reach, 0, sizeof(*reach));
	for (uint32_t i = 0; i < ifaces->maps->meta->iface_slots; i++) {
		const struct iface *iface = ifaces->entry[i];

		if (!iface || !iface->attached)
			continue;
		if (is_ipv4 && !iface->ipv4_enforce) {
			reach->others++;
		} else if (iface->policy.filter == FILTER_ENFORCE) {
			reach->enforcing++;
			add_name(reach->enforcing_names, iface->name);
		} else {
			reach->monitoring++;
			add_name(reach->monitoring_names, iface->name);
		}
	}
}

const char *reach_words(const struct reach *reach, bool is_ipv4, char *text, size_t bytes)
{
	text[0] = '\0';
	if (!reach->enforcing && !reach->monitoring && is_ipv4 && reach->others)
		snprintf(
			text, bytes,
			"no interface looks at IPv4, so IPv4 packets pass ('ipv4: enforce' of an interface does)");
	else if (!reach->enforcing && !reach->monitoring)
		snprintf(text, bytes, "slash64 is on no interface, so everything passes");
	else if (!reach->enforcing)
		snprintf(text, bytes, "its packets pass, as %s only monitor%s",
			 reach->monitoring_names, reach->monitoring == 1 ? "s" : "");
	else if (reach->monitoring)
		snprintf(text, bytes, "but not on %s, which only monitor%s",
			 reach->monitoring_names, reach->monitoring == 1 ? "s" : "");
	else if (is_ipv4 && reach->others)
		snprintf(text, bytes, "in IPv4 on %s alone", reach->enforcing_names);
	return text;
}
