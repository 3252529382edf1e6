/* SPDX-License-Identifier: GPL-2.0-only */
/* A file, piece by piece to slash64d: what import and restore have in common. */
#ifndef SLASH64_CLI_IMPORT_H
#define SLASH64_CLI_IMPORT_H

#include "cli/command.h"

/* What the command was told; texts may be NULL. */
struct import_order {
	const char *file, *origin, *format, *span, *reason;
	bool replace, strict, force, dry_run;
	bool restore; /* a backup, taken whole */
};

/* An exit code, with all said that there is to say. */
int import_run(const struct context *context, const struct import_order *order);

#endif
