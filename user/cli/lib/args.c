// SPDX-License-Identifier: GPL-2.0-only
#include "args.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client.h"
#include "config/config.h"
#include "base/text/duration.h"
#include "base/text/near.h"
#include "net/limits.h"
#include "net/prefix_typed.h"
#include "base/text/language.h"

#define DIGITS		  "0123456789"
#define NUMBER_DIGITS_MAX 12
#define CHOICES_TEXT_MAX  256

int words_prefix(const struct context *context, const char *text)
{
	char hint[PREFIX_HINT_MAX];
	struct prefix prefix;

	if (!text || !prefix_parse(text, &prefix, NULL))
		return -1;
	for (const struct command_item *i = context->command->items; i && i->word; i++)
		if (!strncmp(i->word, "--", 2) && !strcmp(i->word + 2, text))
			return usage_error(context, "'%s' is not a prefix (did you mean '--%s'?)",
					   text, text);
	return usage_error(context, "'%s' is not a prefix: %s", text,
			   prefix_typed_hint(text, "'slash64 import -'", hint));
}

static int add_range(const struct prefix *few, size_t count, json_t *list)
{
	char text[PREFIX_TEXT_MAX];
	int err = 0;

	for (size_t i = 0; i < count; i++)
		err |= json_array_append_new(list, json_string(prefix_format(&few[i], text)));
	return err;
}

/* An exit code, or -1. */
static int add_word(const struct context *context, const char *word, json_t *list)
{
	struct prefix few[PREFIX_RANGE_FEW];
	size_t count = prefix_typed_range(word, few);
	int code = -1, err;

	if (count > 1 && count <= PREFIX_RANGE_FEW) {
		err = add_range(few, count, list);
	} else {
		code = words_prefix(context, word);
		err = code < 0 ? json_array_append_new(list, json_string(word)) : 0;
	}
	return err ? out_of_memory() : code;
}

int words_prefixes(const struct context *context, json_t **out)
{
	json_t *list = json_array();
	int code = list ? -1 : out_of_memory();

	for (int i = 0; i < context->argc && code < 0; i++)
		code = add_word(context, context->argv[i], list);
	if (code < 0 && json_array_size(list) > PREFIXES_FEW)
		code = usage_error(
			context,
			"%zu prefixes, at most %d per command: 'slash64 import -' reads a list",
			json_array_size(list), PREFIXES_FEW);
	if (code < 0)
		*out = list;
	else
		json_decref(list);
	return code;
}

void prefixes_add(json_t *body, json_t *list)
{
	if (json_array_size(list) == 1)
		json_object_set(body, "prefix", json_array_get(list, 0));
	else
		json_object_set(body, "prefixes", list);
	json_decref(list);
}

char *prefixes_add_query(char *path, json_t *list)
{
	char text[PREFIXES_FEW * PREFIX_TEXT_MAX] = "";
	json_t *item;
	size_t i, n = 0;

	json_array_foreach (list, i, item)
		n += snprintf(text + n, sizeof(text) - n, "%s%s", i ? "," : "",
			      json_string_value(item));
	path = client_path_add(path, json_array_size(list) == 1 ? "prefix" : "prefixes", text);
	json_decref(list);
	return path;
}

int words_address(const struct context *context, const char *text)
{
	char hint[PREFIX_HINT_MAX];
	enum prefix_note note;
	struct prefix prefix;

	if (!text || (!prefix_parse_whole(text, &prefix, &note) && note == PREFIX_WAS_ADDRESS))
		return -1;
	if (!prefix_parse_whole(text, &prefix, &note))
		return usage_error(context,
				   "'%s' is a prefix, not an address: write an address "
				   "in it; 'slash64 list %s' shows what is blocked in it",
				   text, text);
	prefix_typed_hint(text, "'slash64 import -'", hint);
	return usage_error(context, "'%s' is not an address: %s", text,
			   strncmp(hint, "write it like", 13) ?
				   hint :
				   "write it like 2001:db8:0:1::66, or like 198.51.100.7");
}

