/* SPDX-License-Identifier: GPL-2.0-only */
/* Commands on other routers, over the operator's own ssh: its keys, its configuration, its agent.
 * slash64 there is an ordinary slash64; nothing else has to be installed or to listen.
 */
#ifndef SLASH64_CLI_LIB_FLEET_REMOTE_H
#define SLASH64_CLI_LIB_FLEET_REMOTE_H

#include "cli/command.h"

#define REMOTE_HOST_MAX 256
#define REMOTE_SSH_MAX	8 /* options of ssh */

/* Can `host` be given to ssh: ssh://[USER@]NAME[:PORT] or [USER@]NAME? Names are passed on to a
 * shell by some configurations of ssh (ProxyCommand with %h), so they have few characters. 0, or
 * -EINVAL with an error.
 */
int remote_check(const char *host, struct error *error);

/* Replaces this process by ssh to a host that remote_check() has accepted, with options of ssh, at most
 * REMOTE_SSH_MAX and NULL at the end. Returns only on failure, with errno.
 */
void remote_ssh(const char *host, const char *const *options, const char *command);

/* The command line for the shell of the other router: slash64 with the global options and the
 * arguments of the context, each quoted so that a POSIX shell hands it on as it is. To be freed;
 * NULL if out of memory.
 */
char *remote_command(const struct context *context);

/* --host: replaces this process by ssh. Returns only on failure, with an exit code. */
int remote_exec(const struct context *context);

#endif
