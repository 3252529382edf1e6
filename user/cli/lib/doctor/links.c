// SPDX-License-Identifier: GPL-2.0-only
#include "links.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX (64 << 10) /* a NIC with many functions sends long messages */

#define NETDEV_FAMILY	    "netdev"
#define NETDEV_DEV_GET	    1
#define NETDEV_DEV_IFINDEX  1
#define NETDEV_DEV_FEATURES 3

/* Sends a request, and calls `each` with every answer. -errno */
static int ask(int bus, struct nlmsghdr *request, mnl_cb_t each, void *data)
{
	struct mnl_socket *socket = mnl_socket_open2(bus, SOCK_CLOEXEC);
	char *buffer = malloc(MESSAGE_MAX);
	int more = MNL_CB_OK, err = 0;
	ssize_t n;

	if (!socket || !buffer || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) ||
	    mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		err = errno ? -errno : -ENOMEM;
	while (!err && more == MNL_CB_OK) {
		n = mnl_socket_recvfrom(socket, buffer, MESSAGE_MAX);
		more = n < 0 ? -1 :
			       mnl_cb_run(buffer, n, request->nlmsg_seq,
					  mnl_socket_get_portid(socket), each, data);
		if (more < 0)
			err = -errno;
	}
	if (socket)
		mnl_socket_close(socket);
	free(buffer);
	return err;
}

static struct nlmsghdr *begin(char *buffer, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | flags;
	request->nlmsg_seq = 1;
	return request;
}

/* --- links --- */

static void take_info(struct doctor_link *link, const struct nlattr *info)
{
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute,
				 info) if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND)
		snprintf(link->kind, sizeof(link->kind), "%s", mnl_attr_get_str(attribute));
}

static void take_xdp(struct doctor_link *link, const struct nlattr *xdp)
{
	const struct nlattr *attribute;
	uint8_t mode = XDP_ATTACHED_NONE;
	uint32_t id = 0;

	mnl_attr_for_each_nested(attribute, xdp)
	{
		uint16_t type = mnl_attr_get_type(attribute);

		if (type == IFLA_XDP_ATTACHED)
			mode = mnl_attr_get_u8(attribute);
		else if (type == IFLA_XDP_PROG_ID)
			id = mnl_attr_get_u32(attribute);
		else if (type == IFLA_XDP_DRV_PROG_ID)
			link->native_id = mnl_attr_get_u32(attribute);
		else if (type == IFLA_XDP_SKB_PROG_ID)
			link->generic_id = mnl_attr_get_u32(attribute);
	}
	if (mode == XDP_ATTACHED_DRV && !link->native_id)
		link->native_id = id;
	if (mode == XDP_ATTACHED_SKB && !link->generic_id)
		link->generic_id = id;
}

static int take_attribute(const struct nlattr *attribute, void *data)
{
	struct doctor_link *link = data;

	switch (mnl_attr_get_type(attribute)) {
	case IFLA_IFNAME:
		snprintf(link->name, sizeof(link->name), "%s", mnl_attr_get_str(attribute));
		break;
	case IFLA_MTU:
		link->mtu = mnl_attr_get_u32(attribute);
		break;
	case IFLA_MASTER:
		link->master = mnl_attr_get_u32(attribute);
		break;
	case IFLA_LINK:
		link->lower = mnl_attr_get_u32(attribute);
		break;
	case IFLA_LINK_NETNSID:
		link->lower_is_elsewhere = true;
		break;
	case IFLA_NUM_TX_QUEUES:
		link->tx_queues = mnl_attr_get_u32(attribute);
		break;
	case IFLA_NUM_RX_QUEUES:
		link->rx_queues = mnl_attr_get_u32(attribute);
		break;
	case IFLA_CARRIER:
		link->carrier = mnl_attr_get_u8(attribute);
		break;
	case IFLA_LINKINFO:
		take_info(link, attribute);
		break;
	case IFLA_XDP:
		take_xdp(link, attribute);
		break;
	}
	return MNL_CB_OK;
}

