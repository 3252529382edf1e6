/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands of slash64: one table, one function each. */
#ifndef SLASH64_CLI_COMMAND_H
#define SLASH64_CLI_COMMAND_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"

enum exit_code {
	EXIT_DONE,
	EXIT_REFUSED, /* or failed */
	EXIT_USAGE
};

/* What the command line says beside the command's own words. */
struct context {
	const char *socket;
	bool json;
	int argc; /* words and options of the command, its name not counted */
	char **argv;
	const struct command *command;
};

struct command {
	const char *name;
	const char *synopsis;
	const char *help;
	int (*run)(struct context *context);
};

extern const struct command commands[]; /* ends with a name of NULL */

/* "slash64: ..." on standard error. */
int refused(const struct error *error);
int usage_error(const struct context *context, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* An option of a command, --NAME VALUE or --NAME=VALUE, or a switch without a value. */
struct option_spec {
	const char *name;
	const char **value; /* where the value goes; NULL for a switch */
	bool *given; /* of a switch */
};

/* Takes the options out of the words; the words left are argv[0..*count). Returns an exit code, or
 * -1 to go on. `specs` ends with a name of NULL.
 */
int take_options(struct context *context, const struct option_spec *specs, int words_min,
		 int words_max);

int command_status(struct context *context);
int command_attach(struct context *context);
int command_detach(struct context *context);
int command_block(struct context *context);
int command_throttle(struct context *context);
int command_unblock(struct context *context);
int command_list(struct context *context);
int command_who(struct context *context);
int command_import(struct context *context);
int command_restore(struct context *context);
int command_export(struct context *context);
int command_allow(struct context *context);
int command_disallow(struct context *context);
int command_log(struct context *context);
int command_top(struct context *context);
int command_reload(struct context *context);
int command_metrics(struct context *context);
int command_upgrade(struct context *context);
int command_policy(struct context *context);
int command_replay(struct context *context);
int command_say(struct context *context);
int command_hear(struct context *context);

#endif
