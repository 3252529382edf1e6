// SPDX-License-Identifier: GPL-2.0-only
#include "addresses.h"

#include <errno.h>
#include <event2/event.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "local.h"
#include "log.h"

/* Several changes come together; and joined groups are told by no kernel before 6.14, so they are read
 * again from time to time.
 */
#define SETTLE_MS 20
#define REREAD_S  5

struct addresses {
	const struct tables *tables;
	struct mnl_socket *watch;
	struct event *changed, *settle, *reread;
	struct prefix *own;
	size_t count, room, left_out;
	bool overflowed; /* has been said */
};

size_t addresses_count(const struct addresses *addresses)
{
	return addresses->count;
}

static int add(struct addresses *addresses, const struct in6_addr *address, uint8_t length)
{
	struct prefix own = prefix_around(address, length);

	/* told by the address itself (bpf/direction.h) */
	if (IN6_IS_ADDR_LINKLOCAL(address) || (address->s6_addr[0] == 0xff && (address->s6_addr[1] & 0xf) <= 2))
		return MNL_CB_OK;
	if (addresses->count == addresses->room) {
		size_t room = addresses->room ? addresses->room * 2 : 64;
		struct prefix *grown = realloc(addresses->own, room * sizeof(*grown));

		if (!grown)
			return MNL_CB_ERROR;
		addresses->own = grown;
		addresses->room = room;
	}
	addresses->own[addresses->count++] = own;
	return MNL_CB_OK;
}

static int gather_attribute(const struct nlattr *attribute, void *data)
{
	const struct nlattr **at = data;
	int type = mnl_attr_get_type(attribute);

	if (type <= IFA_MULTICAST && mnl_attr_get_payload_len(attribute) == sizeof(struct in6_addr))
		at[type] = attribute;
	return MNL_CB_OK;
}

/* On a point-to-point link IFA_LOCAL is this end, and IFA_ADDRESS the other, which is not our own. */
static int gather_message(const struct nlmsghdr *message, void *data)
{
	static const int kinds[] = {IFA_LOCAL, IFA_ADDRESS, IFA_ANYCAST, IFA_MULTICAST};
	const struct nlattr *at[IFA_MULTICAST + 1] = {};

	mnl_attr_parse(message, sizeof(struct ifaddrmsg), gather_attribute, at);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (at[kinds[i]])
			return add(data, mnl_attr_get_payload(at[kinds[i]]), 128);
	return MNL_CB_OK;
}

/* Everything of one kind: RTM_GETADDR, RTM_GETANYCAST or RTM_GETMULTICAST. */
static int dump(struct addresses *addresses, struct mnl_socket *socket, uint16_t type)
{
	char buffer[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifaddrmsg *about;
	ssize_t n;
	int more = MNL_CB_OK;

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = type;
	about = mnl_nlmsg_put_extra_header(request, sizeof(*about));
	about->ifa_family = AF_INET6;
	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return -errno;
	while (more > MNL_CB_STOP) {
		n = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
		if (n < 0)
			return -errno;
		more = mnl_cb_run(buffer, n, type, mnl_socket_get_portid(socket), gather_message,
				  addresses);
		if (more < 0)
			return -errno;
	}
	return 0;
}

static int reread(struct addresses *addresses)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int err = socket ? 0 : -errno;

	if (!err && mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID))
		err = -errno;
	addresses->count = 0;
	if (!err)
		err = dump(addresses, socket, RTM_GETADDR);
	if (!err)
		err = dump(addresses, socket, RTM_GETANYCAST);
	if (!err)
		err = dump(addresses, socket, RTM_GETMULTICAST);
	if (socket)
		mnl_socket_close(socket);
	if (err) /* half of them would make the other half transit */
		return err;
	err = local_set(addresses->tables, addresses->own, addresses->count, &addresses->left_out);
	if (addresses->left_out && !addresses->overflowed)
		log_warning("%zu own addresses are more than the table takes; some count as transit",
			    addresses->count);
	addresses->overflowed = addresses->left_out;
	return err;
}

static void on_reread(evutil_socket_t fd, short what, void *data)
{
	int err = reread(data);

	(void)fd;
	(void)what;
	if (err)
		log_warning("cannot read the interfaces' addresses: %s; those known stay",
			    strerror(-err));
}

/* What changed does not matter, only that something did; so a lost message does not matter either. */
static void on_change(evutil_socket_t fd, short what, void *data)
{
	static const struct timeval settle = {0, SETTLE_MS * 1000};
	struct addresses *addresses = data;
	char buffer[MNL_SOCKET_BUFFER_SIZE];

	(void)what;
	while (recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT) > 0)
		;
	event_add(addresses->settle, &settle);
}

static int watch(struct addresses *addresses, struct event_base *base)
{
	static const struct timeval span = {REREAD_S, 0};

	addresses->watch = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!addresses->watch)
		return -errno;
	if (mnl_socket_bind(addresses->watch, RTMGRP_IPV6_IFADDR | RTMGRP_LINK, MNL_SOCKET_AUTOPID))
		return -errno;
	addresses->changed = event_new(base, mnl_socket_get_fd(addresses->watch), EV_READ | EV_PERSIST,
				       on_change, addresses);
	addresses->settle = event_new(base, -1, 0, on_reread, addresses);
	addresses->reread = event_new(base, -1, EV_PERSIST, on_reread, addresses);
	if (!addresses->changed || !addresses->settle || !addresses->reread ||
	    event_add(addresses->changed, NULL) || event_add(addresses->reread, &span))
		return -ENOMEM;
	return 0;
}

int addresses_start(struct addresses **out, struct event_base *base, const struct tables *tables,
		    struct error *error)
{
	struct addresses *addresses = calloc(1, sizeof(*addresses));
	int err;

	if (!addresses)
		return error_set(error, -ENOMEM, "out of memory");
	addresses->tables = tables;
	err = watch(addresses, base);
	if (!err)
		err = reread(addresses);
	if (err) {
		addresses_stop(addresses);
		return error_set(error, err, "cannot read the interfaces' addresses: %s",
				 strerror(-err));
	}
	*out = addresses;
	return 0;
}

void addresses_stop(struct addresses *addresses)
{
	if (!addresses)
		return;
	if (addresses->changed)
		event_free(addresses->changed);
	if (addresses->settle)
		event_free(addresses->settle);
	if (addresses->reread)
		event_free(addresses->reread);
	if (addresses->watch)
		mnl_socket_close(addresses->watch);
	free(addresses->own);
	free(addresses);
}
