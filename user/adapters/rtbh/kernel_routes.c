// SPDX-License-Identifier: GPL-2.0-only
#include "kernel_routes.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/filter.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PART_BYTES    32768 /* the kernel's largest message */
#define RECEIVE_BYTES (4 << 20)
#define READS_MAX     512
#define DUMP_WAIT_S   5
#define DUMPS_MAX     10 /* if the table changes while it is dumped */

struct kernel_routes {
	struct mnl_socket *socket;
};

/* --- one message --- */

static bool take_address(const struct nlattr *attr, int family, struct in6_addr *address,
			 uint32_t *address_v4)
{
	if (family == AF_INET6) {
		if (mnl_attr_get_payload_len(attr) != sizeof(*address))
			return false;
		memcpy(address, mnl_attr_get_payload(attr), sizeof(*address));
		return true;
	}
	if (mnl_attr_get_payload_len(attr) != sizeof(*address_v4))
		return false;
	memcpy(address_v4, mnl_attr_get_payload(attr), sizeof(*address_v4));
	return true;
}

static bool take_number(const struct nlattr *attr, uint32_t *number)
{
	if (mnl_attr_get_payload_len(attr) != sizeof(*number))
		return false;
	memcpy(number, mnl_attr_get_payload(attr), sizeof(*number));
	return true;
}

bool kernel_route_parse(const struct nlmsghdr *message, struct kernel_route *route)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(message);
	struct in6_addr address = {};
	uint32_t address_v4 = 0;
	const struct nlattr *attr;
	bool is_v6, is_valid = true;

	if ((message->nlmsg_type != RTM_NEWROUTE && message->nlmsg_type != RTM_DELROUTE) ||
	    message->nlmsg_len < NLMSG_LENGTH(sizeof(*rtm)))
		return false;
	is_v6 = rtm->rtm_family == AF_INET6;
	/* a route for some sources only, or a cached one, is none that we know */
	if ((!is_v6 && rtm->rtm_family != AF_INET) || rtm->rtm_dst_len > (is_v6 ? 128 : 32) ||
	    rtm->rtm_src_len || rtm->rtm_tos || rtm->rtm_flags & RTM_F_CLONED)
		return false;
	*route = (struct kernel_route){
		.table = rtm->rtm_table,
		.type = rtm->rtm_type,
		.protocol = rtm->rtm_protocol,
		.replaces =
			message->nlmsg_type == RTM_NEWROUTE && message->nlmsg_flags & NLM_F_REPLACE,
	};
	mnl_attr_for_each(attr, message, sizeof(*rtm))
	{
		if (mnl_attr_get_type(attr) == RTA_DST)
			is_valid &= take_address(attr, rtm->rtm_family, &address, &address_v4);
		else if (mnl_attr_get_type(attr) == RTA_TABLE)
			is_valid &= take_number(attr, &route->table);
		else if (mnl_attr_get_type(attr) == RTA_PRIORITY)
			is_valid &= take_number(attr, &route->metric);
	}
	route->prefix = is_v6 ? prefix_around(&address, rtm->rtm_dst_len) :
				prefix_of_v4(be32toh(address_v4), rtm->rtm_dst_len);
	return is_valid;
}

/* Not mnl_nlmsg_ok(), which takes a length above INT_MAX for a small one. */
static bool message_ok(const struct nlmsghdr *message, int left)
{
	return left >= (int)sizeof(*message) && message->nlmsg_len >= sizeof(*message) &&
	       message->nlmsg_len <= (uint32_t)left;
}

/* --- changes --- */

/* The kernel passes on only what is in our tables: a router with a full table has thousands of other
 * changes per second.
 */
static int filter_tables(int fd, const uint32_t *tables, size_t count)
{
	const uint32_t attributes_at = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct rtmsg));
	struct sock_filter code[KERNEL_TABLES_MAX + 8] = {
		BPF_STMT(BPF_LD | BPF_IMM, attributes_at),
		BPF_STMT(BPF_LDX | BPF_IMM, RTA_TABLE),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_NLATTR),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, count + 2, 0),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_IND, sizeof(struct nlattr)),
	};
	unsigned short n = 6;
	struct sock_fprog program = {.filter = code};

	for (size_t i = 0; i < count; i++, n++) /* loads are in network order */
		code[n] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						       htobe32(tables[i]), count - i, 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
	program.len = n;
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ? -errno : 0;
}

