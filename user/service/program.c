// SPDX-License-Identifier: GPL-2.0-only
#include "program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/near.h"

enum { CONFIG = 'c', CHECK = 'k', VERSION = 'v', HELP = 'h', MORE = 256 };

static int gather(const struct program *program, struct option *longs)
{
	static const struct option common[] = {
		{"config", required_argument, NULL, CONFIG},
		{"check", no_argument, NULL, CHECK},
		{"version", no_argument, NULL, VERSION},
		{"help", no_argument, NULL, HELP},
	};
	int n = 0;

	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		longs[n++] = common[i];
	for (int i = 0; program->more && program->more[i].name; i++)
		longs[n++] =
			(struct option){program->more[i].name, required_argument, NULL, MORE + i};
	longs[n] = (struct option){};
	return n;
}

static int refuse(const struct program *program, const char *what, const char *word)
{
	fprintf(stderr, "%s: %s '%s'; see %s --help\n", program->name, what, word, program->name);
	return PROGRAM_EXIT_USAGE;
}

static int refuse_option(const struct program *program, const struct option *longs,
			 const char *word)
{
	char meant[NEAR_TEXT_MAX], name[NEAR_TEXT_MAX];
	struct near near = {.typed = name};

	/* the text behind "=" is not part of the name */
	snprintf(name, sizeof(name), "%s", word + strspn(word, "-"));
	name[strcspn(name, "=")] = '\0';
	for (; longs->name; longs++)
		near_try(&near, longs->name);
	fprintf(stderr, "%s: unknown option '%s'%s; see %s --help\n", program->name, word,
		near_text(&near, "--", meant), program->name);
	return PROGRAM_EXIT_USAGE;
}

int program_read_line(const struct program *program, int argc, char **argv,
		      struct program_line *line)
{
	struct option longs[PROGRAM_OPTIONS_MAX + 5];
	int c;

	gather(program, longs);
	opterr = 0;
	while ((c = getopt_long(argc, argv, "c:h", longs, NULL)) != -1) {
		if (c >= MORE)
			line->value[c - MORE] = optarg;
		else if (c == CONFIG)
			line->config = optarg;
		else if (c == CHECK)
			line->check = true;
		else if (c == VERSION)
			return printf("%s %s\n", program->name, SLASH64_VERSION) < 0;
		else if (c == HELP)
			return fputs(program->usage, stdout) < 0;
		else if (optopt == CONFIG || optopt >= MORE)
			return refuse(program, "missing value of", argv[optind - 1]);
		else
			return refuse_option(program, longs, argv[optind - 1]);
	}
	if (!*line->config)
		return refuse(program, "missing value of", "--config");
	if (program->takes_argument && optind < argc)
		line->argument = argv[optind++];
	return optind == argc ? -1 : refuse(program, "unexpected argument", argv[optind]);
}
