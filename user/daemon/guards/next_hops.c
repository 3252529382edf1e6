// SPDX-License-Identifier: GPL-2.0-only
#include "next_hops.h"

#include <errno.h>
#include <event2/event.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "kernel/kernel_dump.h"
#include "base/log.h"
#include "base/time.h"

#define REREAD_MS 5000
/* so that reading a million routes takes at most a twentieth of the time */
#define REREAD_COSTS 20
#define DEBOUNCE_MS  100 /* changes are collected */
/* after a storm: a dump of IPv6 routes starts over with each change */
#define STORM_MS 1000
/* how long the first dump may delay the start; the rest is read in the loop */
#define START_MAX_MS  2000
#define NOTICES_BYTES 32768
/* in DEBOUNCE_MS; if there are more, the kernel drops them, and the dump contains them */
#define NOTICES_MAX 64
/* messages of a dump in one turn of the loop; each has about 200 routes */
#define TURN_NS 500000

struct routes {
	struct event_base *base;
	struct mnl_socket *watch;
	struct event *changed;		 /* once; added again when the changes have settled */
	struct event *debounced, *again; /* timers; the latter before a dump */
	struct event *more;		 /* of a running dump */
	struct kernel_dump dump;
	struct address_set known, fresh;
	struct networks networks, fresh_networks;
	/* of the last dump: CLOCK_MONOTONIC, and the time spent here */
	int64_t begun_ns, cost_ns;
	int64_t storm_ns; /* when there were last more changes than are read */
	bool warned, told_many;
};

const struct address_set *routes_next_hops(const struct routes *routes)
{
	return &routes->known;
}

const struct networks *routes_networks(const struct routes *routes)
{
	return &routes->networks;
}

static int64_t ms_since(int64_t ns)
{
	return (clock_monotonic_ns() - ns) / 1000000;
}

static void read_in(struct routes *routes, int64_t ms)
{
	struct timeval span = {ms / 1000, ms % 1000 * 1000};

	event_add(routes->again, &span);
}

static void read_again(struct routes *routes)
{
	int64_t ms = routes->cost_ns * REREAD_COSTS / 1000000;

	if (evtimer_pending(routes->again, NULL))
		return;
	if (ms < REREAD_MS)
		ms = REREAD_MS;
	ms -= ms_since(routes->begun_ns);
	read_in(routes, ms < DEBOUNCE_MS ? DEBOUNCE_MS : ms);
}

/* --- a dump --- */

static void end_dump(struct routes *routes)
{
	if (routes->more)
		event_free(routes->more);
	routes->more = NULL;
	kernel_dump_close(&routes->dump);
	address_set_free(&routes->fresh);
	networks_free(&routes->fresh_networks);
}

static void fail_dump(struct routes *routes, int err)
{
	if (!routes->warned)
		log_warning("cannot read the %s: %s; a block of a next hop may not be refused",
			    kernel_table_name(routes->dump.table), strerror(-err));
	routes->warned = true;
	end_dump(routes);
	read_again(routes);
}

static void seal_networks(struct routes *routes, struct networks *networks)
{
	if (networks_seal(networks, networks))
		log_warning(
			"out of memory for the networks of static routes; blocks are not checked against all of them");
	if (networks->left_out && !routes->told_many)
		log_warning(
			"there are more than %d static routes: blocks are checked against as many; name the networks under own",
			NETWORKS_MAX);
	routes->told_many = networks->left_out;
}

static void complete_dump(struct routes *routes)
{
	address_set_seal(&routes->fresh);
	address_set_free(&routes->known);
	routes->known = routes->fresh;
	routes->fresh = (struct address_set){};
	seal_networks(routes, &routes->fresh_networks);
	networks_free(&routes->networks);
	routes->networks = routes->fresh_networks;
	routes->fresh_networks = (struct networks){};
	routes->warned = false;
	if (routes->dump.netlink.interrupted)
		read_again(routes);
	end_dump(routes);
}

/* 1 if more can be read at once. */
static int read_part(struct routes *routes, bool wait)
{
	int more = kernel_dump_read(&routes->dump, &routes->fresh, wait);

	if (!more && routes->dump.table < KERNEL_NEXTHOPS) {
		more = kernel_dump_next(&routes->dump, routes->dump.table + 1);
		if (!more)
			return 1;
	}
	if (more == -EAGAIN)
		return 0;
	if (more < 0)
		fail_dump(routes, more);
	else if (!more)
		complete_dump(routes);
	return more > 0;
}

static void on_more(evutil_socket_t fd, short what, void *data)
{
	struct routes *routes = data;
	int64_t start = clock_monotonic_ns(), spent;
	int more;

	(void)fd;
	(void)what;
	do {
		more = read_part(routes, false);
		spent = clock_monotonic_ns() - start;
	} while (more && spent < TURN_NS);
	routes->cost_ns += spent;
}