static int subscribe(struct mnl_socket *watch, const uint32_t *tables, size_t count)
{
	static const int groups[] = {RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_ROUTE};
	static const int bytes = RECEIVE_BYTES;
	int fd = mnl_socket_get_fd(watch), err = filter_tables(fd, tables, count);

	if (!err && mnl_socket_bind(watch, 0, MNL_SOCKET_AUTOPID))
		err = -errno;
	for (size_t i = 0; !err && i < sizeof(groups) / sizeof(groups[0]); i++) {
		int group = groups[i];

		if (mnl_socket_setsockopt(watch, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
			err = -errno;
	}
	/* As much as the kernel gives to somebody without rights. Losses are noticed. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	return err;
}

int kernel_routes_open(struct kernel_routes **out, const uint32_t *tables, size_t count,
		       struct error *error)
{
	struct kernel_routes *routes = calloc(1, sizeof(*routes));
	int err;

	if (!routes)
		return error_set(error, -ENOMEM, "out of memory");
	routes->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	err = routes->socket ? subscribe(routes->socket, tables, count) : -errno;
	if (err) {
		kernel_routes_close(routes);
		return error_set(error, err, "cannot follow the kernel's routes: %s",
				 strerror(-err));
	}
	*out = routes;
	return 0;
}

void kernel_routes_close(struct kernel_routes *routes)
{
	if (!routes)
		return;
	if (routes->socket)
		mnl_socket_close(routes->socket);
	free(routes);
}

int kernel_routes_fd(const struct kernel_routes *routes)
{
	return mnl_socket_get_fd(routes->socket);
}

static void take_message(const struct nlmsghdr *message, kernel_route_t take, void *data)
{
	struct kernel_route route;

	if (kernel_route_parse(message, &route))
		take(&route, message->nlmsg_type == RTM_NEWROUTE, data);
}

int kernel_routes_read(struct kernel_routes *routes, kernel_route_t take, void *data)
{
	_Alignas(struct nlmsghdr) char buffer[PART_BYTES];

	for (int i = 0; i < READS_MAX; i++) {
		const struct nlmsghdr *message = (void *)buffer;
		ssize_t got = recv(kernel_routes_fd(routes), buffer, sizeof(buffer),
				   MSG_DONTWAIT | MSG_TRUNC);
		int left = got;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == EAGAIN ? 0 : -errno;
		if (got > (ssize_t)sizeof(buffer))
			return -ENOBUFS;
		for (; message_ok(message, left); message = mnl_nlmsg_next(message, &left))
			take_message(message, take, data);
	}
	return 1;
}

void kernel_routes_forget(struct kernel_routes *routes)
{
	char buffer[64];

	while (recv(kernel_routes_fd(routes), buffer, sizeof(buffer), MSG_DONTWAIT) >= 0 ||
	       errno == ENOBUFS || errno == EINTR)
		;
}

/* --- a dump --- */

static int ask(struct mnl_socket *dump, uint8_t family, uint32_t table, uint32_t sequence)
{
	static const int on = 1;
	char buffer[256];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct rtmsg *rtm;

	/* it filters by table since Linux 4.20 */
	mnl_socket_setsockopt(dump, NETLINK_GET_STRICT_CHK, (void *)&on, sizeof(on));
	request->nlmsg_type = RTM_GETROUTE;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = sequence;
	rtm = mnl_nlmsg_put_extra_header(request, sizeof(*rtm));
	*rtm = (struct rtmsg){.rtm_family = family};
	mnl_attr_put_u32(request, RTA_TABLE, table);
	return mnl_socket_sendto(dump, request, request->nlmsg_len) < 0 ? -errno : 0;
}

/* Both start with the error, a negative errno or 0. A table that does not exist is empty. */
static int end_of_dump(const struct nlmsghdr *message)
{
	int32_t err = 0;

	if (mnl_nlmsg_get_payload_len(message) >= sizeof(err))
		memcpy(&err, mnl_nlmsg_get_payload(message), sizeof(err));
	return err == -ENOENT || err > 0 ? 0 : err;
}

/* 1: complete, 0, or -errno; -EINTR: the table changed meanwhile. */
static int read_part(struct mnl_socket *dump, uint32_t table, uint32_t sequence,
		     kernel_route_t take, void *data)
{
	_Alignas(struct nlmsghdr) char buffer[PART_BYTES];
	const struct nlmsghdr *message = (void *)buffer;
	ssize_t got = recv(mnl_socket_get_fd(dump), buffer, sizeof(buffer), MSG_TRUNC);
	struct kernel_route route;
	int left = got, err;

	if (got < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	if (got > (ssize_t)sizeof(buffer))
		return -EMSGSIZE;
	for (; message_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
		if (message->nlmsg_seq != sequence)
			continue;
		if (message->nlmsg_flags & NLM_F_DUMP_INTR)
			return -EINTR;
		if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR) {
			err = end_of_dump(message);
			return err ? err : 1;
		}
		if (kernel_route_parse(message, &route) && route.table == table)
			take(&route, true, data);
	}
	return 0;
}

static int dump_once(uint32_t table, kernel_route_t take, void *data)
{
	static const uint8_t families[] = {AF_INET6, AF_INET};
	static const struct timeval wait = {DUMP_WAIT_S, 0};
	struct mnl_socket *dump = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int err;

	if (!dump)
		return -errno;
	err = mnl_socket_bind(dump, 0, MNL_SOCKET_AUTOPID) ? -errno : 0;
	if (!err &&
	    setsockopt(mnl_socket_get_fd(dump), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)))
		err = -errno;
	for (uint32_t i = 0; !err && i < sizeof(families); i++) {
		err = ask(dump, families[i], table, i + 1);
		while (!err)
			err = read_part(dump, table, i + 1, take, data);
		if (err == 1)
			err = 0;
	}
	mnl_socket_close(dump);
	return err;
}

int kernel_routes_dump(uint32_t table, kernel_route_t take, void *data, struct error *error)
{
	int err = -EINTR;

	/* Routes of a dump that was interrupted were there, and what has changed since is notified:
	 * nothing that was taken is wrong, but something may be missing.
	 */
	for (int i = 0; err == -EINTR && i < DUMPS_MAX; i++)
		err = dump_once(table, take, data);
	return err ? error_set(error, err, "cannot read table %u of the kernel: %s", table,
			       err == -EINTR ? "it changes all the time" : strerror(-err)) :
		     0;
}
