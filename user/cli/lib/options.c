// SPDX-License-Identifier: GPL-2.0-only
/* Splits the arguments of a command into options, by the table, and others. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/cmd/help.h"
#include "base/text/near.h"
#include "net/prefix_typed.h"
#include "base/text/quantity.h"

int out_of_memory(void)
{
	struct error error;

	error_set(&error, 0, "out of memory; try again");
	return refused(&error);
}

const struct command_item *option_find(const struct command *command, const char *word)
{
	size_t n = strcspn(word, "=");

	for (const struct command_item *i = command->items; i && i->word; i++)
		if (i->word[0] == '-' && strlen(i->word) == n && !strncmp(i->word, word, n))
			return i;
	return NULL;
}

static int no_such_option(const struct context *context, const char *word)
{
	char typed[NEAR_TEXT_MAX], text[NEAR_TEXT_MAX];
	struct near near = {.typed = typed};

	/* the text behind "=" is not part of the name */
	snprintf(typed, sizeof(typed), "%s", word + strspn(word, "-"));
	typed[strcspn(typed, "=")] = '\0';
	for (const struct command_item *i = context->command->items; i && i->word; i++)
		if (i->word[0] == '-')
			near_try(&near, i->word + 2);
	for (const struct command_item *i = common_options; i->word; i++)
		near_try(&near, i->word + 2);
	return usage_error(context, "%s: unknown option '%s'%s", context->command->name, word,
			   near_text(&near, "--", text));
}

struct made_text {
	struct made_text *next;
	char text[];
};

const char *context_keep(struct context *context, const char *text)
{
	size_t bytes = strlen(text) + 1;
	struct made_text *made = malloc(sizeof(*made) + bytes);

	if (!made)
		return NULL;
	memcpy(made->text, text, bytes);
	made->next = *context->made;
	*context->made = made;
	return made->text;
}

void context_free(struct context *context)
{
	while (*context->made) {
		struct made_text *made = *context->made;

		*context->made = made->next;
		free(made);
	}
}

/* Converts a pasted prefix or address to the form that slash64d reads; an invalid one is left for
 * the command to refuse. NULL if out of memory.
 */
static const char *tidy_prefix(struct context *context, const char *text)
{
	struct prefix prefix, few[PREFIX_RANGE_FEW];
	enum prefix_note note;
	char form[PREFIX_TEXT_MAX];

	if (!prefix_parse_whole(text, &prefix, NULL))
		return text;
	if (prefix_typed(text, &prefix, &note)) {
		if (prefix_typed_range(text, few) != 1)
			return text;
		prefix = few[0];
		note = PREFIX_EXACT;
	}
	/* an address stays an address, not its prefix */
	if (note != PREFIX_WAS_ADDRESS)
		return context_keep(context, prefix_format(&prefix, form));
	prefix_format(&prefix, form);
	*strchr(form, '/') = '\0';
	return context_keep(context, form);
}

/* Converts a value as people write it to the form that slash64d reads, by its kind in the table. An
 * exit code, or -1.
 */
static int tidy_value(struct context *context, const struct command_item *item, const char **value)
{
	char hint[QUANTITY_HINT_MAX], digits[24];
	bool is_rate = !strcmp(item->value, "RATE");
	int64_t number;

	if (!strcmp(item->value, "PREFIX") || !strcmp(item->value, "ADDRESS")) {
		*value = tidy_prefix(context, *value);
		return *value ? -1 : out_of_memory();
	}
	if (is_rate && rate_parse(*value, &number, hint))
		return usage_error(context, "%s '%s' is not a rate: %s", item->word, *value, hint);
	if (!is_rate && (strcmp(item->value, "N") || count_parse(*value, &number)))
		return -1; /* the command checks it */
	snprintf(digits, sizeof(digits), "%" PRId64, number);
	*value = context_keep(context, digits);
	return *value ? -1 : out_of_memory();
}

/* Options that select: what is selected has all that is given, and nothing has two origins. Of other
 * options the last one counts, so that an alias can have a default.
 */
static bool selects(const struct command *command, const struct command_item *item)
{
	static const char *const names[] = {
		"--origin", "--ticket",	     "--reason", "--within",  "--prefix",    "--kind",
		"--source", "--destination", "--class",	 "--verdict", "--interface",
	};
	bool is_selecting = command->group == GROUP_LOOK || !strcmp(command->name, "unblock");

	for (size_t i = 0; is_selecting && i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(item->word, names[i]))
			return true;
	return false;
}

/* One option at argv[*i], with its value. An exit code, or -1 to go on. */
static int take_option(struct context *context, int *i, const struct option_spec *specs)
{
	const char *word = context->argv[*i];
	size_t n = strcspn(word, "=");
	const struct command_item *item = option_find(context->command, word);
	const char *before;
	int code;

	for (; item && specs && specs->name; specs++) {
		if (strcmp(item->word + 2, specs->name))
			continue;
		if (!item->value && word[n])
			return usage_error(context, "--%s takes no value", specs->name);
		if (!item->value) {
			*specs->given = true;
			return -1;
		}
		if (!word[n] && *i + 1 == context->argc)
			return usage_error(context, "--%s needs a value", specs->name);
		before = *specs->value;
		*specs->value = word[n] ? word + n + 1 : context->argv[++*i];
		code = tidy_value(context, item, specs->value);
		if (code < 0 && before && strcmp(before, *specs->value) &&
		    selects(context->command, item))
			return usage_error(context, "--%s is given twice: '%.64s' and '%.64s'",
					   specs->name, before, *specs->value);
		return code;
	}
	return no_such_option(context, word);
}

/* The remaining arguments, if the table says that they are prefixes or addresses. */
static int tidy_words(struct context *context)
{
	const struct command_item *i = context->command->items;
	bool is_prefix = false;

	for (int word = 0; word < context->argc; word++) {
		/* the last one stands for all that follow */
		while (i && i->word && i->word[0] == '-')
			i++;
		if (i && i->word)
			is_prefix = !strcmp(i->word, "PREFIX") || !strcmp(i->word, "ADDRESS");
		if (is_prefix)
			context->argv[word] = (char *)tidy_prefix(context, context->argv[word]);
		if (!context->argv[word])
			return out_of_memory();
		if (i && i->word)
			i++;
	}
	return -1;
}

/* A prefix where a command takes one by an option is not lost on it. */
static int unexpected(const struct context *context, const char *word)
{
	const struct command_item *i = context->command->items;
	enum prefix_note note;
	struct prefix prefix;

	if (!prefix_typed(word, &prefix, &note))
		for (; i && i->word; i++)
			if (i->word[0] == '-' && i->value && !strcmp(i->value, "PREFIX"))
				return usage_error(
					context,
					"%s: unexpected argument '%s' (did you mean '%s %s'?)",
					context->command->name, word, i->word, word);
	return usage_error(context, "%s: unexpected argument '%s'", context->command->name, word);
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
			help_print(context, context->command);
			return EXIT_DONE;
		}
		code = take_option(context, &i, specs);
		if (code >= 0)
			return code;
	}
	context->argc = words;
	if (words < words_min)
		return usage_error(context, "missing argument: slash64 %s %s",
				   context->command->name, context->command->synopsis);
	if (words > words_max)
		return unexpected(context, context->argv[words_max]);
	return tidy_words(context);
}
