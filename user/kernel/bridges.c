// SPDX-License-Identifier: GPL-2.0-only
#include "bridges.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "link_names.h"
#include "netlink_dump.h"

#define PORTS_TEXT_MAX 160 /* further ports are only counted */

struct bridge {
	uint32_t ifindex;
	bool is_bridge;
	char ports[PORTS_TEXT_MAX];
	unsigned int left_out; /* ports for which the text has no room */
};

struct link_attributes {
	const struct nlattr *name, *master, *info;
};

static int gather_attribute(const struct nlattr *attribute, void *data)
{
	struct link_attributes *attributes = data;

	switch (mnl_attr_get_type(attribute)) {
	case IFLA_IFNAME:
		attributes->name = attribute;
		break;
	case IFLA_MASTER:
		attributes->master = attribute;
		break;
	case IFLA_LINKINFO:
		attributes->info = attribute;
		break;
	}
	return MNL_CB_OK;
}

static bool is_kind(const struct nlattr *info, const char *kind)
{
	const struct nlattr *attribute;

	if (!info)
		return false;
	mnl_attr_for_each_nested(attribute, info)
	{
		if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND)
			return mnl_attr_get_payload_len(attribute) > strlen(kind) &&
			       !memcmp(mnl_attr_get_payload(attribute), kind, strlen(kind) + 1);
	}
	return false;
}

static void add_port(struct bridge *bridge, const struct nlattr *name)
{
	size_t length = strlen(bridge->ports), bytes = mnl_attr_get_payload_len(name);
	const char *text = mnl_attr_get_payload(name);

	if (!bytes || text[bytes - 1] || length + strlen(text) + 3 > sizeof(bridge->ports)) {
		bridge->left_out++;
		return;
	}
	snprintf(bridge->ports + length, sizeof(bridge->ports) - length, "%s%s", length ? ", " : "",
		 text);
}

static int take_link(const struct nlmsghdr *message, void *data)
{
	const struct ifinfomsg *about = mnl_nlmsg_get_payload(message);
	struct link_attributes attributes = {};
	struct bridge *bridge = data;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*about) ||
	    mnl_attr_parse(message, sizeof(*about), gather_attribute, &attributes) < 0)
		return 0;
	if ((uint32_t)about->ifi_index == bridge->ifindex)
		bridge->is_bridge = is_kind(attributes.info, "bridge");
	else if (attributes.master && attributes.name &&
		 mnl_attr_get_payload_len(attributes.master) == sizeof(uint32_t) &&
		 mnl_attr_get_u32(attributes.master) == bridge->ifindex)
		add_port(bridge, attributes.name);
	return 0;
}

static int read_links(struct bridge *bridge)
{
	static const struct ifinfomsg all = {.ifi_family = AF_UNSPEC};
	struct netlink_dump dump;
	int err = netlink_dump_open(&dump, NETLINK_ROUTE);

	if (err)
		return err;
	err = netlink_dump_ask(&dump, RTM_GETLINK, &all, sizeof(all));
	if (!err)
		do
			err = netlink_dump_read(&dump, take_link, bridge, true);
		while (err > 0);
	netlink_dump_close(&dump);
	return err;
}

/* `where` is "FILE:LINE: ", or "". */
static int check(const char *where, const char *name, const struct policy *policy,
		 struct error *error)
{
	struct bridge bridge = {.ifindex = link_index(name)};
	char more[48] = "";

	if (policy->profile != PROFILE_BRIDGE || !bridge.ifindex || read_links(&bridge) ||
	    !bridge.is_bridge)
		return 0;
	if (bridge.left_out)
		snprintf(more, sizeof(more), " and %u more", bridge.left_out);
	return error_set(error, -EINVAL,
			 "%s%s is a bridge device, which does not see traffic between "
			 "its ports: with the profile 'bridge' use the ports, %s%s",
			 where, name, bridge.ports[0] ? bridge.ports : "of which it has none now",
			 more);
}

int bridges_check(const struct config *config, struct error *error)
{
	int err = 0;

	for (size_t i = 0; i < config->iface_count && !err; i++) {
		const struct config_iface *iface = &config->iface[i];
		char where[sizeof(config->file) + 16];
		struct policy policy;

		config_iface_policy(config, iface, &policy);
		snprintf(where, sizeof(where), "%s:%u: ", config->file, iface->line);
		err = check(where, iface->name, &policy, error);
	}
	return err;
}

int bridges_check_one(const struct config *config, const char *name, struct error *error)
{
	const struct policy *policy = &config->policy;

	for (size_t i = 0; i < config->iface_count; i++)
		if (!strcmp(config->iface[i].name, name) && config->iface[i].policy)
			policy = config->iface[i].policy;
	return check("", name, policy, error);
}
