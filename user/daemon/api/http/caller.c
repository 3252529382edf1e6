// SPDX-License-Identifier: GPL-2.0-only
#include "caller.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <poll.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text/escape.h"
#include "net/prefix.h"

#define PASSWD_BYTES  4096
#define COMMAND_BYTES 32 /* TASK_COMM_LEN is 16 */

/* Names change and disappear; the log keeps the name of the time, next to the number. */
static void name_of(uid_t uid, char *out, size_t bytes)
{
	char buffer[PASSWD_BYTES];
	struct passwd entry, *found = NULL;

	if (!getpwuid_r(uid, &entry, buffer, sizeof(buffer), &found) && found)
		escape_text(entry.pw_name, out, bytes);
	else
		snprintf(out, bytes, "uid %u", uid);
}

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5 */
#endif

/* A number of a process that has ended may be another's by now. Kernels without the option cannot
 * tell.
 */
static bool has_ended(int fd)
{
	socklen_t bytes = sizeof(int);
	struct pollfd process = {.events = POLLIN};
	bool ended;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &process.fd, &bytes))
		return errno != ENOPROTOOPT;
	ended = poll(&process, 1, 0) != 0;
	close(process.fd);
	return ended;
}

/* Who has logged in, whatever user the process became since: the kernel hands that on from process
 * to process, and only CAP_AUDIT_CONTROL changes it once it is set (audit(7)).
 */
static void login_of(pid_t pid, int fd, struct actor *actor)
{
	unsigned int uid;
	char path[64];
	FILE *file;
	int read;

	snprintf(path, sizeof(path), "/proc/%d/loginuid", pid);
	file = fopen(path, "re");
	if (!file)
		return; /* a kernel without audit */
	read = fscanf(file, "%u", &uid);
	fclose(file);
	if (read != 1 || uid == (unsigned int)-1 || uid == actor->uid || has_ended(fd))
		return;
	actor->login_uid = uid;
	name_of(uid, actor->login, sizeof(actor->login));
}

/* A process chooses its name, in any bytes: its rows must be readable all the same (hostile 9). */
static void command_of(pid_t pid, char *out, size_t bytes)
{
	char path[64], name[COMMAND_BYTES];
	size_t n = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	file = fopen(path, "re");
	if (file) {
		n = fread(name, 1, sizeof(name) - 1, file);
		fclose(file);
	}
	name[n] = '\0';
	if (n && name[n - 1] == '\n')
		name[n - 1] = '\0';
	escape_text(name, out, bytes);
}

size_t caller_sources(struct evhttp_request *request, struct in6_addr *sources, size_t max)
{
	const char *from =
		evhttp_find_header(evhttp_request_get_input_headers(request), CALLER_FROM_HEADER);
	size_t count = 0;

	while (from && *from && count < max) {
		size_t n = strcspn(from += strspn(from, ", "), ", ");
		char text[PREFIX_TEXT_MAX];
		struct prefix address;

		if (n < sizeof(text)) {
			memcpy(text, from, n);
			text[n] = '\0';
			if (!prefix_parse_whole(text, &address, NULL) && address.length == 128)
				sources[count++] = address.address;
		}
		from += n;
	}
	return count;
}

void caller_of(struct evhttp_request *request, struct actor *actor)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(request);
	int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(connection));
	struct ucred credentials;
	socklen_t bytes = sizeof(credentials);
	struct prefix from = {.length = 128};
	char command[COMMAND_BYTES * ESCAPE_FACTOR], text[PREFIX_TEXT_MAX] = "";

	memset(actor, 0, sizeof(*actor));
	actor->uid = actor->pid = actor->login_uid = -1;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &bytes)) {
		strcpy(actor->who, "unknown");
		strcpy(actor->source, "socket");
		return;
	}
	actor->uid = credentials.uid;
	actor->pid = credentials.pid;
	name_of(credentials.uid, actor->who, sizeof(actor->who));
	login_of(credentials.pid, fd, actor);
	command_of(credentials.pid, command, sizeof(command));
	if (caller_sources(request, &from.address, 1))
		prefix_format(&from, text);
	text[strcspn(text, "/")] = '\0';
	snprintf(actor->source, sizeof(actor->source), "socket%s%s%s%s", *command ? ", " : "",
		 command, *text ? ", ssh from " : "", text);
}

bool caller_is_known(struct evhttp_request *request)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(request);
	int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(connection));
	struct sockaddr_storage local = {};
	socklen_t bytes = sizeof(local);

	return !getsockname(fd, (struct sockaddr *)&local, &bytes) && local.ss_family == AF_UNIX;
}
