// SPDX-License-Identifier: GPL-2.0-only
/* FROM-TO where a prefix is taken: the few prefixes that make it up, one after the other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "prefix_typed.h"

/* Where the first word stands that is neither an option nor the value of one, or -1. */
static int first_word(const struct context *context)
{
	for (int i = 0; i < context->argc; i++) {
		const char *word = context->argv[i];
		const struct command_item *item = option_find(context->command, word);

		if (!strcmp(word, "--"))
			return i + 1 < context->argc ? i + 1 : -1;
		if (word[0] != '-')
			return i;
		i += item && item->value && !strchr(word, '=');
	}
	return -1;
}

static bool takes_prefix(const struct command *command)
{
	return command->group == GROUP_ACT && command->items && !strcmp(command->items->word, "PREFIX");
}

/* With one of the prefixes in the place of the range. The words are the command's, to take apart. */
static int run_one(const struct context *context, int at, const struct prefix *prefix)
{
	char **words = calloc(context->argc + 1, sizeof(*words));
	char text[PREFIX_TEXT_MAX];
	struct context one = *context;
	struct error error;
	int code;

	if (!words) {
		error_set(&error, 0, "out of memory; try again");
		return refused(&error);
	}
	memcpy(words, context->argv, context->argc * sizeof(*words));
	words[at] = (char *)prefix_format(prefix, text);
	one.argv = words;
	code = context->command->run(&one);
	free(words);
	return code;
}

int run_command(struct context *context)
{
	struct prefix few[PREFIX_RANGE_FEW];
	int at = takes_prefix(context->command) ? first_word(context) : -1;
	size_t count = at >= 0 ? prefix_typed_range(context->argv[at], few) : 0;
	struct error error;

	if (count < 2 || count > PREFIX_RANGE_FEW)
		return context->command->run(context);
	for (size_t i = 0; i < count; i++) {
		int code = run_one(context, at, &few[i]);

		if (code == EXIT_DONE)
			continue;
		if (code == EXIT_REFUSED && i) {
			error_set(&error, 0, "of the %zu prefixes of the range, %zu were done before that", count, i);
			refused(&error);
		}
		return code;
	}
	return EXIT_DONE;
}