static int take_link(const struct nlmsghdr *message, void *data)
{
	const struct ifinfomsg *header = mnl_nlmsg_get_payload(message);
	struct doctor *doctor = data;
	struct doctor_link *link;

	if (message->nlmsg_type != RTM_NEWLINK || doctor->link_count == DOCTOR_LINKS_MAX)
		return MNL_CB_OK;
	link = &doctor->link[doctor->link_count++];
	link->index = header->ifi_index;
	link->flags = header->ifi_flags;
	link->arp_type = header->ifi_type;
	mnl_attr_parse(message, sizeof(*header), take_attribute, link);
	return MNL_CB_OK;
}

int links_read(struct doctor *doctor, struct error *error)
{
	char buffer[256];
	struct nlmsghdr *request = begin(buffer, RTM_GETLINK, NLM_F_DUMP);
	int err;

	doctor->link = calloc(DOCTOR_LINKS_MAX, sizeof(*doctor->link));
	if (!doctor->link)
		return error_set(error, -ENOMEM, "out of memory");
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	err = ask(NETLINK_ROUTE, request, take_link, doctor);
	return err ? error_set(error, err, "cannot list the interfaces: %s", strerror(-err)) : 0;
}

static int take_index(const struct nlmsghdr *message, void *data)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);

	if (message->nlmsg_type == RTM_NEWLINK)
		*(unsigned int *)data = link->ifi_index;
	return MNL_CB_STOP;
}

const struct doctor_link *links_find(const struct doctor *doctor, const char *name)
{
	char buffer[512];
	struct nlmsghdr *request = begin(buffer, RTM_GETLINK, 0);
	unsigned int index = 0;

	for (size_t i = 0; i < doctor->link_count; i++)
		if (!strcmp(doctor->link[i].name, name))
			return &doctor->link[i];
	if (!*name || strlen(name) >= S64_IFACE_NAME_MAX)
		return NULL;
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(request, IFLA_ALT_IFNAME, name);
	if (ask(NETLINK_ROUTE, request, take_index, &index))
		return NULL;
	return doctor_link_by_index(doctor, index);
}

/* --- features of XDP --- */

static int take_family_attribute(const struct nlattr *attribute, void *data)
{
	if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_ID)
		*(uint16_t *)data = mnl_attr_get_u16(attribute);
	return MNL_CB_OK;
}

static int take_family(const struct nlmsghdr *message, void *data)
{
	mnl_attr_parse(message, sizeof(struct genlmsghdr), take_family_attribute, data);
	return MNL_CB_STOP;
}

struct features_found {
	bool found;
	uint64_t features;
};

static int take_feature_attribute(const struct nlattr *attribute, void *data)
{
	struct features_found *answer = data;

	if (mnl_attr_get_type(attribute) == NETDEV_DEV_FEATURES) {
		answer->features = mnl_attr_get_u64(attribute);
		answer->found = true;
	}
	return MNL_CB_OK;
}

static int take_features(const struct nlmsghdr *message, void *data)
{
	mnl_attr_parse(message, sizeof(struct genlmsghdr), take_feature_attribute, data);
	return MNL_CB_STOP;
}

static struct nlmsghdr *begin_generic(char *buffer, uint16_t family, uint8_t command)
{
	struct nlmsghdr *request = begin(buffer, family, 0);
	struct genlmsghdr *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));

	header->cmd = command;
	header->version = 1;
	return request;
}

int links_xdp_features(unsigned int index, uint64_t *features)
{
	struct features_found answer = {};
	struct nlmsghdr *request;
	uint16_t family = 0;
	char buffer[256];
	int err;

	request = begin_generic(buffer, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	mnl_attr_put_strz(request, CTRL_ATTR_FAMILY_NAME, NETDEV_FAMILY);
	err = ask(NETLINK_GENERIC, request, take_family, &family);
	if (err || !family)
		return -EOPNOTSUPP;
	request = begin_generic(buffer, family, NETDEV_DEV_GET);
	mnl_attr_put_u32(request, NETDEV_DEV_IFINDEX, index);
	err = ask(NETLINK_GENERIC, request, take_features, &answer);
	if (err)
		return err;
	if (!answer.found)
		return -EOPNOTSUPP;
	*features = answer.features;
	return 0;
}
