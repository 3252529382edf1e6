/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SLASH64_CLI_CMD_PROPOSAL_PACKETS_H
#define SLASH64_CLI_CMD_PROPOSAL_PACKETS_H

#include "cli/command.h"

/* proposals ID --write FILE. Returns the exit code. */
int proposal_packets_write(const struct context *context, int64_t id, const char *path);

#endif
