// SPDX-License-Identifier: GPL-2.0-only
/* slash64: the command line of slash64d, and what needs no daemon. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "config.h"

/* Of `help`, the list of the commands shows the first line, and the command's own --help the whole.
 */
const struct command commands[] = {
	{"status", "", "interfaces, tables, rates", command_status},
	{"attach", "IFACE [--mode auto|native|generic] [--filter enforce|monitor]",
	 "attach to an interface, live\n\n"
	 "  --mode    auto: in the driver, or without its help where it cannot (default)\n"
	 "  --filter  monitor: count what would be dropped, and let it pass",
	 command_attach},
	{"detach", "IFACE", "detach from an interface", command_detach},
	{"block",
	 "PREFIX [--for DURATION] [--reason TEXT] [--ticket ID] [--origin NAME] [--force] [--dry-run]",
	 "drop everything from a prefix\n\n"
	 "  PREFIX     of IPv6 or IPv4; an IPv6 address stands for its site, an IPv4 address is\n"
	 "             blocked in every form it has in IPv6 as well\n"
	 "  --for      how long, as 90s, 15m, 1h30m or 7d; without it until unblock\n"
	 "  --reason   what the list shows\n"
	 "  --ticket   where more is written about it\n"
	 "  --origin   in whose name, 'operator' if not given: each origin's blocks end by themselves\n"
	 "  --force    also where a guard rail would refuse it\n"
	 "  --dry-run  tell what it would hit, and change nothing\n\n"
	 "  slash64 block 2001:db8:bad:1::/64 --for 1h --reason 'echo flood'",
	 command_block},
	{"throttle",
	 "PREFIX --rate N [--burst N] [--for DURATION] [--reason TEXT] [--ticket ID] "
	 "[--origin NAME] [--force] [--dry-run]",
	 "hold a prefix to a rate\n\n"
	 "  --rate   packets a second that pass\n"
	 "  --burst  packets that may come at once, twice the rate if not given\n\n"
	 "  The rest is as with block.\n\n"
	 "  slash64 throttle 2001:db8:bad:1::/64 --rate 100 --for 1h",
	 command_throttle},
	{"unblock", "PREFIX [--origin NAME]",
	 "end a block or throttle\n\n"
	 "  --origin  whose it is; without it, the operator's, or the only one there is",
	 command_unblock},
	{"list",
	 "[PREFIX] [--origin NAME] [--reason TEXT] [--ticket ID] [--kind block|throttle] [--hits N] "
	 "[--hit-within DURATION] [--started-within DURATION] [--ends-within DURATION] [--sort KEY] "
	 "[--reverse] [--addresses] [--limit N] [--offset N]",
	 "what is blocked and throttled\n\n"
	 "  PREFIX            only what is within it\n"
	 "  --reason          those whose reason holds TEXT\n"
	 "  --kind            blocks or throttles alone\n"
	 "  --hits            those with N hits and more\n"
	 "  --hit-within      those hit in the last DURATION, like 15m or 7d\n"
	 "  --started-within  those begun in it\n"
	 "  --ends-within     those that end in the next DURATION\n"
	 "  --sort            by prefix, origin, reason, ticket, start, until, hits or last_hit\n"
	 "  --reverse         the last first\n"
	 "  --addresses       a row for each address that was listed, not one for its site\n"
	 "  --limit           N rows, after leaving out --offset of them",
	 command_list},
	{"who", "ADDRESS",
	 "all that is known of a source: its site, its forms, what is done with it and why",
	 command_who},
	{"import",
	 "FILE|- [--origin NAME] [--replace] [--strict] [--force] [--format FORMAT] [--for DURATION] "
	 "[--reason TEXT] [--dry-run]",
	 "block what stands in a file\n\n"
	 "  -          standard input\n"
	 "  --origin   the set it becomes part of, 'import' if not given\n"
	 "  --replace  make that set equal to the file: what is not in the file, ends\n"
	 "  --strict   take nothing where a line is bad\n"
	 "  --force    also what a guard rail would refuse\n"
	 "  --format   auto, plain, csv, drop, drop-text, eve, crowdsec, slash64, decisions,\n"
	 "             abuseipdb or stix (auto)\n"
	 "  --for      how long, where the file does not tell\n"
	 "  --reason   why, where the file does not tell\n"
	 "  --dry-run  tell what would change, and change nothing\n\n"
	 "  slash64 import dropv6.json --origin spamhaus --replace",
	 command_import},
	{"export", "[--output FILE]",
	 "everything that is blocked, throttled, allowed and attached, as a backup\n\n"
	 "  --output  into a file, which is replaced as a whole; without it to standard output\n\n"
	 "  slash64 restore takes it back.",
	 command_export},
	{"restore", "FILE [--yes] [--strict] [--dry-run]",
	 "take back what export wrote: blocks, allowed prefixes and interfaces\n\n"
	 "  It tells what it is going to do, and asks. Nothing that is blocked now ends.\n\n"
	 "  --yes      do not ask\n"
	 "  --strict   take nothing where a line is bad\n"
	 "  --dry-run  tell what would change, and change nothing",
	 command_restore},
	{"allow", "[PREFIX [--reason TEXT]]",
	 "what is never blocked: add, or list\n\n"
	 "  Without a prefix: the list. With one: it stays open, whatever is blocked around it.",
	 command_allow},
	{"disallow", "PREFIX", "take back what was allowed", command_disallow},
	{"log", "[--since TIME] [--until TIME] [--prefix PREFIX] [--limit N]",
	 "who changed what, when, why, and from where\n\n"
	 "  --since   since when: 90m (ago), 11:00, yesterday, 2026-11-23, '2026-11-23 13:00', or ISO 8601\n"
	 "  --until   until when\n"
	 "  --prefix  what concerns a prefix: it, what is within it, and what it is within\n"
	 "  --limit   the last N",
	 command_log},
	{"top", "[--seconds N] [--limit N]",
	 "the loudest sites\n\n"
	 "  --seconds  over how long it is counted, 10 if not given\n"
	 "  --limit    how many are listed, 20 if not given",
	 command_top},
	{"policy", "show | check FILE | diff FILE", "the policy: in force, or in a file",
	 command_policy},
	{"replay",
	 "FILE [--config FILE] [--as transit|local] [--local ADDRESS] [--step all|parse|classify]",
	 "what would be done with a capture; needs no daemon", command_replay},
	{"say", "PREFIX", "a prefix as it is told over the telephone", command_say},
	{"hear", "TEXT", "a prefix as it was told: check it", command_hear},
	{"reload", "", "read the configuration again", command_reload},
	{"upgrade", "--check [--config FILE]",
	 "what starting this version of slash64d would do with what is in force\n\n"
	 "  --check   tell it, and do nothing; an upgrade is done by starting the new slash64d\n"
	 "  --config  its configuration, " CONFIG_FILE_DEFAULT " if not given",
	 command_upgrade},
	{"metrics", "", "the exposition text of the counters", command_metrics},
	{NULL, NULL, NULL, NULL},
};

