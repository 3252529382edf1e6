// SPDX-License-Identifier: GPL-2.0-only
#include "link_names.h"

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

static int take_index(const struct nlmsghdr *message, void *data)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);

	if (message->nlmsg_type == RTM_NEWLINK)
		*(unsigned int *)data = link->ifi_index;
	return MNL_CB_OK;
}

static void ask(struct mnl_socket *socket, const char *name, unsigned int *index)
{
	char buffer[32768]; /* a NIC with many functions sends long messages */
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	ssize_t n;

	request->nlmsg_type = RTM_GETLINK;
	request->nlmsg_flags = NLM_F_REQUEST;
	request->nlmsg_seq = 1;
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(request, IFLA_ALT_IFNAME, name);
	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return;
	n = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
	if (n > 0)
		mnl_cb_run(buffer, n, 1, mnl_socket_get_portid(socket), take_index, index);
}

/* ioctl(2) finds an interface by any of its names that fits into struct ifreq, but alternative
 * names may be longer.
 */
unsigned int link_index(const char *name)
{
	struct mnl_socket *socket;
	unsigned int index = 0;

	if (strlen(name) < IF_NAMESIZE)
		return if_nametoindex(name);
	socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (socket && !mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID))
		ask(socket, name, &index);
	if (socket)
		mnl_socket_close(socket);
	return index;
}

const char *link_near(const char *name, char *buf)
{
	struct if_nameindex *links = if_nameindex();
	struct near near = {.typed = name};

	buf[0] = '\0';
	for (struct if_nameindex *link = links; link && link->if_index; link++)
		near_try(&near, link->if_name);
	near_text(&near, "", buf);
	if (links)
		if_freenameindex(links);
	return buf;
}
