// SPDX-License-Identifier: GPL-2.0-only
#include "netlink_dump.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define PART_BYTES 32768 /* the kernel's largest message */
#define WAIT_S	   1	 /* the kernel answers at once, or not at all */

int netlink_dump_open(struct netlink_dump *dump, int subsystem)
{
	static const struct timeval wait = {WAIT_S, 0};
	int err = 0;

	*dump = (struct netlink_dump){.socket = mnl_socket_open2(subsystem, SOCK_CLOEXEC)};
	if (!dump->socket)
		return -errno;
	if (mnl_socket_bind(dump->socket, 0, MNL_SOCKET_AUTOPID) ||
	    setsockopt(mnl_socket_get_fd(dump->socket), SOL_SOCKET, SO_RCVTIMEO, &wait,
		       sizeof(wait)))
		err = -errno;
	if (err)
		netlink_dump_close(dump);
	return err;
}

void netlink_dump_close(struct netlink_dump *dump)
{
	if (dump->socket)
		mnl_socket_close(dump->socket);
	dump->socket = NULL;
}

int netlink_dump_ask(struct netlink_dump *dump, uint16_t type, const void *header, size_t bytes)
{
	static const int on = 1;
	char buffer[256];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);

	/* it filters by the header since Linux 4.20; older kernels send more than requested */
	mnl_socket_setsockopt(dump->socket, NETLINK_GET_STRICT_CHK, (void *)&on, sizeof(on));
	dump->may_be_absent = true;
	request->nlmsg_type = type;
	memcpy(mnl_nlmsg_put_extra_header(request, bytes), header, bytes);
	return netlink_dump_send(dump, request);
}

int netlink_dump_send(struct netlink_dump *dump, struct nlmsghdr *request)
{
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = ++dump->sequence;
	return mnl_socket_sendto(dump->socket, request, request->nlmsg_len) < 0 ? -errno : 0;
}

/* Not mnl_nlmsg_ok(), which takes a length above INT_MAX for a small one. */
static bool message_ok(const struct nlmsghdr *message, int left)
{
	return left >= (int)sizeof(*message) && message->nlmsg_len >= sizeof(*message) &&
	       message->nlmsg_len <= (uint32_t)left;
}

/* Both start with the error, a negative errno or 0. */
static int end_of_dump(const struct netlink_dump *dump, const struct nlmsghdr *message)
{
	int32_t err = 0;

	if (mnl_nlmsg_get_payload_len(message) >= sizeof(err))
		memcpy(&err, mnl_nlmsg_get_payload(message), sizeof(err));
	if (err == -EOPNOTSUPP || (err == -ENOENT && dump->may_be_absent) || err > 0)
		return 0;
	return err;
}

int netlink_dump_read(struct netlink_dump *dump, netlink_take_t take, void *data, bool wait)
{
	_Alignas(struct nlmsghdr) char buffer[PART_BYTES];
	const struct nlmsghdr *message = (void *)buffer;
	ssize_t got = recv(mnl_socket_get_fd(dump->socket), buffer, sizeof(buffer),
			   MSG_TRUNC | (wait ? 0 : MSG_DONTWAIT));
	int left, err;

	if (got < 0)
		return errno == EAGAIN && wait ? -ETIMEDOUT : -errno;
	if (got > (ssize_t)sizeof(buffer))
		return -EMSGSIZE;
	for (left = got; message_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
		if (message->nlmsg_seq != dump->sequence)
			continue;
		if (message->nlmsg_flags & NLM_F_DUMP_INTR)
			dump->interrupted = true;
		if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR)
			return end_of_dump(dump, message);
		err = take(message, data);
		if (err)
			return err;
	}
	return 1;
}

int netlink_each(const void *buffer, size_t bytes, netlink_take_t take, void *data)
{
	const struct nlmsghdr *message = buffer;
	int left = bytes, err = 0;

	for (; !err && message_ok(message, left); message = mnl_nlmsg_next(message, &left))
		err = take(message, data);
	return err;
}
