// SPDX-License-Identifier: GPL-2.0-only
/* slash64: the command line of slash64d, and commands that need no daemon. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "config/config.h"
#include "cli/cmd/help.h"
#include "cli/lib/fleet/hosts_command.h"
#include "cli/lib/fleet/remote.h"
#include "base/text/near.h"
#include "net/prefix.h"
#include "cli/lib/output/print.h"
#include "cli/lib/output/terminal.h"
#include "base/text/when.h"
#include "base/text/language.h"
#include "cli/lib/output/said.h"

int refused(const struct error *error)
{
	char text[PRINT_TEXT_MAX];

	fflush(stdout); /* known words before unknown ones */
	if (terminal_pager_left())
		return EXIT_DONE;
	fprintf(stderr, "slash64: %s\n", print_local(error->text, text));
	return EXIT_REFUSED;
}

int usage_error(const struct context *context, const char *format, ...)
{
	char text[ERROR_TEXT_MAX * 2], translated[SAID_MAX];
	struct error error;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	error_set(&error, 0, "%s", text); /* one line, whatever the arguments contained */
	fprintf(stderr, _("slash64: %s; see slash64 %s%s--help\n"), said(error.text, translated),
		context->command ? context->command->name : "", context->command ? " " : "");
	return EXIT_USAGE;
}

/* "dis" may be the beginning of disallow, a synonym of unallow, or of disable, one of detach. */
static void try_synonyms(struct near *near, const struct command *command)
{
	const char *word = command->also;

	for (size_t n; word += strspn(word, " "), (n = strcspn(word, " ")); word += n)
		near_try_synonym(near, word, n, command->name);
}

int no_such_command(const struct context *context, const char *name)
{
	struct near near = {.typed = name};
	char text[NEAR_TEXT_MAX], word[NEAR_TEXT_MAX];
	struct prefix prefix;

	snprintf(word, sizeof(word), " %.64s ", name);
	for (const struct command *c = commands; c->name; c++)
		if (strcasestr(c->also, word))
			return usage_error(context, "unknown command '%s' (did you mean '%s'?)",
					   name, c->name);
	if (!prefix_parse_whole(name, &prefix, NULL))
		return usage_error(context,
				   "unknown command '%s': the command comes first, as "
				   "in slash64 lookup ADDRESS",
				   name);
	for (const struct command *c = commands; c->name; c++)
		near_try(&near, c->name);
	for (const struct command *c = commands; c->name; c++)
		try_synonyms(&near, c);
	return usage_error(context, "unknown command '%s'%s", name, near_text(&near, "", text));
}

/* The value of --NAME VALUE or --NAME=VALUE at argv[*i], or NULL for another word; *missing if
 * there is no value.
 */
static const char *common_value(int argc, char **argv, int *i, const char *name, bool *missing)
{
	size_t n = strlen(name);

	if (strncmp(argv[*i], name, n))
		return NULL;
	if (argv[*i][n] == '=')
		return argv[*i] + n + 1;
	if (argv[*i][n])
		return NULL;
	*missing = *i + 1 == argc;
	return *missing ? NULL : argv[++*i];
}

/* The global options that have a value. */
struct common_value {
	const char *name, **value;
};

/* Takes argv[*i] if it is one of them. An exit code; -1 if it was taken, -2 if not. */
static int take_common_value(const struct context *context, int argc, char **argv, int *i,
			     const struct common_value *values)
{
	bool missing = false;

	for (; values->name; values++) {
		const char *value = common_value(argc, argv, i, values->name, &missing);

		if (missing)
			return usage_error(context, "%s needs a value", argv[*i]);
		if (value) {
			*values->value = value;
			return -1;
		}
	}
	return -2;
}

/* The global options may be before and behind the command; "--" ends them. */
static int take_common(struct context *context, int argc, char **argv)
{
	const struct common_value values[] = {
		{"--socket", &context->remote_socket},
		{"--color", &context->color},
		{"--host", &context->host},
		{"--hosts", &context->hosts},
		{"--parallel", &context->parallel},
		{"--timeout", &context->timeout},
		{NULL, NULL},
	};
	bool options = true;
	int kept = 0, code;

	for (int i = 1; i < argc; i++) {
		options = options && strcmp(argv[i], "--");
		if (!options)
			argv[kept++] = argv[i];
		else if (!strcmp(argv[i], "--json"))
			context->json = true;
		else if (!strcmp(argv[i], "--no-pager"))
			context->no_pager = true;
		else if ((code = take_common_value(context, argc, argv, &i, values)) >= 0)
			return code;
		else if (code == -2)
			argv[kept++] = argv[i];
	}
	context->argc = kept;
	if (context->json)
		language_english();
	context->argv = argv;
	if (context->remote_socket)
		context->socket = context->remote_socket;
	if (!terminal_init(context->color ? context->color : "auto"))
		return usage_error(context, "--color '%s' must be auto, always or never",
				   context->color);
	return -1;
}

/* Does the command run elsewhere? An exit code, or -1 to go on here. */
static int run_elsewhere(struct context *context)
{
	struct error error;

	if (!context->hosts && (context->parallel || context->timeout))
		return usage_error(context, "%s belongs to --hosts",
				   context->parallel ? "--parallel" : "--timeout");
	if (!context->host && !context->hosts)
		return -1;
	if (context->host && context->hosts)
		return usage_error(context, "--host or --hosts, not both");
	if (!context->argc)
		return usage_error(context, "missing command");
	if (context->hosts)
		return hosts_command(context);
	if (remote_check(context->host, &error))
		return usage_error(context, "%s", error.text);
	return remote_exec(context);
}

static int no_such_option(const struct context *context, const char *name)
{
	char typed[NEAR_TEXT_MAX], text[NEAR_TEXT_MAX];
	struct near near = {.typed = typed};

	snprintf(typed, sizeof(typed), "%s", name + strspn(name, "-"));
	for (const struct command_item *i = common_options; i->word; i++)
		near_try(&near, i->word + 2);
	return usage_error(context, "unknown option '%s'%s", name, near_text(&near, "--", text));
}

static int run(struct context *context)
{
	const char *name = context->argv[0];

	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		name = "help";
	if (!strcmp(name, "--version")) {
		printf("slash64 %s\n", SLASH64_VERSION);
		return EXIT_DONE;
	}
	if (name[0] == '-')
		return no_such_option(context, name);
	context->command = command_find(name);
	if (!context->command)
		return no_such_command(context, name);
	context->argc--;
	context->argv++;
	if (!context->json && !when_zone_is_known())
		fprintf(stderr,
			_("slash64: TZ '%.64s': unknown time zone (is tzdata "
			  "installed?); times are in UTC\n"),
			getenv("TZ"));
	return context->command->run(context);
}

/* A standard stream that is closed must not become a socket or a file of ours, which would get what
 * is printed. Reading or writing it fails, as it would have.
 */
static void occupy_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
	struct made_text *made = NULL;
	struct context context = {.socket = CONFIG_SOCKET_DEFAULT, .made = &made};
	int code;

	occupy_standard_streams();
	language_init();
	code = take_common(&context, argc, argv);
	if (code < 0)
		code = run_elsewhere(&context);
	if (code < 0)
		code = context.argc ? run(&context) : usage_error(&context, "missing command");
	context_free(&context);
	/* A failure has printed its one line, and may have caused this. */
	if ((fflush(stdout) || ferror(stdout)) && code == EXIT_DONE && !terminal_pager_left()) {
		fprintf(stderr, _("slash64: cannot write the output: %s\n"), strerror(errno));
		return EXIT_REFUSED;
	}
	return code;
}
