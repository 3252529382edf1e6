/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands of slash64: one table (commands.c), one function each. Help, completion and accepted
 * options come from that table; a test compares slash64(8) with it.
 */
#ifndef SLASH64_CLI_COMMAND_H
#define SLASH64_CLI_COMMAND_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum exit_code {
	EXIT_DONE,
	EXIT_REFUSED, /* or failed */
	EXIT_USAGE
};

/* The global options of the command line. */
struct context {
	const char *socket;
	struct made_text **made; /* texts of converted options; freed at the end */
	bool json, no_pager;
	/* where the command runs, if not here: --host, --hosts (user/cli/lib/fleet); NULL: not given */
	const char *host, *hosts, *parallel, *timeout;
	const char *remote_socket, *color; /* as given, to pass them on; NULL: not given */
	int argc;			   /* arguments of the command, without its name */
	char **argv;
	const struct command *command;
};

/* A copy of a text that lives as long as the command runs, or NULL if out of memory. */
const char *context_keep(struct context *context, const char *text);
void context_free(struct context *context);

/* An option, or a positional argument, with a sentence about it. */
struct command_item {
	/* "--for" for an option, "PREFIX" for an argument, "show" for a literal word */
	const char *word;
	const char *value;   /* of an option: "DURATION"; NULL for a switch */
	const char *choices; /* the possible values, separated by '|'; NULL: many */
	const char *text;
};

enum command_group {
	GROUP_LOOK,
	GROUP_ACT,
	GROUP_LISTS,
	GROUP_SET_UP,
	GROUP_ALONE, /* needs no slash64d */
	GROUP_COUNT
};

struct command {
	const char *name;
	enum command_group group;
	const char *also;     /* names that other tools use, separated by blanks, for suggestions */
	const char *synopsis; /* its arguments and required options */
	const char *summary;  /* one line */
	const char *text;     /* more to know, or NULL */
	const struct command_item *items; /* ends with a word of NULL; NULL: none */
	const char *example;		  /* lines, each a command */
	const char *exits; /* in which other cases it ends with 1, or "only where ..."; or NULL */
	int (*run)(struct context *context);
};

extern const struct command commands[]; /* ends with a name of NULL */
/* of every command; ends with a word of NULL */
extern const struct command_item common_options[];
extern const char *const command_groups[GROUP_COUNT];

/* NULL if there is none of that name. */
const struct command *command_find(const char *name);

/* The option that a word is, "--for" or "--for=1h", or NULL. */
const struct command_item *option_find(const struct command *command, const char *word);

/* "slash64: ..." on standard error. */
int refused(const struct error *error);
int usage_error(const struct context *context, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int no_such_command(const struct context *context, const char *name);
int out_of_memory(void);

/* Where to store the value of an option, or the switch. */
struct option_spec {
	const char *name;   /* without its dashes */
	const char **value; /* NULL for a switch */
	bool *given;	    /* of a switch */
};

/* Extracts the options from the arguments; the remaining ones are argv[0..*count). Returns an exit
 * code, or -1 to go on. `specs` ends with a name of NULL.
 */
int take_options(struct context *context, const struct option_spec *specs, int words_min,
		 int words_max);
#define WORDS_ANY INT_MAX /* any number */

int command_status(struct context *context);
int command_attach(struct context *context);
int command_detach(struct context *context);
int command_block(struct context *context);
int command_throttle(struct context *context);
int command_unblock(struct context *context);
int command_edit(struct context *context);
int command_undo(struct context *context);
int command_list(struct context *context);
int command_lookup(struct context *context);
int command_import(struct context *context);
int command_restore(struct context *context);
int command_export(struct context *context);
int command_allow(struct context *context);
int command_unallow(struct context *context);
int command_log(struct context *context);
int command_watch(struct context *context);
int command_top(struct context *context);
int command_capture(struct context *context);
int command_proposals(struct context *context);
int command_flowspec(struct context *context);
int command_apply(struct context *context);
int command_dismiss(struct context *context);
int command_reload(struct context *context);
int command_confirm(struct context *context);
int command_init(struct context *context);
int command_metrics(struct context *context);
int command_upgrade(struct context *context);
int command_policy(struct context *context);
int command_diff(struct context *context);
int command_doctor(struct context *context);
int command_replay(struct context *context);
int command_report(struct context *context);
int command_say(struct context *context);
int command_hear(struct context *context);
int command_help(struct context *context);

#endif
