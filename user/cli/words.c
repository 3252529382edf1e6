// SPDX-License-Identifier: GPL-2.0-only
#include "words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "duration.h"
#include "near.h"
#include "prefix_typed.h"

#define DIGITS		  "0123456789"
#define NUMBER_DIGITS_MAX 12
#define CHOICES_TEXT_MAX  256

int words_prefix(const struct context *context, const char *text)
{
	char hint[PREFIX_HINT_MAX];
	struct prefix prefix;

	if (text && prefix_parse(text, &prefix, NULL))
		return usage_error(context, "'%s' is not a prefix: %s", text, prefix_typed_hint(text, hint));
	return -1;
}

int words_address(const struct context *context, const char *text)
{
	char hint[PREFIX_HINT_MAX];
	enum prefix_note note;
	struct prefix prefix;

	if (!text || (!prefix_parse_whole(text, &prefix, &note) && note == PREFIX_WAS_ADDRESS))
		return -1;
	if (!prefix_parse_whole(text, &prefix, &note))
		return usage_error(context, "'%s' is not an address but a prefix: write an address that is in it",
				   text);
	prefix_typed_hint(text, hint);
	return usage_error(context, "'%s' is not an address: %s", text,
			   strncmp(hint, "write it like", 13) ? hint :
								"write it like 2001:db8:0:1::66, or like 198.51.100.7");
}

int words_duration(const struct context *context, const char *option, const char *text, int64_t *ms)
{
	int err = text ? duration_parse(text, ms) : 0;

	if (err == -ERANGE)
		return usage_error(context, "--%s '%s' is above ten years: leave it out", option, text);
	if (err)
		return usage_error(context, "--%s '%s' is not a duration: %s", option, text, duration_hint(text));
	return -1;
}

int words_time(const struct context *context, const char *option, const char *text, int64_t reference_us,
	       enum when_side side, int64_t *us)
{
	static const char *const days[] = {"now", "today", "yesterday", "tomorrow"};
	char hint[WHEN_HINT_MAX], meant[NEAR_TEXT_MAX];
	struct near near = {.typed = text};

	if (!text || !when_parse(text, reference_us, side, us, hint))
		return -1;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++)
		near_try(&near, days[i]);
	return usage_error(context, "--%s '%s' is no time%s: %s", option, text, near_text(&near, "", meant), hint);
}

int words_whole(const struct context *context, const char *option, const char *text, int64_t min, int64_t *value)
{
	size_t n = text ? strspn(text, DIGITS) : 0;
	int64_t number;

	if (!text)
		return -1;
	number = n && n <= NUMBER_DIGITS_MAX && !text[n] ? strtoll(text, NULL, 10) : -1;
	if (number < min)
		return usage_error(context, "--%s '%s' is not a whole number%s", option, text, min ? " above 0" : "");
	*value = number;
	return -1;
}

int words_choice(const struct context *context, const char *option, const char *text, const char *const *choices)
{
	char list[CHOICES_TEXT_MAX] = "", meant[NEAR_TEXT_MAX];
	struct near near = {.typed = text};
	size_t n = 0;

	for (int i = 0; choices[i]; i++) {
		if (!text || !strcmp(text, choices[i]))
			return -1;
		near_try(&near, choices[i]);
		n += snprintf(list + n, sizeof(list) - n, "%s%s", !i ? "" : choices[i + 1] ? ", " : " or ", choices[i]);
	}
	return usage_error(context, "--%s '%s' must be %s%s", option, text, list, near_text(&near, "", meant));
}

int words_text(const struct context *context, const char *option, const char *text)
{
	json_t *string = text ? json_string(text) : NULL;
	bool bad = text && !string;

	json_decref(string);
	return bad ? usage_error(context, "--%s is not UTF-8", option) : -1;
}
