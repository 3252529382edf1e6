/* SPDX-License-Identifier: GPL-2.0-only */
/* Help, generated from the table of commands. */
#ifndef SLASH64_CLI_CMD_HELP_H
#define SLASH64_CLI_CMD_HELP_H

#include "cli/command.h"

/* One command: usage, each argument and option with a sentence, an example, exit status. */
void help_print(const struct context *context, const struct command *command);

/* All commands, by purpose, a line each. */
void help_print_all(const struct context *context);

#endif
