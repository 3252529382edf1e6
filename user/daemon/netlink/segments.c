// SPDX-License-Identifier: GPL-2.0-only
#include "segments.h"

#include <errno.h>
#include <event2/event.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/log.h"
#include "base/time.h"
#include "kernel/netlink_dump.h"

#define DEBOUNCE_MS 100
/* so that reading a million routes takes at most a twentieth of the time */
#define REREAD_COSTS 20
/* how long the first dump may delay the start; the rest is read in the loop */
#define START_MAX_MS 200
/* messages of a dump in one turn of the loop; each has about 200 routes */
#define TURN_NS 500000

struct segments {
	struct event_base *base;
	void (*changed)(void *); /* NULL during the start */
	void *data;
	struct netlink_dump dump;
	struct event *more;  /* of a running dump; NULL: none */
	struct event *again; /* a timer, before a dump */
	struct own_list known, fresh;
	/* of the last dump: CLOCK_MONOTONIC, and the time spent here */
	int64_t begun_ns, cost_ns;
	bool warned;
};

const struct own_list *segments_known(const struct segments *segments)
{
	return &segments->known;
}

static void read_again(struct segments *segments)
{
	int64_t ms =
		(segments->begun_ns + segments->cost_ns * REREAD_COSTS - clock_monotonic_ns()) /
		1000000;
	struct timeval span;

	if (evtimer_pending(segments->again, NULL))
		return;
	if (ms < DEBOUNCE_MS)
		ms = DEBOUNCE_MS;
	span = (struct timeval){ms / 1000, ms % 1000 * 1000};
	event_add(segments->again, &span);
}

/* --- a dump --- */

static int take(const struct nlmsghdr *message, void *data)
{
	struct segments *segments = data;
	struct prefix segment;

	if (message->nlmsg_type != RTM_NEWROUTE || !own_segment_of(message, &segment))
		return 0;
	return own_list_add(&segments->fresh, &segment.address, segment.length);
}

static void end_dump(struct segments *segments)
{
	if (segments->more)
		event_free(segments->more);
	segments->more = NULL;
	netlink_dump_close(&segments->dump);
	own_list_free(&segments->fresh);
}

static void fail_dump(struct segments *segments, int err)
{
	if (!segments->warned)
		log_warning(
			"cannot read the routes for SRv6 segments: %s; one of this router may count as transit",
			strerror(-err));
	segments->warned = true;
	end_dump(segments);
	read_again(segments);
}

static void complete_dump(struct segments *segments)
{
	bool differ = !own_list_equal(&segments->known, &segments->fresh);

	own_list_free(&segments->known);
	segments->known = segments->fresh;
	segments->fresh = (struct own_list){};
	segments->warned = false;
	/* routes added meanwhile were notified; removed ones stay until the next dump, and are
	 * harmless until then
	 */
	end_dump(segments);
	if (differ && segments->changed)
		segments->changed(segments->data);
}

/* 1 if more can be read at once. */
static int read_part(struct segments *segments, bool wait)
{
	int more = netlink_dump_read(&segments->dump, take, segments, wait);

	if (more == -EAGAIN)
		return 0;
	if (more < 0)
		fail_dump(segments, more);
	else if (!more)
		complete_dump(segments);
	return more > 0;
}

static void on_more(evutil_socket_t fd, short what, void *data)
{
	struct segments *segments = data;
	int64_t start = clock_monotonic_ns(), spent;
	int more;

	(void)fd;
	(void)what;
	do {
		more = read_part(segments, false);
		spent = clock_monotonic_ns() - start;
	} while (more && spent < TURN_NS);
	segments->cost_ns += spent;
}

static int begin_dump(struct segments *segments)
{
	static const struct rtmsg all = {.rtm_family = AF_INET6};
	int err = netlink_dump_open(&segments->dump, NETLINK_ROUTE);

	segments->begun_ns = clock_monotonic_ns();
	segments->cost_ns = 0;
	if (!err)
		err = netlink_dump_ask(&segments->dump, RTM_GETROUTE, &all, sizeof(all));
	if (err)
		fail_dump(segments, err);
	return err;
}

static void go_on_in_loop(struct segments *segments)
{
	segments->more = event_new(segments->base, mnl_socket_get_fd(segments->dump.socket),
				   EV_READ | EV_PERSIST, on_more, segments);
	if (!segments->more || event_add(segments->more, NULL))
		fail_dump(segments, -ENOMEM);
}

static void on_again(evutil_socket_t fd, short what, void *data)
{
	struct segments *segments = data;

	(void)fd;
	(void)what;
	if (segments->more)
		read_again(segments);
	else if (!begin_dump(segments))
		go_on_in_loop(segments);
}

/* --- notifications --- */

int segments_notice(const struct nlmsghdr *message, void *data)
{
	struct segments *segments = data;
	struct prefix segment;
	int err = 0;

	if ((message->nlmsg_type != RTM_NEWROUTE && message->nlmsg_type != RTM_DELROUTE) ||
	    !own_segment_of(message, &segment))
		return 0;
	own_list_remove(&segments->known, &segment);
	if (message->nlmsg_type == RTM_NEWROUTE) {
		err = own_list_add(&segments->known, &segment.address, segment.length);
		/* a running dump may have passed its position */
		if (!err && segments->more)
			err = own_list_add(&segments->fresh, &segment.address, segment.length);
	} else {
		read_again(segments); /* there may be another route to it */
	}
	return err;
}

void segments_lost(struct segments *segments)
{
	read_again(segments);
}

int segments_start(struct segments **out, struct event_base *base, void (*changed)(void *),
		   void *data)
{
	struct segments *segments = calloc(1, sizeof(*segments));

	if (!segments)
		return -ENOMEM;
	segments->base = base;
	segments->again = evtimer_new(base, on_again, segments);
	if (!segments->again) {
		segments_stop(segments);
		return -ENOMEM;
	}
	*out = segments;
	if (!begin_dump(segments))
		while (read_part(segments, true) &&
		       clock_monotonic_ns() - segments->begun_ns < START_MAX_MS * 1000000LL)
			;
	segments->cost_ns = clock_monotonic_ns() - segments->begun_ns;
	segments->changed = changed;
	segments->data = data;
	if (segments->dump.socket)
		go_on_in_loop(segments);
	return 0;
}

void segments_stop(struct segments *segments)
{
	if (!segments)
		return;
	end_dump(segments);
	if (segments->again)
		event_free(segments->again);
	own_list_free(&segments->known);
	free(segments);
}
