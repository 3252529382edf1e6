/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the person at this terminal comes from, so that slash64d does not lock them out. */
#ifndef SLASH64_CLI_SSH_SOURCE_H
#define SLASH64_CLI_SSH_SOURCE_H

#include <jansson.h>

/* The client addresses, IPv6 or IPv4, of the SSH sessions this process was started in, each once:
 * of SSH_CONNECTION and SSH_CLIENT in its own environment and in its ancestors', for sudo takes
 * them out of its own. What cannot be read is passed over. An array, maybe empty; NULL without
 * memory.
 */
json_t *ssh_sources(void);

#endif
