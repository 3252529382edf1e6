/* SPDX-License-Identifier: GPL-2.0-only */
/* Which names a browser may have asked for. A site that makes its own name resolve to this host
 * (DNS rebinding) could otherwise read the page with the eyes of whoever visits that site: its
 * requests carry its name in Host, which no script can change.
 */
#ifndef SLASH64_DAEMON_PAGE_HOST_H
#define SLASH64_DAEMON_PAGE_HOST_H

#include <stdbool.h>
#include <sys/socket.h>

/* `host`: the value of Host (RFC 9110 7.2). Ours are localhost and loopback addresses with any port,
 * as an ssh tunnel may start at any; the local address of the connection with its port; and what the
 * configuration says, to the letter.
 */
bool page_host_is_ours(const char *host, const struct sockaddr *local, const char *listen);

#endif
