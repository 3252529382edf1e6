/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the person at this terminal is logged in from, so that slash64d does not lock them out. */
#ifndef SLASH64_CLIENT_SSH_SOURCE_H
#define SLASH64_CLIENT_SSH_SOURCE_H

#include <jansson.h>

/* The client addresses, IPv6 or IPv4, of the SSH sessions this process was started in, each once:
 * from SSH_CONNECTION and SSH_CLIENT in its environment and its ancestors', because sudo removes
 * them. Unreadable ones are skipped. An array, perhaps empty; NULL if out of memory.
 */
json_t *ssh_sources(void);

#endif
