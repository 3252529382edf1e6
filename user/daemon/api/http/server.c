// SPDX-License-Identifier: GPL-2.0-only
#include "server.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <grp.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/api/follow/event_stream.h"
#include "routes.h"
#include "daemon/daemon.h"
#include "failures.h"
#include "listener.h"

#define TIMEOUT_S   30
#define BACKLOG	    SOMAXCONN
#define METHODS_ALL 0xffff /* also methods that libevent does not know: we refuse them */

/* --- requests --- */

static void on_request(struct evhttp_request *request, void *daemon)
{
	control_route(daemon, request, true);
}

static void on_look(struct evhttp_request *request, void *daemon)
{
	control_route(daemon, request, false);
}

/* --- the socket --- */

/* A socket that nobody answers is left from a daemon that died. */
static int clear_stale(const struct sockaddr_un *address, const char *key, struct error *error)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return error_set(error, -errno, "cannot open a socket: %s", strerror(errno));
	err = connect(fd, (const struct sockaddr *)address, sizeof(*address)) ? -errno : 0;
	close(fd);
	if (!err)
		return error_set(
			error, -EADDRINUSE,
			"another slash64d answers at %s; stop it first, or name another control.%s",
			address->sun_path, key);
	if (err != -ENOENT)
		unlink(address->sun_path);
	return 0;
}

static int make_parent(const char *path)
{
	char copy[sizeof(((struct sockaddr_un *)NULL)->sun_path)];

	snprintf(copy, sizeof(copy), "%s", path);
	return mkdir(dirname(copy), 0755) && errno != EEXIST ? -errno : 0;
}

/* `key` is its name in messages. Root and that group may connect, and nobody else. */
static int open_socket(const char *path, const char *group_name, const char *key,
		       struct error *error)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct group *group = getgrnam(group_name);
	mode_t mask;
	int fd, err;

	if (strlen(path) >= sizeof(address.sun_path))
		return error_set(error, -EINVAL, "control.%s: the path is too long", key);
	strcpy(address.sun_path, path);
	err = make_parent(path);
	if (!err)
		err = clear_stale(&address, key, error);
	else
		error_set(error, err, "cannot make the directory of %s: %s", path, strerror(-err));
	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* Nobody else may connect before the mode is right. */
	mask = umask(0177);
	err = fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ? -errno : 0;
	umask(mask);
	if (!err && group && chown(path, -1, group->gr_gid))
		err = -errno;
	if (!err && (chmod(path, 0660) || listen(fd, BACKLOG)))
		err = -errno;
	if (err) {
		if (fd >= 0)
			close(fd);
		return error_set(error, err, "cannot listen on %s: %s", path, strerror(-err));
	}
	return fd;
}

/* Takes over the socket in any case. */
static int serve(struct daemon *daemon, int fd, const char *path, bool may_change,
		 struct evhttp **out, struct listener **watched, struct error *error)
{
	unsigned int leaves = may_change ? LISTENER_LEAVES_NONE : LISTENER_LEAVES_SOME;
	struct evhttp *http = evhttp_new(daemon->base);
	struct evconnlistener *listener =
		http ? evconnlistener_new(daemon->base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE, 0, fd) :
		       NULL;
	bool bound = listener && evhttp_bind_listener(http, listener);

	if (bound)
		*watched = listener_watch(daemon->base, http, listener, path, leaves);
	if (!bound || !*watched) {
		if (listener && !bound)
			evconnlistener_free(listener);
		else if (!listener)
			close(fd);
		if (http)
			evhttp_free(http);
		return error_set(error, -ENOMEM, "out of memory");
	}
	evhttp_set_max_headers_size(http, FAILURES_HEADERS_MAX);
	evhttp_set_max_body_size(http, may_change ? FAILURES_BODY_MAX : FAILURES_LOOK_BODY_MAX);
	evhttp_set_timeout(http, TIMEOUT_S);
	evhttp_set_allowed_methods(http, METHODS_ALL);
	evhttp_set_gencb(http, may_change ? on_request : on_look, daemon);
	*out = http;
	return 0;
}

int control_listen(struct daemon *daemon, struct control *control, struct error *error)
{
	const struct config *config = &daemon->config;
	int fd = open_socket(config->socket, config->socket_group, "socket", error);
	int err = fd < 0 ? fd :
			   serve(daemon, fd, config->socket, true, &control->all,
				 &control->all_listener, error);

	if (err || !strcmp(config->read_socket, "off"))
		return err;
	fd = open_socket(config->read_socket, config->read_group, "read_socket", error);
	return fd < 0 ? fd :
			serve(daemon, fd, config->read_socket, false, &control->read,
			      &control->read_listener, error);
}

void control_close(struct daemon *daemon, struct control *control)
{
	if (control->all) {
		evhttp_free(control->all);
		unlink(daemon->config.socket);
	}
	if (control->read) {
		evhttp_free(control->read);
		unlink(daemon->config.read_socket);
	}
	event_streams_free(daemon->streams);
	daemon->streams = NULL;
	listener_free(control->all_listener);
	listener_free(control->read_listener);
	*control = (struct control){};
}
