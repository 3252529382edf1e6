// SPDX-License-Identifier: GPL-2.0-only
#include "duration.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define DURATION_MS_MAX (DURATION_MAX_S * 1000)

static const struct block_target {
	const char *name;
	int64_t ms;
} targets[] = {
	{"w", 7LL * 24 * 3600 * 1000},
	{"d", 24LL * 3600 * 1000},
	{"h", 3600 * 1000},
	{"m", 60 * 1000},
	{"s", 1000},
	{"ms", 1},
};

#define UNIT_COUNT (sizeof(targets) / sizeof(targets[0]))

/* The units that people write. M is refused, because it might be a month; months and years have no
 * fixed length.
 */
static const struct {
	const char *name, *target;
} aliases[] = {
	{"week", "w"},
	{"weeks", "w"},
	{"W", "w"},
	{"day", "d"},
	{"days", "d"},
	{"D", "d"},
	{"hour", "h"},
	{"hours", "h"},
	{"hr", "h"},
	{"hrs", "h"},
	{"H", "h"},
	{"min", "m"},
	{"mins", "m"},
	{"minute", "m"},
	{"minutes", "m"},
	{"sec", "s"},
	{"secs", "s"},
	{"second", "s"},
	{"S", "s"},
	{"seconds", "s"},
	{"msec", "ms"},
	{"millisecond", "ms"},
	{"milliseconds", "ms"},
};

static const struct block_target *unit_find(const char *text, size_t n)
{
	for (size_t i = 0; i < UNIT_COUNT; i++)
		if (strlen(targets[i].name) == n && !memcmp(targets[i].name, text, n))
			return &targets[i];
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (strlen(aliases[i].name) == n && !memcmp(aliases[i].name, text, n))
			return unit_find(aliases[i].target, strlen(aliases[i].target));
	return NULL;
}

/* Digits, and up to three more behind a point, which are thousandths. Finer values are refused, not
 * rounded.
 */
static int take_number(const char **text, int64_t *whole, int *thousandths)
{
	const char *at = *text;
	int64_t value = 0;
	int scale = 100;

	if (*at < '0' || *at > '9')
		return -EINVAL;
	for (; *at >= '0' && *at <= '9'; at++) {
		value = value * 10 + (*at - '0');
		if (value > DURATION_MS_MAX)
			return -ERANGE;
	}
	*thousandths = 0;
	if (*at == '.') {
		for (at++; *at >= '0' && *at <= '9' && scale; at++, scale /= 10)
			*thousandths += (*at - '0') * scale;
		if (scale == 100)
			return -EINVAL;
	}
	*whole = value;
	*text = at;
	return 0;
}

/* Blanks, if `next` says that the text continues behind them. */
static void skip_blanks(const char **text, bool (*next)(char c))
{
	size_t n = strspn(*text, " ");

	if (next((*text)[n]))
		*text += n;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int duration_parse(const char *text, int64_t *ms)
{
	int64_t sum = 0, last = INT64_MAX;

	if (!*text)
		return -EINVAL;
	while (*text) {
		const struct block_target *target;
		int64_t number = 0;
		int thousandths, err = take_number(&text, &number, &thousandths);
		size_t n = 0;

		if (err)
			return err;
		skip_blanks(&text, is_letter); /* "2 weeks" */
		while (is_letter(text[n]))
			n++;
		/* a number alone is in seconds, as everywhere in a shell */
		target = !*text && last == INT64_MAX ? unit_find("s", 1) : unit_find(text, n);
		/* larger units first, each once: 1h30m, not 30m1h */
		if (!target || target->ms >= last || (target->ms == 1 && thousandths))
			return -EINVAL;
		last = target->ms;
		text += n;
		skip_blanks(&text, is_digit); /* "1h 30m" */
		if (number > DURATION_MS_MAX / target->ms)
			return -ERANGE;
		sum += number * target->ms + thousandths * target->ms / 1000;
		if (sum > DURATION_MS_MAX)
			return -ERANGE;
	}
	if (sum == 0)
		return -EINVAL;
	*ms = sum;
	return 0;
}

const char *duration_hint(const char *text)
{
	const char *target = text + strspn(text, "0123456789. ");
	bool number = target != text;
	int64_t ms;

	if (duration_parse(text, &ms) == -ERANGE)
		return "at most ten years, 3660d";
	if (number && (!strcmp(target, "M") || !strncasecmp(target, "mo", 2)))
		return "write minutes as 15m, and a month as 30d";
	if (number && (*target == 'y' || *target == 'Y'))
		return "write a year as 365d";
	return "write it like 90s, 15m, 1h30m, 7d, or 600 for seconds";
}

const char *duration_format(int64_t ms, char *buf)
{
	int written = 0, shown = 0;

	if (ms < 0)
		ms = 0;
	buf[0] = '\0';
	for (size_t i = 0; i < UNIT_COUNT && shown < 2; i++) {
		int64_t number = ms / targets[i].ms;

		if (targets[i].ms == 7LL * 24 * 3600 * 1000)
			continue;
		if (targets[i].ms == 1 && shown)
			break;
		if (!number && !shown)
			continue;
		ms %= targets[i].ms;
		shown++;
		if (!number)
			continue;
		written += snprintf(buf + written, DURATION_TEXT_MAX - written, "%lld%s",
				    (long long)number, targets[i].name);
	}
	if (!written)
		snprintf(buf, DURATION_TEXT_MAX, "0s");
	return buf;
}
