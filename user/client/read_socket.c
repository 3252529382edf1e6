// SPDX-License-Identifier: GPL-2.0-only
#include "read_socket.h"

#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define READ_SOCKET    "read.sock"
#define GROUP_NAME_MAX 64

static bool group_of(const char *socket, char name[GROUP_NAME_MAX])
{
	struct group *group;
	struct stat status;

	if (stat(socket, &status) || !status.st_gid)
		return false;
	group = getgrgid(status.st_gid);
	if (group)
		snprintf(name, GROUP_NAME_MAX, "%s", group->gr_name);
	return group;
}

char *read_socket_beside(const char *socket)
{
	const char *slash = strrchr(socket, '/');
	char *path = NULL;

	if (slash && asprintf(&path, "%.*s/" READ_SOCKET, (int)(slash - socket), socket) < 0)
		return NULL;
	return path;
}

const char *read_socket_group_hint(const char *socket, bool looking, char buf[READ_SOCKET_HINT_MAX])
{
	size_t n = snprintf(buf, READ_SOCKET_HINT_MAX, "; use root");
	char *beside = looking ? read_socket_beside(socket) : NULL;
	char name[GROUP_NAME_MAX];

	if (group_of(socket, name))
		n += snprintf(buf + n, READ_SOCKET_HINT_MAX - n, ", or join the group %s", name);
	if (beside && group_of(beside, name))
		snprintf(buf + n, READ_SOCKET_HINT_MAX - n,
			 ", or the group %s, which may only look", name);
	free(beside);
	return buf;
}
