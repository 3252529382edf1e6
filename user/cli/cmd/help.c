// SPDX-License-Identifier: GPL-2.0-only
#include "help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lib/complete/complete.h"
#include "cli/lib/output/print.h"
#include "cli/lib/output/terminal.h"
#include "cli/lib/output/wrap.h"
#include "policy/names.h"
#include "base/text/language.h"

#define WIDTH_DEFAULT 80
#define WIDTH_MAX     100 /* longer lines are hard to read */
#define LABEL_MAX     64
#define LABEL_WIDE    25 /* a longer label has a line of its own */
#define USAGE_INDENT  8
#define TIED	      '\x1f' /* a blank where no line may be broken */

/* A text, broken at blanks: the first line starts at column `at`, the others at `indent`. */
static void print_wrapped(const char *text, int at, int indent)
{
	int width = terminal_width() ? terminal_width() : WIDTH_DEFAULT;

	if (width > WIDTH_MAX)
		width = WIDTH_MAX;
	for (bool begins = true, blank = false; *text; begins = false) {
		int columns, n = wrap_next(text, &columns);

		if (!begins && at + blank + columns > width) {
			printf("\n%*s", indent, "");
			at = indent;
		} else if (blank) {
			putchar(' ');
			at++;
		}
		at += columns;
		for (; n > 0; n--, text++)
			putchar(*text == TIED ? ' ' : *text);
		blank = *text == ' ';
		text += blank;
	}
	putchar('\n');
}

/* "--for DURATION" */
static const char *label_of(const struct command_item *item, char between, char buf[LABEL_MAX])
{
	if (item->value)
		snprintf(buf, LABEL_MAX, "%s%c%s", item->word, between, item->value);
	else
		snprintf(buf, LABEL_MAX, "%s", item->word);
	return buf;
}

static void print_items(const struct command_item *items)
{
	char label[LABEL_MAX];
	int wide = 0;

	for (const struct command_item *i = items; i->word; i++) {
		int n = strlen(label_of(i, ' ', label));

		if (n > wide && n <= LABEL_WIDE)
			wide = n;
	}
	for (const struct command_item *i = items; i->word; i++) {
		int n = strlen(label_of(i, ' ', label));

		if (n > wide)
			printf("  %s\n%*s", label, wide + 4, "");
		else
			printf("  %-*s  ", wide, label);
		print_wrapped(_(i->text), wide + 4, wide + 4);
	}
}

static bool is_required(const struct command *command, const struct command_item *item)
{
	return strstr(command->synopsis, item->word);
}

static void print_usage(const struct command *command)
{
	char text[2048];
	size_t n = snprintf(text, sizeof(text), _("usage: slash64 %s%s%s"), command->name,
			    *command->synopsis ? " " : "", command->synopsis);

	for (const struct command_item *i = command->items; i && i->word; i++) {
		char label[LABEL_MAX];

		if (i->word[0] == '-' && !is_required(command, i))
			n += snprintf(text + n, sizeof(text) - n, " [%s]",
				      label_of(i, TIED, label));
	}
	print_wrapped(text, 0, USAGE_INDENT);
}

static void print_lines(const char *text)
{
	for (size_t n; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		printf("  %.*s\n", (int)n, text);
	}
}

void help_print(const struct context *context, const struct command *command)
{
	bool only;

	terminal_page(context);
	print_usage(command);
	putchar('\n');
	print_wrapped(_(command->summary), 0, 0);
	if (command->text)
		print_wrapped(_(command->text), 0, 0);
	if (command->items) {
		putchar('\n');
		print_items(command->items);
	}
	printf(_("\nExample:\n"));
	print_lines(command->example);
	printf(_("\nExit status:\n  0  done\n"));
	only = command->exits && !strncmp(command->exits, "only ", strlen("only "));
	if (!only)
		printf(_(
			"  1  refused or failed: one line on standard error says what, and what to do\n"));
	if (command->exits) {
		printf(only ? "  1  " : "     ");
		print_wrapped(_(command->exits), 5, 5);
	}
	printf(_("  2  usage error\n"));
}

