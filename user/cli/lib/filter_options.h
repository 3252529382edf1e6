/* SPDX-License-Identifier: GPL-2.0-only */
/* --source, --destination, --class, --reason, --verdict and --interface: the packets that somebody
 * wants to see. The same for every command that shows packets.
 */
#ifndef SLASH64_CLI_LIB_FILTER_OPTIONS_H
#define SLASH64_CLI_LIB_FILTER_OPTIONS_H

#include "cli/command.h"

struct filter_options {
	const char *source, *destination, *class, *reason, *verdict, *interface; /* NULL: any */
};

/* For the specs of take_options(). */
#define FILTER_OPTION_SPECS(filter)                                                       \
	{"source", &(filter).source, NULL}, {"destination", &(filter).destination, NULL}, \
		{"class", &(filter).class, NULL}, {"reason", &(filter).reason, NULL},     \
		{"verdict", &(filter).verdict, NULL},                                     \
	{                                                                                 \
		"interface", &(filter).interface, NULL                                    \
	}

/* An exit code, with the error printed, or -1 to go on. */
int filter_options_check(const struct context *context, const struct filter_options *filter);

/* Adds them to a query, as client_path_add(). */
char *filter_options_add(char *path, const struct filter_options *filter);

/* "source=2001:db8::/32 verdict=drop", or "". Returns buf. */
#define FILTER_TEXT_MAX 512
const char *filter_options_text(const struct filter_options *filter, char buf[FILTER_TEXT_MAX]);

/* On standard error: an address is not its /64 here, as it is in other commands. */
void filter_options_note(const struct filter_options *filter);

#endif
