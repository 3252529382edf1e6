// SPDX-License-Identifier: GPL-2.0-only
/* Notifications of changes: netlink and inotify. */
#include "../world.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel_wraps.h"

#define SOCKETS_MAX 16

/* --- netlink --- */

struct mnl_socket {
	int fd, other;
};

static struct mnl_socket *listening[SOCKETS_MAX];

void kernel_notify(void)
{
	for (int i = 0; i < SOCKETS_MAX; i++)
		if (listening[i] &&
		    send(listening[i]->other, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
		    errno != EAGAIN)
			abort();
}

struct mnl_socket *__wrap_mnl_socket_open2(int bus, int flags)
{
	struct mnl_socket *socket = calloc(1, sizeof(*socket));
	int pair[2], i;

	(void)bus;
	for (i = 0; i < SOCKETS_MAX && listening[i]; i++)
		;
	if (!socket || i == SOCKETS_MAX || socketpair(AF_UNIX, SOCK_DGRAM | flags, 0, pair)) {
		free(socket);
		return NULL;
	}
	*socket = (struct mnl_socket){pair[0], pair[1]};
	listening[i] = socket;
	return socket;
}

int __wrap_mnl_socket_close(struct mnl_socket *socket)
{
	for (int i = 0; i < SOCKETS_MAX; i++)
		if (listening[i] == socket)
			listening[i] = NULL;
	close(socket->fd);
	close(socket->other);
	free(socket);
	return 0;
}

int __wrap_mnl_socket_bind(struct mnl_socket *socket, unsigned int groups, pid_t pid)
{
	(void)socket;
	(void)groups;
	(void)pid;
	return 0;
}

int __wrap_mnl_socket_setsockopt(const struct mnl_socket *socket, int type, void *data,
				 socklen_t bytes)
{
	(void)socket;
	(void)type;
	(void)data;
	(void)bytes;
	return 0;
}

int __wrap_mnl_socket_get_fd(const struct mnl_socket *socket)
{
	return socket->fd;
}

ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *socket, const void *data, size_t bytes)
{
	(void)socket;
	(void)data;
	(void)bytes;
	errno = EOPNOTSUPP;
	return -1;
}

/* A filter of the kernel's messages. */
int __real_setsockopt(int fd, int level, int name, const void *value, socklen_t bytes);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t bytes)
{
	if (level == SOL_SOCKET && name == SO_ATTACH_FILTER)
		return 0;
	return __real_setsockopt(fd, level, name, value, bytes);
}

/* --- inotify: one instance for all lives, because the kernel takes its time to release one --- */

static int inotify = -1;

void kernel_make(void)
{
	inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (inotify < 0)
		abort();
}

/* Nothing is watched, and nothing has happened. */
int __real_inotify_init1(int flags);
int __wrap_inotify_init1(int flags)
{
	char buffer[4096];

	if (inotify < 0)
		return __real_inotify_init1(flags);
	for (unsigned int i = 0; i < world->watches; i++)
		inotify_rm_watch(inotify, world->watch[i]);
	world->watches = 0;
	while (read(inotify, buffer, sizeof(buffer)) > 0)
		;
	return dup(inotify);
}

int __real_inotify_add_watch(int fd, const char *path, uint32_t mask);
int __wrap_inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	int watch = __real_inotify_add_watch(fd, path, mask);
	unsigned int i;

	for (i = 0; i < world->watches && world->watch[i] != watch; i++)
		;
	if (watch >= 0 && i == world->watches && i < WATCHES_MAX)
		world->watch[world->watches++] = watch;
	return watch;
}
