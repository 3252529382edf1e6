// SPDX-License-Identifier: GPL-2.0-only
/* The values of options and arguments, by their kind in the table of commands. */
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "base/text/language.h"
#include "complete.h"
#include "policy/names.h"

void candidates_put(struct candidates *candidates, const char *word, const char *text)
{
	if (strncmp(word, candidates->typed, strlen(candidates->typed)) ||
	    json_object_get(candidates->put, word))
		return;
	json_object_set_new(candidates->put, word, json_true());
	printf("%s%s\t%s\n", candidates->before, word, text ? text : "");
}

static void put_choices(struct candidates *candidates, const char *choices)
{
	char word[64];

	for (size_t n; *choices; choices += n + (choices[n] == '|')) {
		n = strcspn(choices, "|");
		snprintf(word, sizeof(word), "%.*s", (int)n, choices);
		candidates_put(candidates, word, NULL);
	}
}

static void put_classes(const struct complete_values *values)
{
	for (int i = 0; i < S64_CLASS_COUNT; i++)
		candidates_put(values->candidates, class_info(i)->name, class_info(i)->description);
}

static void put_reasons(const struct complete_values *values)
{
	for (int i = 0; i < S64_REASON_COUNT; i++)
		candidates_put(values->candidates, reason_name(i), reason_description(i));
}

static void put_commands(const struct complete_values *values)
{
	for (const struct command *c = commands; c->name; c++)
		candidates_put(values->candidates, c->name, _(c->summary));
}

static void put_durations(const struct complete_values *values)
{
	put_choices(values->candidates, "15m|1h|6h|1d|7d");
}

static void put_times(const struct complete_values *values)
{
	put_choices(values->candidates, "1h|today|yesterday");
}

static void put_files(const struct complete_values *values)
{
	(void)values;
	puts(COMPLETE_FILES);
}

static void put_hosts(const struct complete_values *values)
{
	(void)values;
	puts(COMPLETE_HOSTS);
}

/* Of commands that are about interfaces which slash64d need not filter. */
static bool takes_any_interface(const struct command *command)
{
	return command && (!strcmp(command->name, "attach") || !strcmp(command->name, "init") ||
			   !strcmp(command->name, "doctor"));
}

/* Those that slash64d filters, or, if it cannot be asked, all. */
static void put_interfaces(const struct complete_values *values)
{
	struct if_nameindex *all = if_nameindex();

	if (!takes_any_interface(values->command))
		complete_live(values, LIVE_INTERFACES);
	if (!json_object_size(values->candidates->put))
		for (struct if_nameindex *one = all; one && one->if_index; one++)
			candidates_put(values->candidates, one->if_name, NULL);
	if_freenameindex(all);
}

/* What is blocked, and for what is about to be, who is loud. */
static void put_prefixes(const struct complete_values *values)
{
	const char *name = values->command ? values->command->name : "";
	bool acts = !strcmp(name, "block") || !strcmp(name, "throttle") || !strcmp(name, "allow");

	if (!strcmp(name, "unallow"))
		complete_live(values, LIVE_ALLOWED);
	else if (acts || !strcmp(name, "lookup") || !strcmp(name, "report"))
		complete_live(values, LIVE_LOUD);
	if (!acts && strcmp(name, "unallow") && strcmp(name, "replay"))
		complete_live(values, LIVE_BLOCKS);
}

static const struct kind {
	const char *name;
	void (*put)(const struct complete_values *values);
} kinds[] = {
	{"CLASS", put_classes},	     {"REASON", put_reasons},  {"COMMAND", put_commands},
	{"DURATION", put_durations}, {"TIME", put_times},      {"FILE", put_files},
	{"PATH", put_files},	     {"DIRECTORY", put_files}, {"HOST", put_hosts},
	{"IFACE", put_interfaces},   {"PREFIX", put_prefixes}, {"ADDRESS", put_prefixes},
};

/* Options and arguments whose kind does not say enough. */
static bool put_special(const struct complete_values *values, const struct command_item *item)
{
	if (!strcmp(item->word, "--ticket"))
		complete_live(values, LIVE_TICKETS);
	else if (!strcmp(item->word, "--origin"))
		complete_live(values, LIVE_ORIGINS);
	else if (!strcmp(item->word, "ID"))
		complete_live(values, LIVE_PROPOSALS);
	else if (!strcmp(item->word, "--source"))
		complete_live(values, LIVE_LOUD);
	else if (!strcmp(item->word, "--destination"))
		complete_live(values, LIVE_LOUD_TO);
	else
		return false;
	return true;
}

void complete_values(const struct complete_values *values, const struct command_item *item)
{
	const char *name = item->value ? item->value : item->word;

	if (put_special(values, item))
		return;
	if (item->choices)
		put_choices(values->candidates, item->choices);
	for (size_t i = 0; !item->choices && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].name, name))
			kinds[i].put(values);
}