int words_duration(const struct context *context, const char *option, const char *text, int64_t *ms)
{
	int err = text ? duration_parse(text, ms) : 0;

	if (err == -ERANGE)
		return usage_error(context, "--%s '%s' is longer than ten years: leave it out",
				   option, text);
	if (err)
		return usage_error(context, "--%s '%s' is not a duration: %s", option, text,
				   duration_hint(text));
	return -1;
}

int words_time(const struct context *context, const char *option, const char *text,
	       int64_t reference_us, enum when_side side, int64_t *us)
{
	static const char *const days[] = {"now", "today", "yesterday", "tomorrow"};
	char hint[WHEN_HINT_MAX], meant[NEAR_TEXT_MAX];
	struct near near = {.typed = text};

	if (!text || !when_parse(text, reference_us, side, us, hint))
		return -1;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++)
		near_try(&near, days[i]);
	return usage_error(context, "--%s '%s' is not a time%s: %s", option, text,
			   near_text(&near, "", meant), hint);
}

int words_whole(const struct context *context, const char *option, const char *text, int64_t min,
		int64_t *value)
{
	size_t n = text ? strspn(text, DIGITS) : 0;
	int64_t number;

	if (!text)
		return -1;
	if (n > NUMBER_DIGITS_MAX && !text[n])
		return usage_error(context, "--%s '%.64s' is too large", option, text);
	number = n && !text[n] ? strtoll(text, NULL, 10) : -1;
	if (number < min)
		return usage_error(context, "--%s '%s' is not a whole number%s", option, text,
				   min ? _(" above 0") : "");
	*value = number;
	return -1;
}

int words_at_most(const struct context *context, const char *option, const char *text,
		  int64_t value, int64_t max)
{
	if (!text || value <= max)
		return -1;
	return usage_error(context, "--%s '%s' is too large: at most %" PRId64, option, text, max);
}

int words_choice(const struct context *context, const char *option, const char *text,
		 const char *const *choices)
{
	char list[CHOICES_TEXT_MAX] = "", meant[NEAR_TEXT_MAX];
	struct near near = {.typed = text};
	size_t n = 0;

	for (int i = 0; choices[i]; i++) {
		if (!text || !strcmp(text, choices[i]))
			return -1;
		near_try(&near, choices[i]);
		n += snprintf(list + n, sizeof(list) - n, "%s%s",
			      !i	     ? "" :
			      choices[i + 1] ? ", " :
					       _(" or "),
			      choices[i]);
	}
	return usage_error(context, "--%s '%s' must be %s%s", option, text, list,
			   near_text(&near, "", meant));
}

int words_text(const struct context *context, const char *option, const char *text)
{
	size_t max = (strcmp(option, "origin") ? REASON_TEXT_MAX : ORIGIN_TEXT_MAX) - 1;
	json_t *string = text ? json_string(text) : NULL;
	bool bad = text && !string;

	json_decref(string);
	if (bad)
		return usage_error(context, "--%s is not UTF-8", option);
	if (text && strlen(text) > max)
		return usage_error(context, "--%s has %zu bytes: at most %zu", option, strlen(text),
				   max);
	for (const char *p = text ? text : ""; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return usage_error(context, "--%s has a control character: leave it out",
					   option);
	return -1;
}

int words_origin(const struct context *context, const char *text)
{
	int code = words_text(context, "origin", text);

	if (code < 0 && text && !origin_is_valid(text))
		return usage_error(
			context,
			"--origin '%.64s' is not a valid name: write it like spamhaus-drop", text);
	return code;
}

int words_texts(const struct context *context, const struct option_spec *specs)
{
	static const char *const names[] = {"reason", "ticket", "because", "origin"};
	int code = -1;

	for (; specs->name && code < 0; specs++)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && code < 0; i++)
			if (specs->value && !strcmp(specs->name, names[i]))
				code = words_text(context, names[i], *specs->value);
	return code;
}
