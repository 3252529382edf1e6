// SPDX-License-Identifier: GPL-2.0-only
#include "link_master.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <string.h>

static int take_attribute(const struct nlattr *attribute, void *data)
{
	unsigned int *master = data;

	if (mnl_attr_get_type(attribute) == IFLA_MASTER &&
	    mnl_attr_get_payload_len(attribute) == sizeof(__u32))
		*master = mnl_attr_get_u32(attribute);
	return MNL_CB_OK;
}

static int take_message(const struct nlmsghdr *message, void *data)
{
	return mnl_attr_parse(message, sizeof(struct ifinfomsg), take_attribute, data);
}

static int ask(struct mnl_socket *socket, unsigned int ifindex, unsigned int *master)
{
	char buffer[32768]; /* a NIC with many functions sends long messages */
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *link;
	ssize_t n;

	request->nlmsg_type = RTM_GETLINK;
	request->nlmsg_flags = NLM_F_REQUEST;
	request->nlmsg_seq = 1;
	link = mnl_nlmsg_put_extra_header(request, sizeof(*link));
	link->ifi_index = ifindex;
	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return -errno;
	n = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
	if (n < 0 ||
	    mnl_cb_run(buffer, n, 1, mnl_socket_get_portid(socket), take_message, master) < 0)
		return -errno;
	return 0;
}

int link_master(unsigned int ifindex, char master[IF_NAMESIZE])
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	unsigned int index = 0;
	int err = !socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) ?
			  -errno :
			  ask(socket, ifindex, &index);

	if (socket)
		mnl_socket_close(socket);
	if (err)
		return err;
	if (!index || !if_indextoname(index, master))
		master[0] = '\0';
	return 0;
}
