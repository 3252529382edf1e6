// SPDX-License-Identifier: GPL-2.0-only
#include "writer.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/loop/task.h"
#include "kernel/netlink_dump.h"

#define ORDER_BYTES 128 /* of a message, at most */
#define SEQUENCE    1	/* of the first order */

static void put_order(struct nlmsghdr *message, const struct writer_order *order, uint32_t sequence)
{
	bool is_v4 = prefix_is_v4(&order->prefix);
	struct rtmsg *rtm;

	message->nlmsg_type = order->adds ? RTM_NEWROUTE : RTM_DELROUTE;
	/* another's route for the same prefix stays */
	message->nlmsg_flags =
		NLM_F_REQUEST | NLM_F_ACK | (order->adds ? NLM_F_CREATE | NLM_F_EXCL : 0);
	message->nlmsg_seq = sequence;
	rtm = mnl_nlmsg_put_extra_header(message, sizeof(*rtm));
	*rtm = (struct rtmsg){
		.rtm_family = is_v4 ? AF_INET : AF_INET6,
		.rtm_dst_len = order->prefix.length - (is_v4 ? PREFIX_V4_LENGTH : 0),
		.rtm_protocol = WRITER_PROTOCOL,
		.rtm_type = RTN_BLACKHOLE,
		.rtm_scope = RT_SCOPE_UNIVERSE,
	};
	if (is_v4)
		mnl_attr_put(message, RTA_DST, sizeof(struct in_addr),
			     &order->prefix.address.s6_addr[12]);
	else
		mnl_attr_put(message, RTA_DST, sizeof(struct in6_addr), &order->prefix.address);
	mnl_attr_put_u32(message, RTA_TABLE, order->table);
	mnl_attr_put_u32(message, RTA_PRIORITY, WRITER_METRIC);
}

static void take_result(const struct nlmsghdr *message, struct writer_order *orders, size_t count)
{
	uint32_t number = message->nlmsg_seq - SEQUENCE;
	int32_t err;

	if (message->nlmsg_type != NLMSG_ERROR || number >= count ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(err))
		return;
	memcpy(&err, mnl_nlmsg_get_payload(message), sizeof(err));
	/* it is as it was to be */
	if ((orders[number].adds && err == -EEXIST) || (!orders[number].adds && err == -ESRCH))
		err = 0;
	orders[number].err = err;
}

/* The kernel has answered before sendto() returned. */
static int take_results(int fd, struct writer_order *orders, size_t count)
{
	_Alignas(struct nlmsghdr) char buffer[8192];
	ssize_t got;

	while ((got = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT)) > 0) {
		const struct nlmsghdr *message = (void *)buffer;
		int left = got;

		for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
			take_result(message, orders, count);
	}
	return errno == EAGAIN ? 0 : -errno;
}

int writer_send(struct writer_order *orders, size_t count)
{
	_Alignas(struct nlmsghdr) char buffer[WRITER_BATCH * ORDER_BYTES];
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	size_t bytes = 0;
	int err;

	if (!socket)
		return -errno;
	for (size_t i = 0; i < count; i++) {
		struct nlmsghdr *message = mnl_nlmsg_put_header(buffer + bytes);

		put_order(message, &orders[i], SEQUENCE + i);
		bytes += NLMSG_ALIGN(message->nlmsg_len);
		orders[i].err = -EIO; /* unless it is answered */
	}
	err = mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) ? -errno : 0;
	if (!err && mnl_socket_sendto(socket, buffer, bytes) < 0)
		err = -errno;
	if (!err)
		err = take_results(mnl_socket_get_fd(socket), orders, count);
	mnl_socket_close(socket);
	return err;
}

/* --- what there is --- */

struct reading {
	writer_route_t take;
	void *data;
};

static int take_route(const struct nlmsghdr *message, void *data)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(message);
	struct reading *reading = data;
	struct in6_addr address = {};
	uint32_t table = rtm->rtm_table, metric = 0, v4 = 0;
	const struct nlattr *attr;
	struct prefix prefix;

	if (message->nlmsg_type != RTM_NEWROUTE ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*rtm) ||
	    rtm->rtm_protocol != WRITER_PROTOCOL || rtm->rtm_type != RTN_BLACKHOLE)
		return 0;
	mnl_attr_for_each(attr, message, sizeof(*rtm))
	{
		size_t bytes = mnl_attr_get_payload_len(attr);

		if (mnl_attr_get_type(attr) == RTA_TABLE && bytes == sizeof(table))
			table = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == RTA_PRIORITY && bytes == sizeof(metric))
			metric = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) != RTA_DST)
			continue;
		if (rtm->rtm_family == AF_INET6 && bytes == sizeof(address))
			memcpy(&address, mnl_attr_get_payload(attr), sizeof(address));
		else if (rtm->rtm_family == AF_INET && bytes == sizeof(v4))
			memcpy(&v4, mnl_attr_get_payload(attr), sizeof(v4));
	}
	if (metric != WRITER_METRIC)
		return 0;
	prefix = rtm->rtm_family == AF_INET6 ? prefix_around(&address, rtm->rtm_dst_len) :
					       prefix_of_v4(be32toh(v4), rtm->rtm_dst_len);
	return reading->take(&prefix, table, reading->data) ? -ENOMEM : 0;
}

static int read_family(struct netlink_dump *dump, uint8_t family, struct task *task,
		       struct reading *reading)
{
	struct rtmsg rtm = {.rtm_family = family, .rtm_protocol = WRITER_PROTOCOL};
	int err = netlink_dump_ask(dump, RTM_GETROUTE, &rtm, sizeof(rtm));

	if (err)
		return err;
	while ((err = netlink_dump_read(dump, take_route, reading, true)) > 0)
		if (task_is_over(task))
			task_pause(task);
	return err;
}

int writer_read(struct task *task, writer_route_t take, void *data)
{
	struct reading reading = {take, data};
	struct netlink_dump dump;
	int err = netlink_dump_open(&dump, NETLINK_ROUTE);

	if (err)
		return err;
	err = read_family(&dump, AF_INET6, task, &reading);
	if (!err)
		err = read_family(&dump, AF_INET, task, &reading);
	if (!err && dump.interrupted)
		err = -EINTR;
	netlink_dump_close(&dump);
	return err;
}