void help_print_all(const struct context *context)
{
	int wide = 0;

	terminal_page(context);
	for (const struct command *c = commands; c->name; c++)
		if ((int)strlen(c->name) > wide)
			wide = strlen(c->name);
	printf(_("usage: slash64 [OPTION]... COMMAND ...\n"));
	for (int group = 0; group < GROUP_COUNT; group++) {
		printf("\n%s:\n", _(command_groups[group]));
		for (const struct command *c = commands; c->name; c++) {
			if ((int)c->group != group)
				continue;
			printf("  %-*s  ", wide, c->name);
			print_wrapped(_(c->summary), wide + 4, wide + 4);
		}
	}
	printf(_("\nOptions of every command:\n"));
	print_items(common_options);
	printf(_("\n'slash64 help COMMAND' explains a command; see slash64(8).\n"));
}

/* --- for the shell's completion, and for the tests that compare documents with the table --- */

static json_t *item_json(const struct command_item *item)
{
	return json_pack("{s:s, s:s?, s:s?, s:s}", "word", item->word, "value", item->value,
			 "choices", item->choices, "text", item->text);
}

static void print_command_json(const struct command *c)
{
	json_t *items = json_array(), *object;

	for (const struct command_item *i = c->items; i && i->word; i++)
		json_array_append_new(items, item_json(i));
	object = json_pack("{s:s, s:s, s:s, s:s, s:o, s:s}", "command", c->name, "group",
			   command_groups[c->group], "words", c->synopsis, "summary", c->summary,
			   "items", items, "example", c->example);
	print_json(object);
	json_decref(object);
}

static int print_table_json(void)
{
	for (const struct command *c = commands; c->name; c++)
		print_command_json(c);
	return EXIT_DONE;
}

/* A word per line; an option that takes a value ends with "=". */
static void print_words(const struct command_item *items)
{
	for (; items && items->word; items++)
		printf("%s%s\n", items->word, items->word[0] == '-' && items->value ? "=" : "");
}

/* The names that the datapath has for a kind of value. False if it has none. */
static bool print_names(const char *kind)
{
	bool classes = !strcmp(kind, "CLASS"), reasons = !strcmp(kind, "REASON");

	for (int i = 0; classes && i < S64_CLASS_COUNT; i++)
		puts(class_info(i)->name);
	for (int i = 0; reasons && i < S64_REASON_COUNT; i++)
		puts(reason_name(i));
	return classes || reasons;
}

/* The values of an option: its choices, or the kind of value. */
static void print_values(const struct command_item *items, const char *option)
{
	for (; items && items->word; items++)
		if (!strcmp(items->word, option) && items->value && !print_names(items->value)) {
			const char *text = items->choices ? items->choices : items->value;

			for (; *text; putchar(*text == '|' ? '\n' : *text), text++)
				;
			putchar('\n');
		}
}

/* help --words [COMMAND [--OPTION]] */
static int print_for_shell(int argc, char **argv)
{
	const struct command *command = argc ? command_find(argv[0]) : NULL;

	if (!argc)
		for (const struct command *c = commands; c->name; c++)
			puts(c->name);
	else if (argc == 1 && command)
		print_words(command->items);
	else if (argc > 1 && command)
		print_values(command->items, argv[1]);
	if (argc == 2)
		print_values(common_options, argv[1]);
	else
		print_words(common_options);
	return EXIT_DONE;
}

/* help --complete [--line LINE | -- WORD...]: user/cli/lib/complete */
static int print_completions(const struct context *context, int argc, char **argv)
{
	char **words;
	int count;

	if (argc && !strcmp(argv[0], "--"))
		complete(context->socket, argc - 1, argv + 1);
	if (argc != 3 || strcmp(argv[0], "--line"))
		return EXIT_DONE;
	words = complete_split(argv[2], &count);
	if (words && count > 1)
		complete(context->socket, count - 1, words + 1);
	free(words);
	return EXIT_DONE;
}

int command_help(struct context *context)
{
	const struct command *command;
	int code;

	if (context->argc && !strcmp(context->argv[0], "--complete"))
		return print_completions(context, context->argc - 1, context->argv + 1);
	if (context->argc && !strcmp(context->argv[0], "--words"))
		return print_for_shell(context->argc - 1, context->argv + 1);
	code = take_options(context, NULL, 0, 1);
	if (code >= 0)
		return code;
	if (!context->argc) {
		if (context->json)
			return print_table_json();
		help_print_all(context);
		return EXIT_DONE;
	}
	command = command_find(context->argv[0]);
	/* of an unknown command: the list of all commands says more */
	context->command = command;
	if (!command)
		return no_such_command(context, context->argv[0]);
	if (context->json)
		print_command_json(command);
	else
		help_print(context, command);
	return EXIT_DONE;
}
