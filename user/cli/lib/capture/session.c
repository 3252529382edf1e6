// SPDX-License-Identifier: GPL-2.0-only
#include "session.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client/client.h"

#define ANSWER_MS     10000 /* for everything until the capture runs */
#define RINGS_AT_ONCE 128   /* descriptors in one message of slash64d */
#define RINGS_MAX     4096

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

static int send_all(int fd, const char *text, size_t bytes)
{
	while (bytes) {
		ssize_t sent = send(fd, text, bytes, MSG_NOSIGNAL);

		if (sent < 0 && errno != EINTR)
			return -errno;
		if (sent > 0) {
			text += sent;
			bytes -= sent;
		}
	}
	return 0;
}

static int send_request(int fd, const json_t *body)
{
	char *text = json_dumps(body, JSON_COMPACT), head[256];
	int err;

	if (!text)
		return -ENOMEM;
	snprintf(head, sizeof(head),
		 "POST /v1/captures HTTP/1.1\r\nHost: slash64\r\n" CLIENT_TYPE_JSON
		 "\r\nContent-Length: %zu\r\n\r\n",
		 strlen(text));
	err = send_all(fd, head, strlen(head));
	if (!err)
		err = send_all(fd, text, strlen(text));
	free(text);
	return err;
}

static int keep_ring(struct session *session, int fd)
{
	int *ring = session->rings < RINGS_MAX ?
			    realloc(session->ring, (session->rings + 1) * sizeof(*ring)) :
			    NULL;

	if (!ring) {
		close(fd);
		return -ENOMEM;
	}
	session->ring = ring;
	session->ring[session->rings++] = fd;
	return 0;
}

static int keep_rings(struct session *session, struct msghdr *message)
{
	int err = message->msg_flags & MSG_CTRUNC ? -EMFILE : 0;

	for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part;
	     part = CMSG_NXTHDR(message, part)) {
		size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(part) + i * sizeof(fd), sizeof(fd));
			if (keep_ring(session, fd))
				err = -ENOMEM;
		}
	}
	return err;
}

/* More bytes of the answer, or -EAGAIN when the time is over, -EPIPE at the end. */
static int receive(struct session *session, int wait_ms)
{
	union {
		char bytes[CMSG_SPACE(RINGS_AT_ONCE * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec room = {session->line + session->bytes,
			     sizeof(session->line) - 1 - session->bytes};
	struct msghdr message = {.msg_iov = &room,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	struct pollfd wait = {.fd = session->fd, .events = POLLIN};
	ssize_t received;
	int ready;

	if (!room.iov_len)
		return -EPROTO;
	ready = poll(&wait, 1, wait_ms);
	if (ready <= 0)
		return ready < 0 && errno != EINTR ? -errno : -EAGAIN;
	received = recvmsg(session->fd, &message, MSG_CMSG_CLOEXEC);
	if (received < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	if (!received)
		return -EPIPE;
	session->bytes += received;
	return keep_rings(session, &message);
}

/* Takes the first `bytes` out of the buffer. */
static void forget(struct session *session, size_t bytes)
{
	session->bytes -= bytes;
	memmove(session->line, session->line + bytes, session->bytes);
}

int session_line(struct session *session, int wait_ms, json_t **object)
{
	char *end;
	int err = 0;

	*object = NULL;
	while (!(end = memchr(session->line, '\n', session->bytes))) {
		err = receive(session, wait_ms);
		if (err)
			return err == -EAGAIN ? 0 : err;
	}
	*end = '\0';
	*object = client_decode(session->line);
	forget(session, end + 1 - session->line);
	return *object ? 0 : -EPROTO;
}

/* Everything up to the blank line behind the headers. Returns the status, or -errno. */
static int read_status(struct session *session)
{
	int status = 0, err;
	char *end;

	while (!(end = memmem(session->line, session->bytes, "\r\n\r\n", 4))) {
		err = receive(session, ANSWER_MS);
		if (err)
			return err == -EAGAIN ? -ETIMEDOUT : err;
	}
	*end = '\0';
	if (sscanf(session->line, "HTTP/1.%*1d %3d", &status) != 1)
		return -EPROTO;
	forget(session, end + 4 - session->line);
	return status;
}

/* The body of a refusal is one object; the connection stays open behind it. */
static int read_refusal(struct session *session, struct error *error)
{
	json_t *object = NULL;
	int err = 0;

	while (!object && !err) {
		session->line[session->bytes] = '\0';
		object = session->bytes ? client_decode(session->line) : NULL;
		if (!object)
			err = receive(session, ANSWER_MS);
	}
	if (!object || !client_failure(object, error))
		err = -EPROTO;
	json_decref(object);
	return err ? err : -EREMOTEIO;
}

/* The first line tells how many rings there are; their descriptors may come with later lines. */
static int read_rings(struct session *session)
{
	json_t *line;
	int err = 0;

	do {
		err = session_line(session, ANSWER_MS, &line);
		if (!err && !line)
			err = -ETIMEDOUT;
		if (err)
			return err;
		if (!session->first) {
			session->first = line;
			session->rings_wanted = json_integer_value(json_object_get(line, "rings"));
		} else {
			json_decref(line);
		}
	} while (session->rings < session->rings_wanted);
	return session->rings_wanted ? 0 : -EPROTO;
}

int session_open(struct session *session, const char *socket, const json_t *body,
		 struct error *error)
{
	int err, status;

	memset(session, 0, sizeof(*session));
	session->fd = -1;
	err = client_check_socket(socket, error);
	if (err)
		return err;
	session->fd = connect_to(socket);
	if (session->fd < 0)
		return client_unreachable(socket, -session->fd, false, error);
	err = send_request(session->fd, body);
	status = err ? err : read_status(session);
	if (status < 0)
		err = status;
	else if (status != 200)
		err = read_refusal(session, error);
	else
		err = read_rings(session);
	if (err)
		session_close(session);
	if (err && err != -EREMOTEIO)
		error_set(
			error, err,
			"slash64d at %s does not start a capture: %s; see why (journalctl -u slash64d)",
			socket, strerror(-err));
	return err;
}

void session_close(struct session *session)
{
	for (size_t i = 0; i < session->rings; i++)
		close(session->ring[i]);
	free(session->ring);
	json_decref(session->first);
	if (session->fd >= 0)
		close(session->fd);
	session->ring = NULL;
	session->rings = 0;
	session->first = NULL;
	session->fd = -1;
}
