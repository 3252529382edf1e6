/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SLASH64_CLI_CMD_POLICY_SUGGEST_H
#define SLASH64_CLI_CMD_POLICY_SUGGEST_H

#include "cli/command.h"

/* policy suggest. Returns the exit code. */
int policy_suggest(struct context *context);

#endif
