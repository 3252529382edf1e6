/* SPDX-License-Identifier: GPL-2.0-only */
/* Sends a file to slash64d in pieces, for import and restore. */
#ifndef SLASH64_CLI_CMD_IMPORT_H
#define SLASH64_CLI_CMD_IMPORT_H

#include "cli/command.h"

/* The arguments of the command; texts may be NULL. */
struct import_order {
	const char *file, *origin, *format, *span, *reason;
	bool replace, strict, force, dry_run;
	bool restore; /* a backup, restored as a whole */
};

/* An exit code; everything has been reported. */
int import_run(const struct context *context, const struct import_order *order);

#endif
