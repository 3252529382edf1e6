// SPDX-License-Identifier: GPL-2.0-only
#include "local_address_monitor.h"

#include <errno.h>
#include <event2/event.h>
#include <libmnl/libmnl.h>
#include <linux/filter.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "maps/local_addresses.h"
#include "base/log.h"
#include "base/time.h"
#include "kernel/netlink_dump.h"
#include "own_list.h"
#include "segments.h"

/* The first change is read at once. Later ones are collected: the next read is not before this
 * time, nor before several times the duration of a read.
 */
#define SPACE_MS      20
#define SPACE_COSTS   4
#define REREAD_S      5 /* kernels before 6.14 do not report joined groups */
#define RECEIVE_BYTES (1 << 20)

/* Since Linux 6.14, and missing in older headers. */
#define GROUP_IPV6_MCADDR 38
#define GROUP_IPV6_ACADDR 39

struct addresses {
	const struct maps *maps;
	struct mnl_socket *watch;
	struct event *changed, *due, *reread;
	struct segments *segments;
	struct own_list own;
	bool is_in_table; /* exactly that list */
	struct addresses_count count;
	int64_t ended_ns, cost_ns; /* of the last read: CLOCK_MONOTONIC */
	bool warned;
};

struct addresses_count addresses_count(const struct addresses *addresses)
{
	return addresses->count;
}

static void tell_left_out(const struct addresses *addresses, size_t before)
{
	const struct addresses_count *count = &addresses->count;

	if (count->left_out && !before)
		log_warning(
			"%zu of %zu own addresses have no room in the table, and count as transit: "
			"what the policy drops to the router alone is not dropped there",
			count->left_out, count->known + count->left_out);
	else if (!count->left_out && before)
		log_info("all %zu own addresses are in the table again", count->known);
}

/* If the list changed while it was read, entries may be missing: nothing is removed then, and it is
 * read again.
 */
static int read_all(struct addresses *addresses)
{
	size_t left_out_before = addresses->count.left_out;
	int64_t begun_ns = clock_monotonic_ns();
	struct local_count count;
	struct own_list fresh = {};
	bool interrupted;
	int err = own_list_read(&fresh, &interrupted);

	if (!err)
		err = own_list_append(&fresh, segments_known(addresses->segments));
	/* the usual case when it is read for the groups: no change */
	if (!err &&
	    (interrupted || !addresses->is_in_table || !own_list_equal(&fresh, &addresses->own))) {
		err = local_set(addresses->maps, fresh.entry, fresh.count, interrupted, &count);
		if (!err) {
			addresses->count = (struct addresses_count){count.known, count.left_out};
			tell_left_out(addresses, left_out_before);
		}
	}
	addresses->is_in_table = !err && !interrupted;
	own_list_free(&addresses->own);
	addresses->own = fresh;
	addresses->ended_ns = clock_monotonic_ns();
	addresses->cost_ns = addresses->ended_ns - begun_ns;
	return err ? err : interrupted;
}

static void read_soon(struct addresses *addresses)
{
	int64_t space_ns = SPACE_MS * 1000000LL, wait_us;
	struct timeval span;

	if (evtimer_pending(addresses->due, NULL))
		return;
	if (space_ns < addresses->cost_ns * SPACE_COSTS)
		space_ns = addresses->cost_ns * SPACE_COSTS;
	wait_us = (addresses->ended_ns + space_ns - clock_monotonic_ns()) / 1000;
	if (wait_us < 0)
		wait_us = 0;
	span = (struct timeval){wait_us / 1000000, wait_us % 1000000};
	event_add(addresses->due, &span);
}

static void on_due(evutil_socket_t fd, short what, void *data)
{
	struct addresses *addresses = data;
	int err = read_all(addresses);

	(void)fd;
	(void)what;
	if (err > 0)
		read_soon(addresses);
	if (err < 0 && !addresses->warned)
		log_warning("cannot read the interfaces' addresses: %s; those known stay",
			    strerror(-err));
	addresses->warned = err < 0;
}

static void on_segments(void *data)
{
	read_soon(data);
}