int refused(const struct error *error)
{
	fflush(stdout); /* what there is, before what there is not */
	fprintf(stderr, "slash64: %s\n", error->text);
	return EXIT_REFUSED;
}

int usage_error(const struct context *context, const char *format, ...)
{
	char text[ERROR_TEXT_MAX * 2];
	struct error error;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	error_set(&error, 0, "%s", text); /* one line, whatever the words had in them */
	fprintf(stderr, "slash64: %s; see slash64 %s%s--help\n", error.text,
		context->command ? context->command->name : "", context->command ? " " : "");
	return EXIT_USAGE;
}

static void print_help(void)
{
	printf("usage: slash64 [--json] [--socket PATH] COMMAND\n\n");
	for (const struct command *c = commands; c->name; c++)
		printf("  %-9s %.*s\n", c->name, (int)strcspn(c->help, "\n"), c->help);
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

/* One option at argv[*i], its value taken with it. An exit code, or -1 to go on. */
static int take_option(struct context *context, int *i, const struct option_spec *specs)
{
	const char *word = context->argv[*i];
	bool is_long = !strncmp(word, "--", 2);

	for (const struct option_spec *s = specs; is_long && s && s->name; s++) {
		const char *value;

		if (!s->value) {
			if (!strcmp(word + 2, s->name)) {
				*s->given = true;
				return -1;
			}
			continue;
		}
		value = option_value(context, i, s->name);
		if (value) {
			*s->value = value;
			return -1;
		}
		if (!strcmp(word + 2, s->name))
			return usage_error(context, "--%s needs a value", s->name);
	}
	return usage_error(context, "%s has no option '%s'", context->command->name, word);
}

int take_options(struct context *context, const struct option_spec *specs, int words_min,
		 int words_max)
{
	bool options = true;
	int words = 0;

	for (int i = 0; i < context->argc; i++) {
		const char *word = context->argv[i];
		int code;

		if (!options || word[0] != '-' || !word[1]) {
			context->argv[words++] = context->argv[i];
			continue;
		}
		if (!strcmp(word, "--")) {
			options = false;
			continue;
		}
		if (!strcmp(word, "--help") || !strcmp(word, "-h")) {
			printf("usage: slash64 %s%s%s\n\n%s\n", context->command->name,
			       *context->command->synopsis ? " " : "", context->command->synopsis,
			       context->command->help);
			return EXIT_DONE;
		}
		code = take_option(context, &i, specs);
		if (code >= 0)
			return code;
	}
	context->argc = words;
	if (words < words_min)
		return usage_error(context, "a word is missing: slash64 %s %s",
				   context->command->name, context->command->synopsis);
	if (words > words_max)
		return usage_error(context, "'%s' is one word too many for %s",
				   context->argv[words_max], context->command->name);
	return -1;
}

/* The options of all commands may stand before and behind the command; "--" ends them. */
static int take_common(struct context *context, int argc, char **argv)
{
	bool options = true;
	int kept = 0;

	for (int i = 1; i < argc; i++) {
		options = options && strcmp(argv[i], "--");
		if (!options) {
			argv[kept++] = argv[i];
		} else if (!strcmp(argv[i], "--json")) {
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

static int run(struct context *context)
{
	const char *name = context->argv[0];

	if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) {
		print_help();
		return EXIT_DONE;
	}
	if (!strcmp(name, "--version")) {
		printf("slash64 %s\n", SLASH64_VERSION);
		return EXIT_DONE;
	}
	if (name[0] == '-')
		return usage_error(context, "there is no option '%s'", name);
	for (const struct command *c = commands; c->name; c++)
		if (!strcmp(c->name, name))
			context->command = c;
	if (!context->command)
		return usage_error(context, "there is no command '%s'", name);
	context->argc--;
	context->argv++;
	return context->command->run(context);
}

int main(int argc, char **argv)
{
	struct context context = {.socket = CONFIG_SOCKET_DEFAULT};
	int code = take_common(&context, argc, argv);

	if (code < 0)
		code = context.argc ? run(&context) : usage_error(&context, "a command is missing");
	/* A failure has said its one line, of which this may be the cause. */
	if ((fflush(stdout) || ferror(stdout)) && code == EXIT_DONE) {
		fprintf(stderr, "slash64: cannot write the output: %s\n", strerror(errno));
		return EXIT_REFUSED;
	}
	return code;
}
