// SPDX-License-Identifier: GPL-2.0-only
#include "alive.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void alive_init(struct alive *alive, int64_t hold_ms, bool has_sentinel, int64_t now_ms)
{
	*alive = (struct alive){
		.hold_ms = hold_ms,
		.has_sentinel = has_sentinel,
		.mode = ROUTES_HELD,
		.gone_ms = now_ms,
		.back_ms = -1,
		.changed_ms = now_ms,
	};
}

void alive_note_change(struct alive *alive, int64_t now_ms)
{
	alive->changed_ms = now_ms;
}

static bool has_settled(const struct alive *alive, int64_t now_ms)
{
	return (now_ms - alive->back_ms >= ALIVE_SETTLE_MS &&
		now_ms - alive->changed_ms >= ALIVE_SETTLE_MS) ||
	       now_ms - alive->back_ms >= ALIVE_SETTLE_MAX_MS;
}

enum routes_mode alive_mode(struct alive *alive, int64_t now_ms)
{
	bool is_there =
		alive->daemon_is_there && (!alive->has_sentinel || alive->sentinel_is_there);

	if (!is_there) {
		alive->back_ms = -1;
		if (alive->mode == ROUTES_LIVE) {
			alive->mode = ROUTES_HELD;
			alive->gone_ms = now_ms;
		} else if (alive->mode == ROUTES_HELD &&
			   now_ms - alive->gone_ms >= alive->hold_ms) {
			alive->mode = ROUTES_ENDED;
		}
		return alive->mode;
	}
	if (alive->mode == ROUTES_LIVE)
		return alive->mode;
	if (alive->back_ms < 0)
		alive->back_ms = now_ms;
	if (has_settled(alive, now_ms))
		alive->mode = ROUTES_LIVE;
	return alive->mode;
}

static int try(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, err = 0;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		err = -errno;
	close(fd);
	return err;
}

enum alive_answer alive_try(const char *path, int *err)
{
	*err = try(path);
	switch (-*err) {
	case 0:
		return ALIVE_YES;
	case EACCES:
	case EPERM:
		return ALIVE_FORBIDDEN;
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case ENOBUFS:
	case EINTR:
		return ALIVE_UNKNOWN;
	default: /* also EAGAIN: its queue is full, as it does not take connections */
		return ALIVE_NO;
	}
}
