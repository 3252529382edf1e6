// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/text/near.h"
#include "config/config.h"

#define EXIT_USAGE 2

static void usage(FILE *out)
{
	fprintf(out,
		"usage: slash64d [--config FILE] [--check | --take-off]\n"
		"\n"
		"  --config FILE  the configuration, by default " CONFIG_FILE_DEFAULT "\n"
		"  --check        check the configuration, and do nothing else\n"
		"  --take-off     take the filter off all interfaces, remove its maps, and do nothing else\n"
		"  --version      print the version\n"
		"  --help         print this help\n"
		"\n"
		"See slash64d(8) and slash64.yaml(5).\n");
}

static int usage_error(const char *typed, const struct option *longs, bool needs_file)
{
	char meant[NEAR_TEXT_MAX], name[NEAR_TEXT_MAX];
	struct near near = {.typed = name};

	if (needs_file) {
		fprintf(stderr, "slash64d: --config needs a FILE; see slash64d --help\n");
		return EXIT_USAGE;
	}
	/* the text behind "=" is not part of the name */
	snprintf(name, sizeof(name), "%s", typed + strspn(typed, "-"));
	name[strcspn(name, "=")] = '\0';
	for (; longs->name; longs++)
		near_try(&near, longs->name);
	fprintf(stderr, "slash64d: unknown option '%s'%s; see slash64d --help\n", typed,
		near_text(&near, "--", meant));
	return EXIT_USAGE;
}

int options_parse(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{"config", required_argument, NULL, 'c'}, {"check", no_argument, NULL, 'k'},
		{"take-off", no_argument, NULL, 't'},	  {"version", no_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},	  {NULL, 0, NULL, 0},
	};
	int c;

	options->config = CONFIG_FILE_DEFAULT;
	options->check = false;
	options->take_off = false;
	opterr = 0; /* the error is printed below, in one line */
	while ((c = getopt_long(argc, argv, "c:h", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			options->config = optarg;
			break;
		case 'k':
			options->check = true;
			break;
		case 't':
			options->take_off = true;
			break;
		case 'v':
			printf("slash64d %s\n", SLASH64_VERSION);
			return 0;
		case 'h':
			usage(stdout);
			return 0;
		default:
			return usage_error(argv[optind - 1], longs, optopt == 'c');
		}
	}
	if (optind < argc) {
		fprintf(stderr, "slash64d: unexpected argument '%s'; see slash64d --help\n",
			argv[optind]);
		return EXIT_USAGE;
	}
	return -1;
}
