/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists of slash64d, printed as they come: they may have a million lines. */
#ifndef SLASH64_CLI_LIST_H
#define SLASH64_CLI_LIST_H

#include "command.h"

/* How a list is printed as a table. Widths are fixed, for the rows to come are not known. */
struct list_table {
	void (*header)(void);
	void (*row)(const json_t *object);
	const char *empty; /* said where there is no row */
};

/* GET a list and print it, as a table or as JSON. Returns an exit code. Takes over the path; NULL
 * is one there was no memory for.
 */
int list_print(const struct context *context, char *path, const struct list_table *table);

/* A failure in the middle of a list comes as its last line: the status has long been sent.
 * -EREMOTEIO where the line is one.
 */
int list_failure(const json_t *object, struct error *error);

#endif
