// SPDX-License-Identifier: GPL-2.0-only
#include "link_monitor.h"

#include <errno.h>
#include <event2/event.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* One change causes several messages. If a message is lost or a repair fails, the next look is
 * soon.
 */
#define DEBOUNCE_MS 20
#define LOOK_S	    2

struct links {
	links_look_t on_look;
	void *data;
	struct mnl_socket *watch;
	struct event *changed, *debounce, *look;
};

static void on_look(evutil_socket_t fd, short what, void *data)
{
	static const struct timeval soon = {0, DEBOUNCE_MS * 1000};
	struct links *links = data;

	(void)fd;
	(void)what;
	if (links->on_look(links->data) == -EAGAIN)
		event_add(links->debounce, &soon);
}

/* What changed does not matter, only that something did. */
static void on_change(evutil_socket_t fd, short what, void *data)
{
	static const struct timeval debounce = {0, DEBOUNCE_MS * 1000};
	struct links *links = data;
	char buffer[MNL_SOCKET_BUFFER_SIZE];

	(void)what;
	while (recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT) > 0)
		;
	event_add(links->debounce, &debounce);
}

static int watch(struct links *links, struct event_base *base)
{
	static const struct timeval span = {LOOK_S, 0};

	links->watch = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!links->watch || mnl_socket_bind(links->watch, RTMGRP_LINK, MNL_SOCKET_AUTOPID))
		return -errno;
	links->changed = event_new(base, mnl_socket_get_fd(links->watch), EV_READ | EV_PERSIST,
				   on_change, links);
	links->debounce = event_new(base, -1, 0, on_look, links);
	links->look = event_new(base, -1, EV_PERSIST, on_look, links);
	if (!links->changed || !links->debounce || !links->look ||
	    event_add(links->changed, NULL) || event_add(links->look, &span))
		return -ENOMEM;
	return 0;
}

int links_start(struct links **out, struct event_base *base, links_look_t look, void *data,
		struct error *error)
{
	struct links *links = calloc(1, sizeof(*links));
	int err;

	if (!links)
		return error_set(error, -ENOMEM, "out of memory");
	links->on_look = look;
	links->data = data;
	err = watch(links, base);
	if (err) {
		links_stop(links);
		return error_set(error, err, "cannot watch the interfaces: %s", strerror(-err));
	}
	*out = links;
	return 0;
}

void links_stop(struct links *links)
{
	if (!links)
		return;
	if (links->changed)
		event_free(links->changed);
	if (links->debounce)
		event_free(links->debounce);
	if (links->look)
		event_free(links->look);
	if (links->watch)
		mnl_socket_close(links->watch);
	free(links);
}
