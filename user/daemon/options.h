/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line of slash64d. */
#ifndef SLASH64_DAEMON_OPTIONS_H
#define SLASH64_DAEMON_OPTIONS_H

#include <stdbool.h>

struct options {
	const char *config;
	bool check;
	bool take_off;
};

/* Returns an exit code, or -1 to go on. */
int options_parse(int argc, char **argv, struct options *options);

#endif
