// SPDX-License-Identifier: GPL-2.0-only
#include "quantity.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/time.h"

#define GROUP 3 /* digits between commas */

const char *count_format(uint64_t count, char buf[QUANTITY_TEXT_MAX])
{
	char digits[QUANTITY_TEXT_MAX];
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, count), out = 0;

	for (int i = 0; i < n; i++) {
		if (i && (n - i) % GROUP == 0)
			buf[out++] = ',';
		buf[out++] = digits[i];
	}
	buf[out] = '\0';
	return buf;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits, grouped by three or not. Returns the number of characters, or 0. */
static int take_digits(const char *text, int64_t *value)
{
	int64_t v = 0;
	int n = 0, group;

	for (; is_digit(text[n]); n++)
		if (v <= QUANTITY_MAX)
			v = v * 10 + (text[n] - '0');
	group = n;
	while (group && group <= GROUP && text[n] == ',') {
		for (int i = 1; i <= GROUP; i++) {
			if (!is_digit(text[n + i]))
				return 0;
			if (v <= QUANTITY_MAX)
				v = v * 10 + (text[n + i] - '0');
		}
		n += 1 + GROUP;
		if (is_digit(text[n]))
			return 0;
	}
	*value = v;
	return n;
}

/* k, M, G. Not m, which might be a million or a minute. 0 if there is no suffix. */
static int64_t multiplier(char c)
{
	switch (c) {
	case 'k':
	case 'K':
		return 1000;
	case 'M':
		return 1000 * 1000;
	case 'G':
		return 1000 * 1000 * 1000;
	default:
		return 0;
	}
}

/* The number and its multiplier; *end is behind them. */
static int take_count(const char *text, int64_t *count, const char **end)
{
	int64_t value, by, fraction = 0, scale = 1;
	int n = take_digits(text, &value);

	if (!n)
		return -EINVAL;
	text += n;
	if (*text == '.') {
		if (!is_digit(text[1]))
			return -EINVAL;
		for (text++; is_digit(*text); text++) {
			if (scale > QUANTITY_MAX)
				return -EINVAL;
			scale *= 10;
			fraction = fraction * 10 + (*text - '0');
		}
	}
	by = multiplier(*text);
	text += by != 0;
	by = by ? by : 1;
	/* a fraction is in thousandths, and the result must be a whole number */
	if (fraction && (scale > by || fraction * by % scale))
		return -EINVAL;
	if (value > QUANTITY_MAX / by || value * by + fraction * by / scale > QUANTITY_MAX)
		return -ERANGE;
	*count = value * by + fraction * by / scale;
	*end = text;
	return 0;
}

int count_parse(const char *text, int64_t *count)
{
	const char *end;
	int64_t value;
	int err = take_count(text, &value, &end);

	if (err)
		return err;
	if (*end)
		return -EINVAL;
	*count = value;
	return 0;
}

/* "/s", "pps", "/min": the number of seconds, or 0. */
static int64_t span_of(const char *text)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} spans[] = {
		{"", 1},	  {"/s", 1},	  {"/sec", 1},	      {"/second", 1},
		{"pps", 1},	  {"p/s", 1},	  {"/min", MINUTE_S}, {"/minute", MINUTE_S},
		{"/m", MINUTE_S}, {"/h", HOUR_S}, {"/hour", HOUR_S},
	};

	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
		if (!strcasecmp(spans[i].text, text))
			return spans[i].seconds;
	return 0;
}

int rate_parse(const char *text, int64_t *per_second, char *hint)
{
	int64_t value, seconds = 0;
	const char *end = "";
	int err = take_count(text, &value, &end);

	snprintf(hint, QUANTITY_HINT_MAX,
		 "write packets per second, like 100, 100/s, 10k or 6000/min");
	if (err)
		return err;
	seconds = span_of(end);
	if (!seconds) {
		if (strcasestr(end, "bit") || strstr(end, "bps") || strchr(end, 'B'))
			snprintf(hint, QUANTITY_HINT_MAX,
				 "the unit is packets per second, like 100/s, not bits or bytes");
		else if (!strcmp(end, "m"))
			snprintf(hint, QUANTITY_HINT_MAX,
				 "write a million as 1M, and a minute as 6000/min");
		return -EINVAL;
	}
	if (value % seconds) {
		if (value < seconds)
			snprintf(hint, QUANTITY_HINT_MAX,
				 "below one packet per second: the minimum is 1/s");
		else
			snprintf(hint, QUANTITY_HINT_MAX,
				 "it must be a whole number of packets per second: "
				 "write %" PRId64 "/s or %" PRId64 "/s",
				 value / seconds, value / seconds + 1);
		return -EDOM;
	}
	*per_second = value / seconds;
	return 0;
}
