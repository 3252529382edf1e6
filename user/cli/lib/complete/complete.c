// SPDX-License-Identifier: GPL-2.0-only
#include "complete.h"

#include <stdio.h>
#include <string.h>

#include "base/text/language.h"

/* What stands before the cursor. */
struct line {
	const struct command *command;
	const struct command_item *pending; /* an option that waits for its value */
	bool unknown, ended;		    /* `ended`: "--" was there */
	const char *socket;
	int words; /* arguments */
	char **word;
};

static const struct command_item *item_of(const struct command *command, const char *word)
{
	size_t n = strcspn(word, "=");
	const struct command_item *item = command ? option_find(command, word) : NULL;

	for (const struct command_item *i = common_options; !item && i->word; i++)
		if (strlen(i->word) == n && !strncmp(i->word, word, n))
			item = i;
	return item;
}

/* Of another router nothing is asked: that would take a login. */
static void take_value(struct line *line, const struct command_item *item, const char *value)
{
	if (!strcmp(item->word, "--socket"))
		line->socket = value;
	if (!strcmp(item->word, "--host") || !strcmp(item->word, "--hosts"))
		line->socket = NULL;
}

static void take_option(struct line *line, const char *word)
{
	const struct command_item *item = item_of(line->command, word);
	const char *value = strchr(word, '=');

	if (item && item->value && value)
		take_value(line, item, value + 1);
	else if (item && item->value)
		line->pending = item;
}

static void take_word(struct line *line, char *word)
{
	if (line->pending) {
		take_value(line, line->pending, word);
		line->pending = NULL;
	} else if (!line->ended && !strcmp(word, "--")) {
		line->ended = true;
	} else if (!line->ended && word[0] == '-' && word[1]) {
		take_option(line, word);
	} else if (!line->command) {
		line->command = command_find(word);
		line->unknown |= !line->command;
	} else {
		line->word[line->words++] = word; /* in place: behind it is read already */
	}
}

/* "--version" is no option of a command. */
static void put_options(const struct line *line, struct candidates *candidates)
{
	const struct command_item *i = line->command ? line->command->items : NULL;

	for (; i && i->word; i++)
		if (i->word[0] == '-')
			candidates_put(candidates, i->word, _(i->text));
	for (i = common_options; i->word; i++)
		if (!line->command || strcmp(i->word, "--version"))
			candidates_put(candidates, i->word, _(i->text));
}

static bool is_literal(const struct command_item *item)
{
	return item->word[0] >= 'a' && item->word[0] <= 'z';
}

/* An argument: a literal word, the value of the literal before it, or what the table says. The last one
 * stands for all that follow if the synopsis has "...".
 */
static void put_argument(const struct line *line, const struct complete_values *values)
{
	const struct command_item *last = NULL;
	int n = 0;

	for (const struct command_item *i = line->command->items; i && i->word; i++) {
		if (i->word[0] == '-')
			continue;
		if (is_literal(i)) {
			if (!line->words)
				candidates_put(values->candidates, i->word, _(i->text));
			else if (line->words == 1 && !strcmp(i->word, line->word[0]) && i->value)
				complete_values(values, i);
			continue;
		}
		last = i;
		if (n++ == line->words)
			complete_values(values, i);
	}
	if (last && n <= line->words && strstr(line->command->synopsis, "..."))
		complete_values(values, last);
}

void complete(const char *socket, int count, char **words)
{
	struct line line = {.socket = socket, .word = words};
	const char *current = count ? words[count - 1] : "", *value = strchr(current, '=');
	struct candidates candidates = {.before = "", .typed = current, .put = json_object()};
	struct complete_values values = {.candidates = &candidates};
	char before[128];

	for (int i = 0; i + 1 < count; i++)
		take_word(&line, words[i]);
	values.socket = line.socket;
	values.command = line.command;
	/* what was given is not given again */
	for (int i = 0; i < line.words; i++)
		json_object_set_new(candidates.put, line.word[i], json_true());
	if (line.pending) {
		complete_values(&values, line.pending);
	} else if (!line.ended && current[0] == '-' && value && item_of(line.command, current)) {
		snprintf(before, sizeof(before), "%.*s", (int)(value + 1 - current), current);
		candidates.before = before;
		candidates.typed = value + 1;
		complete_values(&values, item_of(line.command, current));
	} else if (!line.ended && current[0] == '-') {
		put_options(&line, &candidates);
	} else if (line.command) {
		put_argument(&line, &values);
	} else if (!line.unknown) {
		for (const struct command *c = commands; c->name; c++)
			candidates_put(&candidates, c->name, _(c->summary));
	}
	json_decref(candidates.put);
}
