/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line of a program that runs as a service: --config FILE, --check, --version, --help,
 * and what it has beside these.
 */
#ifndef SLASH64_SERVICE_PROGRAM_H
#define SLASH64_SERVICE_PROGRAM_H

#include <getopt.h>
#include <stdbool.h>

#define PROGRAM_EXIT_USAGE  2
#define PROGRAM_OPTIONS_MAX 8 /* beside the four */

struct program {
	const char *name;
	const char *usage; /* printed by --help */
	/* Its own options; ends with a name of NULL. NULL: none. All of them take a value. */
	const struct option *more;
	bool takes_argument; /* one at most */
};

struct program_line {
	const char *config; /* set to the default before */
	bool check;
	const char *argument;			/* NULL: none was given */
	const char *value[PROGRAM_OPTIONS_MAX]; /* of `more`, NULL if not given */
};

/* An exit code, or -1 to go on. */
int program_read_line(const struct program *program, int argc, char **argv,
		      struct program_line *line);

#endif
