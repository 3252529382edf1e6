/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by `log` and `log --follow`. */
#ifndef SLASH64_CLI_CMD_LOG_H
#define SLASH64_CLI_CMD_LOG_H

#include <jansson.h>

#include "base/text/when.h"
#include "cli/command.h"

#define LOG_WHY_MAX 1536 /* reason and ticket have 255 bytes each, details some more */
#define LOG_WHO_MAX 768
#define LOG_CELLS   7 /* time, who, did, prefix, origin, from, why */

/* A change as it is printed; the cells point into it and into the change. */
struct log_row {
	char when[WHEN_TEXT_MAX], who[LOG_WHO_MAX], why[LOG_WHY_MAX];
	const char *cells[LOG_CELLS];
};

void log_row_write(const json_t *change, struct log_row *row);

/* Prints changes as they happen, until Ctrl-C; `earlier` is the path of a list that is printed
 * first, or NULL. Returns an exit code. Over a restart of slash64d it waits, and loses nothing.
 */
int log_follow(struct context *context, const char *earlier, const char *prefix);

#endif
