/* SPDX-License-Identifier: GPL-2.0-only */
/* What may come next on a command line, for the completion of shells (scripts/completion), from the table
 * of commands and from slash64d. A line each: the word, a tab, and a sentence about it. "=files" and
 * "=hosts" stand for what the shell itself completes. It is silent about every failure.
 */
#ifndef SLASH64_CLI_LIB_COMPLETE_COMPLETE_H
#define SLASH64_CLI_LIB_COMPLETE_COMPLETE_H

#include "cli/command.h"

#define COMPLETE_FILES "=files"
#define COMPLETE_HOSTS "=hosts"
#define COMPLETE_MANY  1000 /* rows of a list of slash64d */

/* --- candidates --- */

struct candidates {
	const char *before; /* what each begins with, such as "--for=" */
	const char *typed;  /* what was typed behind that */
	json_t *put;	    /* those that were written */
};

/* Writes one that begins with what was typed, once. `text` may be NULL. */
void candidates_put(struct candidates *candidates, const char *word, const char *text);

/* --- values --- */

/* Values that slash64d knows are asked of it there; NULL: of nobody. */
struct complete_values {
	const char *socket;
	const struct command *command;
	struct candidates *candidates;
};

/* The values of an option (of a kind such as "PREFIX"), or of an argument, whose item has no value. */
void complete_values(const struct complete_values *values, const struct command_item *item);

/* --- of slash64d --- */

enum complete_live {
	LIVE_BLOCKS,	/* prefixes of blocks and throttles */
	LIVE_ALLOWED,	/* allowed prefixes */
	LIVE_LOUD,	/* the loudest sources */
	LIVE_LOUD_TO,	/* the loudest destinations */
	LIVE_ORIGINS,	/* of blocks and throttles */
	LIVE_TICKETS,	/* likewise */
	LIVE_PROPOSALS, /* numbers of proposals */
	LIVE_INTERFACES /* that it filters */
};

/* Ends the process, with what was written, if slash64d takes longer than a person waits for. */
void complete_live(const struct complete_values *values, enum complete_live what);

/* --- lines --- */

/* The words of a line up to the cursor, as a shell splits them; the last one is the one at the cursor,
 * perhaps empty. An array; NULL if out of memory. To be freed with its words, in one.
 */
char **complete_split(const char *line, int *count);

/* Completes the last word. `words` are those behind "slash64". */
void complete(const char *socket, int count, char **words);

#endif