static void go_on_in_loop(struct routes *routes)
{
	routes->more = event_new(routes->base, mnl_socket_get_fd(routes->dump.netlink.socket),
				 EV_READ | EV_PERSIST, on_more, routes);
	if (!routes->more || event_add(routes->more, NULL))
		fail_dump(routes, -ENOMEM);
}

static int begin_dump(struct routes *routes)
{
	int err;

	routes->begun_ns = clock_monotonic_ns();
	routes->cost_ns = 0;
	err = kernel_dump_open(&routes->dump, KERNEL_ROUTES_V6);
	if (err)
		fail_dump(routes, err);
	else
		routes->dump.networks = &routes->fresh_networks;
	return err;
}

static void on_again(evutil_socket_t fd, short what, void *data)
{
	struct routes *routes = data;

	(void)fd;
	(void)what;
	if (routes->more || ms_since(routes->storm_ns) < STORM_MS)
		read_in(routes, STORM_MS);
	else if (!begin_dump(routes))
		go_on_in_loop(routes);
}

/* --- notifications --- */

/* New next hops count at once, also for a dump that may have passed their position. Removed ones,
 * and more changes than are read here, are left to the next dump, which waits for the end of such a
 * storm. Nobody listens until the changes have settled, so a hundred thousand of them cost the
 * kernel little and this process nothing.
 */
static void on_changed(evutil_socket_t fd, short what, void *data)
{
	static const struct timeval debounce = {0, DEBOUNCE_MS * 1000};
	_Alignas(struct nlmsghdr) char buffer[8192];
	struct routes *routes = data;
	bool all = false;
	int err = 0;

	(void)what;
	for (int i = 0; i < NOTICES_MAX && !err; i++) {
		ssize_t got = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);

		all = got < 0 && errno == EAGAIN;
		if (got <= 0)
			break;
		err = kernel_take_notices(buffer, got, &routes->known, &routes->networks);
		if (!err && routes->more)
			err = kernel_take_notices(buffer, got, &routes->fresh,
						  &routes->fresh_networks);
	}
	if (!all) {
		routes->storm_ns = clock_monotonic_ns();
		end_dump(routes);
	}
	address_set_seal(&routes->known);
	seal_networks(routes, &routes->networks);
	event_add(routes->debounced, &debounce);
	read_again(routes);
}

static void on_debounced(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	event_add(((struct routes *)data)->changed, NULL);
}

static int watch(struct routes *routes)
{
	static const int groups[] = {RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_ROUTE, RTNLGRP_NEXTHOP};
	static const int bytes = NOTICES_BYTES;
	int fd;

	routes->watch = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!routes->watch || mnl_socket_bind(routes->watch, 0, MNL_SOCKET_AUTOPID))
		return -errno;
	fd = mnl_socket_get_fd(routes->watch);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	/* nexthop objects exist since Linux 5.3 */
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (mnl_socket_setsockopt(routes->watch, NETLINK_ADD_MEMBERSHIP, (void *)&groups[i],
					  sizeof(groups[i])) < 0 &&
		    groups[i] != RTNLGRP_NEXTHOP)
			return -errno;
	routes->changed = event_new(routes->base, fd, EV_READ, on_changed, routes);
	routes->debounced = evtimer_new(routes->base, on_debounced, routes);
	routes->again = evtimer_new(routes->base, on_again, routes);
	if (!routes->changed || !routes->debounced || !routes->again ||
	    event_add(routes->changed, NULL))
		return -ENOMEM;
	return 0;
}

int routes_start(struct routes **out, struct event_base *base, struct error *error)
{
	struct routes *routes = calloc(1, sizeof(*routes));
	int err;

	if (!routes)
		return error_set(error, -ENOMEM, "out of memory");
	routes->base = base;
	routes->storm_ns = clock_monotonic_ns() - STORM_MS * 1000000LL;
	err = watch(routes);
	if (err) {
		routes_stop(routes);
		return error_set(error, err, "cannot follow the routes: %s", strerror(-err));
	}
	if (!begin_dump(routes))
		while (read_part(routes, true) && ms_since(routes->begun_ns) < START_MAX_MS)
			;
	routes->cost_ns = clock_monotonic_ns() - routes->begun_ns;
	if (routes->dump.netlink.socket) {
		log_warning(
			"the routes are many, or change fast; until all are read, a block of a next hop may not be refused");
		go_on_in_loop(routes);
	}
	*out = routes;
	return 0;
}

void routes_stop(struct routes *routes)
{
	if (!routes)
		return;
	end_dump(routes);
	if (routes->changed)
		event_free(routes->changed);
	if (routes->debounced)
		event_free(routes->debounced);
	if (routes->again)
		event_free(routes->again);
	if (routes->watch)
		mnl_socket_close(routes->watch);
	address_set_free(&routes->known);
	networks_free(&routes->networks);
	free(routes);
}
