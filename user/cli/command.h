/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands of slash64: one table (commands.c), one function each. Help, completion and the options that are taken
 * come from that table; a test holds slash64(8) against it.
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

/* What the command line says beside the command's own words. */
struct context {
	const char *socket;
	struct made_text **made; /* texts that options were brought into; freed at the end */
	bool json, no_pager;
	int argc; /* words and options of the command, its name not counted */
	char **argv;
	const struct command *command;
};

/* A copy of a text that lives as long as the command runs, or NULL without memory. */
const char *context_keep(struct context *context, const char *text);
void context_free(struct context *context);

/* An option, or a word that stands in its place, and a sentence about it. */
struct command_item {
	/* "--for" of an option, "PREFIX" of a word, "show" of a word that is written so */
	const char *word;
	const char *value;   /* of an option: "DURATION"; NULL of a switch */
	const char *choices; /* what the value may be, between '|'; NULL: many things */
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
	const char *also;     /* what others call it, between blanks, for those who type that */
	const char *synopsis; /* its words, and the options that it cannot do without */
	const char *summary;  /* a line */
	const char *text;     /* what else there is to know, or NULL */
	const struct command_item *items; /* ends with a word of NULL; NULL: none */
	const char *example;		  /* lines, each a command */
	const char *exits; /* when else it ends with 1, or "only where ..."; or NULL */
	int (*run)(struct context *context);
};

extern const struct command commands[];		   /* ends with a name of NULL */
extern const struct command_item common_options[]; /* of every command; ends with a word of NULL */
extern const char *const command_groups[GROUP_COUNT];

/* NULL where there is none of that name. */
const struct command *command_find(const char *name);

/* The option that a word is, "--for" or "--for=1h", or NULL. */
const struct command_item *option_find(const struct command *command, const char *word);

/* "slash64: ..." on standard error. */
int refused(const struct error *error);
int usage_error(const struct context *context, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int no_such_command(const struct context *context, const char *name);
int out_of_memory(void);

/* Where the value of an option of the table goes, or the switch that it is. */
struct option_spec {
	const char *name;   /* without its dashes */
	const char **value; /* NULL for a switch */
	bool *given;	    /* of a switch */
};

/* Takes the options out of the words; the words left are argv[0..*count). Returns an exit code, or
 * -1 to go on. `specs` ends with a name of NULL.
 */
int take_options(struct context *context, const struct option_spec *specs, int words_min,
		 int words_max);
#define WORDS_ANY INT_MAX /* however many */

int command_status(struct context *context);
int command_attach(struct context *context);
int command_detach(struct context *context);
int command_block(struct context *context);
int command_throttle(struct context *context);
int command_unblock(struct context *context);
int command_edit(struct context *context);
int command_undo(struct context *context);
int command_list(struct context *context);
int command_who(struct context *context);
int command_import(struct context *context);
int command_restore(struct context *context);
int command_export(struct context *context);
int command_allow(struct context *context);
int command_unallow(struct context *context);
int command_log(struct context *context);
int command_top(struct context *context);
int command_reload(struct context *context);
int command_confirm(struct context *context);
int command_metrics(struct context *context);
int command_upgrade(struct context *context);
int command_policy(struct context *context);
int command_diff(struct context *context);
int command_replay(struct context *context);
int command_say(struct context *context);
int command_hear(struct context *context);
int command_help(struct context *context);

#endif
