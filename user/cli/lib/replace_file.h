/* SPDX-License-Identifier: GPL-2.0-only */
/* A file that is written completely or not at all: beside its target first, then in its place. */
#ifndef SLASH64_CLI_LIB_REPLACE_FILE_H
#define SLASH64_CLI_LIB_REPLACE_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

struct replace_file {
	const char *name; /* as given */
	FILE *file;
	bool is_new; /* there was no such file */
	char target[PATH_MAX], temporary[PATH_MAX + 8];
};

/* Opens the file beside `name`, for its owner only. If `name` is a link, its target is replaced;
 * anything but a regular file is refused, with `instead` as what to do. -errno: there is nothing to end.
 */
int replace_file_open(struct replace_file *replace, const char *name, const char *instead,
		      struct error *error);

/* Ends it: in place of the target, or, after a failure of the caller (`err`), without a trace. Returns
 * `err`, or that of its own.
 */
int replace_file_end(struct replace_file *replace, int err, struct error *error);

/* "cannot write FILE: ...; it was not changed", by errno. -EIO. */
int replace_file_failed(const struct replace_file *replace, struct error *error);

#endif