/* What changed does not matter, only that something did, except for segments. */
static void on_change(evutil_socket_t fd, short what, void *data)
{
	_Alignas(struct nlmsghdr) char buffer[MNL_SOCKET_BUFFER_SIZE];
	struct addresses *addresses = data;
	ssize_t got;

	(void)what;
	do {
		got = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT | MSG_TRUNC);
		if ((got < 0 && errno == ENOBUFS) || got > (ssize_t)sizeof(buffer) ||
		    (got > 0 && netlink_each(buffer, got, segments_notice, addresses->segments)))
			segments_lost(addresses->segments);
	} while (got > 0);
	read_soon(addresses);
}

/* --- start and end --- */

/* Of the notifications of routes, only those of local routes and of routes with an encapsulation: a
 * router with a full table gets thousands of others per second.
 */
static int filter_routes(int fd)
{
	const uint32_t type_at = offsetof(struct nlmsghdr, nlmsg_type);
	const uint32_t kind_at = NLMSG_HDRLEN + offsetof(struct rtmsg, rtm_type);
	const uint32_t attributes_at = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct rtmsg));
	/* loads are in network order */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, type_at),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __builtin_bswap16(RTM_NEWROUTE), 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __builtin_bswap16(RTM_DELROUTE), 0, 7),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kind_at),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RTN_LOCAL, 5, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RTN_ANYCAST, 4, 0),
		BPF_STMT(BPF_LD | BPF_IMM, attributes_at),
		BPF_STMT(BPF_LDX | BPF_IMM, RTA_ENCAP_TYPE),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_NLATTR),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ? -errno : 0;
}

static int subscribe(struct mnl_socket *watch)
{
	static const struct {
		int group;
		bool is_new;
	} groups[] = {
		{RTNLGRP_LINK, false},	     {RTNLGRP_IPV6_IFADDR, false},
		{RTNLGRP_IPV6_ROUTE, false}, {GROUP_IPV6_MCADDR, true},
		{GROUP_IPV6_ACADDR, true},
	};

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		int group = groups[i].group;

		if (mnl_socket_setsockopt(watch, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) <
			    0 &&
		    !groups[i].is_new)
			return -errno;
	}
	return 0;
}

static int watch(struct addresses *addresses, struct event_base *base)
{
	static const struct timeval span = {REREAD_S, 0};
	static const int bytes = RECEIVE_BYTES;
	int fd, err;

	addresses->watch = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!addresses->watch)
		return -errno;
	fd = mnl_socket_get_fd(addresses->watch);
	err = filter_routes(fd);
	if (!err && mnl_socket_bind(addresses->watch, 0, MNL_SOCKET_AUTOPID))
		err = -errno;
	if (!err)
		err = subscribe(addresses->watch);
	if (err)
		return err;
	/* no matter if this fails: lost notifications cause another read */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	addresses->changed = event_new(base, fd, EV_READ | EV_PERSIST, on_change, addresses);
	addresses->due = evtimer_new(base, on_due, addresses);
	addresses->reread = event_new(base, -1, EV_PERSIST, on_due, addresses);
	if (!addresses->changed || !addresses->due || !addresses->reread ||
	    event_add(addresses->changed, NULL) || event_add(addresses->reread, &span))
		return -ENOMEM;
	return segments_start(&addresses->segments, base, on_segments, addresses);
}

int addresses_start(struct addresses **out, struct event_base *base, const struct maps *maps,
		    struct error *error)
{
	struct addresses *addresses = calloc(1, sizeof(*addresses));
	int err;

	if (!addresses)
		return error_set(error, -ENOMEM, "out of memory");
	addresses->maps = maps;
	err = watch(addresses, base);
	if (!err)
		err = read_all(addresses);
	if (err < 0) {
		addresses_stop(addresses);
		return error_set(error, err, "cannot read the interfaces' addresses: %s",
				 strerror(-err));
	}
	if (err)
		read_soon(addresses);
	*out = addresses;
	return 0;
}

void addresses_stop(struct addresses *addresses)
{
	if (!addresses)
		return;
	if (addresses->changed)
		event_free(addresses->changed);
	if (addresses->due)
		event_free(addresses->due);
	if (addresses->reread)
		event_free(addresses->reread);
	segments_stop(addresses->segments);
	if (addresses->watch)
		mnl_socket_close(addresses->watch);
	own_list_free(&addresses->own);
	free(addresses);
}
