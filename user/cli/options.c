// SPDX-License-Identifier: GPL-2.0-only
/* The words of a command: which are options of it, by the table, and which are left. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "help.h"
#include "near.h"

static const struct command_item *item_find(const struct command_item *items, const char *word, size_t n)
{
	for (; items && items->word; items++)
		if (strlen(items->word) == n && !strncmp(items->word, word, n))
			return items;
	return NULL;
}

static int no_such_option(const struct context *context, const char *word)
{
	char typed[NEAR_TEXT_MAX], text[NEAR_TEXT_MAX];
	struct near near = {.typed = typed};

	/* what stands behind "=" is no part of the name */
	snprintf(typed, sizeof(typed), "%s", word + strspn(word, "-"));
	typed[strcspn(typed, "=")] = '\0';
	for (const struct command_item *i = context->command->items; i && i->word; i++)
		if (i->word[0] == '-')
			near_try(&near, i->word + 2);
	for (const struct command_item *i = common_options; i->word; i++)
		near_try(&near, i->word + 2);
	return usage_error(context, "%s has no option '%s'%s", context->command->name, word,
			   near_text(&near, "--", text));
}

/* One option at argv[*i], its value taken with it. An exit code, or -1 to go on. */
static int take_option(struct context *context, int *i, const struct option_spec *specs)
{
	const char *word = context->argv[*i];
	size_t n = strcspn(word, "=");
	const struct command_item *item = item_find(context->command->items, word, n);

	for (; item && specs && specs->name; specs++) {
		if (strcmp(item->word + 2, specs->name))
			continue;
		if (!item->value && word[n])
			return usage_error(context, "--%s takes no value", specs->name);
		if (!item->value)
			*specs->given = true;
		else if (word[n])
			*specs->value = word + n + 1;
		else if (*i + 1 < context->argc)
			*specs->value = context->argv[++*i];
		else
			return usage_error(context, "--%s needs a value", specs->name);
		return -1;
	}
	return no_such_option(context, word);
}

int take_options(struct context *context, const struct option_spec *specs, int words_min, int words_max)
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
		return usage_error(context, "a word is missing: slash64 %s %s", context->command->name,
				   context->command->synopsis);
	if (words > words_max)
		return usage_error(context, "'%s' is one word too many for %s", context->argv[words_max],
				   context->command->name);
	return -1;
}
