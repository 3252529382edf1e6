// SPDX-License-Identifier: GPL-2.0-only
/* slash64: the command line of slash64d, and what needs no daemon. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "config.h"

const struct command commands[] = {
	{"status", "", "interfaces, tables, rates", command_status},
	{"attach", "IFACE [--mode auto|native|generic] [--filter enforce|monitor]",
	 "attach to an interface, live", command_attach},
	{"detach", "IFACE", "detach from an interface", command_detach},
	{"block", "PREFIX [--for DURATION] [--reason TEXT] [--ticket ID]",
	 "drop everything from a /64", command_block},
	{"unblock", "PREFIX", "end a block", command_unblock},
	{"list", "", "what is blocked", command_list},
	{"allow", "[PREFIX [--reason TEXT]]", "what is never blocked: add, or list", command_allow},
	{"disallow", "PREFIX", "take back what was allowed", command_disallow},
	{"top", "[--seconds N] [--limit N]", "the loudest sites", command_top},
	{"policy", "show | check FILE | diff FILE", "the policy: in force, or in a file",
	 command_policy},
	{"replay",
	 "FILE [--config FILE] [--as transit|local] [--local ADDRESS] [--step all|parse|classify]",
	 "what would be done with a capture; needs no daemon", command_replay},
	{"reload", "", "read the configuration again", command_reload},
	{"metrics", "", "the exposition text", command_metrics},
	{NULL, NULL, NULL, NULL},
};

int refused(const struct error *error)
{
	fprintf(stderr, "slash64: %s\n", error->text);
	return EXIT_REFUSED;
}

int usage_error(const struct context *context, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "slash64%s%s: ", context->command ? " " : "",
		context->command ? context->command->name : "");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	if (context->command)
		fprintf(stderr, "; usage: slash64 %s %s\n", context->command->name,
			context->command->synopsis);
	else
		fprintf(stderr, "; 'slash64 --help' lists the commands\n");
	return EXIT_USAGE;
}

static void print_help(void)
{
	printf("usage: slash64 [--json] [--socket PATH] COMMAND\n\n");
	for (const struct command *c = commands; c->name; c++)
		printf("  %-9s %s\n", c->name, c->help);
	printf("\n  --json         one JSON object a line\n"
	       "  --socket PATH  of slash64d, " CONFIG_SOCKET_DEFAULT " if not given\n"
	       "  --version      tell the version\n"
	       "  --help         this; after a command, its own words\n\nSee slash64(8).\n");
}

static const char *option_value(struct context *context, int *i, const char *name)
{
	const char *word = context->argv[*i];
	size_t n = strlen(name);

	if (strncmp(word, "--", 2) || strncmp(word + 2, name, n))
		return NULL;
	if (word[2 + n] == '=')
		return word + 3 + n;
	if (!word[2 + n] && *i + 1 < context->argc)
		return context->argv[++*i];
	return NULL;
}

int take_options(struct context *context, const struct option_spec *specs, int words_min, int words_max)
{
	int words = 0;

	for (int i = 0; i < context->argc; i++) {
		const char *word = context->argv[i];
		bool known = false;

		if (!strcmp(word, "--help") || !strcmp(word, "-h")) {
			printf("usage: slash64 %s %s\n\n%s\n", context->command->name,
			       context->command->synopsis, context->command->help);
			return EXIT_DONE;
		}
		if (strncmp(word, "--", 2)) {
			context->argv[words++] = context->argv[i];
			continue;
		}
		for (const struct option_spec *s = specs; s && s->name && !known; s++) {
			const char *value;

			if (!s->value) {
				known = !strcmp(word + 2, s->name);
				*s->given |= known;
				continue;
			}
			value = option_value(context, &i, s->name);
			if (value) {
				*s->value = value;
				known = true;
			} else if (!strcmp(word + 2, s->name)) {
				return usage_error(context, "--%s needs a value", s->name);
			}
		}
		if (!known)
			return usage_error(context, "unknown option '%s'", word);
	}
	context->argc = words;
	if (words < words_min)
		return usage_error(context, "something is missing");
	if (words > words_max)
		return usage_error(context, "'%s' is too much", context->argv[words_max]);
	return -1;
}

/* The options of all commands may stand before and behind the command. */
static int take_common(struct context *context, int argc, char **argv)
{
	int kept = 0;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json")) {
			context->json = true;
		} else if (!strcmp(argv[i], "--socket")) {
			if (i + 1 == argc)
				return usage_error(context, "--socket needs a path");
			context->socket = argv[++i];
		} else if (!strncmp(argv[i], "--socket=", 9)) {
			context->socket = argv[i] + 9;
		} else {
			argv[kept++] = argv[i];
		}
	}
	context->argc = kept;
	context->argv = argv;
	return -1;
}

int main(int argc, char **argv)
{
	struct context context = {.socket = CONFIG_SOCKET_DEFAULT};
	const char *name;
	int code = take_common(&context, argc, argv);

	if (code >= 0)
		return code;
	if (!context.argc)
		return usage_error(&context, "a command is missing");
	name = context.argv[0];
	if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) {
		print_help();
		return EXIT_DONE;
	}
	if (!strcmp(name, "--version")) {
		printf("slash64 %s\n", SLASH64_VERSION);
		return EXIT_DONE;
	}
	for (context.command = commands; context.command->name; context.command++)
		if (!strcmp(context.command->name, name))
			break;
	if (!context.command->name) {
		context.command = NULL;
		return usage_error(&context, "unknown command '%s'", name);
	}
	context.argc--;
	context.argv++;
	code = context.command->run(&context);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "slash64: cannot write the output\n");
		return EXIT_REFUSED;
	}
	return code;
}
