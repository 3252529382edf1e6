/* SPDX-License-Identifier: GPL-2.0-only */
/* --hosts FILE: runs the command on several routers, and prints who answered what. */
#ifndef SLASH64_CLI_LIB_FLEET_HOSTS_COMMAND_H
#define SLASH64_CLI_LIB_FLEET_HOSTS_COMMAND_H

#include "cli/command.h"

/* Returns an exit code: EXIT_REFUSED if it failed on one of them. */
int hosts_command(struct context *context);

#endif
