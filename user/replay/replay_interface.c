// SPDX-License-Identifier: GPL-2.0-only
#include "replay_interface.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NAMES_SHOWN_MAX 256

/* "wan0, lan0, ..." */
static const char *names_of(const struct config *config, char names[NAMES_SHOWN_MAX])
{
	names[0] = '\0';
	for (size_t i = 0; i < config->iface_count; i++) {
		size_t length = strlen(names);
		const char *name = config->iface[i].name;

		if (length + strlen(name) + 8 > NAMES_SHOWN_MAX) {
			snprintf(names + length, NAMES_SHOWN_MAX - length, ", ...");
			break;
		}
		snprintf(names + length, NAMES_SHOWN_MAX - length, "%s%s", i ? ", " : "", name);
	}
	return names;
}

static const struct config_iface *find(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->iface_count; i++)
		if (!strcmp(config->iface[i].name, name))
			return &config->iface[i];
	return NULL;
}

static void as_all(const struct config *config, struct replay_as *as)
{
	char names[NAMES_SHOWN_MAX];

	if (config->iface_count)
		snprintf(
			as->said, sizeof(as->said),
			"processed by the policy of all interfaces; name one of them for its own policy: %s",
			names_of(config, names));
	else
		snprintf(as->said, sizeof(as->said),
			 "processed by the %s policy of no interface: filter %s, IPv4 passes",
			 config->file[0] ? "configuration's" : "default",
			 policy_filter_names[config->policy.filter]);
}

int replay_as_interface(struct config *config, const char *name, struct replay_as *as,
			struct error *error)
{
	const struct config_iface *iface = NULL;
	char names[NAMES_SHOWN_MAX];
	struct policy policy;

	memset(as, 0, sizeof(*as));
	if (name) {
		iface = find(config, name);
		if (!iface)
			return error_set(
				error, -ENOENT, "unknown interface '%.64s': %s%s", name,
				config->iface_count ?
					"the configuration has " :
					"no configuration was given, or it has no interface",
				names_of(config, names));
	} else if (config->iface_count == 1) {
		iface = &config->iface[0];
	}
	if (!iface) {
		as_all(config, as);
		return 0;
	}
	config_iface_policy(config, iface, &policy);
	config->policy = policy;
	as->name = iface->name;
	as->ipv4_enforce = iface->ipv4_enforce;
	snprintf(as->said, sizeof(as->said), "processed as on %s: filter %s, %s", iface->name,
		 policy_filter_names[policy.filter],
		 iface->ipv4_enforce ? "blocks count for IPv4 too" : "IPv4 passes");
	return 0;
}
