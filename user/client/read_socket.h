/* SPDX-License-Identifier: GPL-2.0-only */
/* The socket beside the control socket, which changes nothing, and who may use the two. */
#ifndef SLASH64_CLIENT_READ_SOCKET_H
#define SLASH64_CLIENT_READ_SOCKET_H

#include <stdbool.h>

#define READ_SOCKET_HINT_MAX 256

/* Its path, or NULL. To be freed. */
char *read_socket_beside(const char *socket);

/* "; use root, or join the group slash64": the groups that the sockets have. `looking`: the request
 * changes nothing, so the group of the read socket will do. Returns buf.
 */
const char *read_socket_group_hint(const char *socket, bool looking,
				   char buf[READ_SOCKET_HINT_MAX]);

#endif
