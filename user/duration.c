// SPDX-License-Identifier: GPL-2.0-only
#include "duration.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DURATION_MS_MAX (10LL * 366 * 24 * 3600 * 1000)

static const struct unit {
	const char *name;
	int64_t ms;
} units[] = {
	{"w", 7LL * 24 * 3600 * 1000}, {"d", 24LL * 3600 * 1000}, {"h", 3600 * 1000},
	{"m", 60 * 1000},	       {"s", 1000},		  {"ms", 1},
};

#define UNIT_COUNT (sizeof(units) / sizeof(units[0]))

static const struct unit *unit_find(const char *text, size_t n)
{
	for (size_t i = 0; i < UNIT_COUNT; i++)
		if (strlen(units[i].name) == n && !memcmp(units[i].name, text, n))
			return &units[i];
	return NULL;
}

int duration_parse(const char *text, int64_t *ms)
{
	int64_t sum = 0, last = INT64_MAX;

	if (!*text)
		return -EINVAL;
	while (*text) {
		const struct unit *unit;
		int64_t number = 0;
		size_t n;

		if (*text < '0' || *text > '9')
			return -EINVAL;
		for (; *text >= '0' && *text <= '9'; text++) {
			number = number * 10 + (*text - '0');
			if (number > DURATION_MS_MAX)
				return -ERANGE;
		}
		n = strspn(text, "wdhms");
		unit = unit_find(text, n);
		/* larger units first, each once: 1h30m, not 30m1h */
		if (!unit || unit->ms >= last)
			return -EINVAL;
		last = unit->ms;
		text += n;
		if (number > DURATION_MS_MAX / unit->ms)
			return -ERANGE;
		sum += number * unit->ms;
		if (sum > DURATION_MS_MAX)
			return -ERANGE;
	}
	if (sum == 0)
		return -EINVAL;
	*ms = sum;
	return 0;
}

const char *duration_format(int64_t ms, char *buf)
{
	int written = 0, shown = 0;

	if (ms < 0)
		ms = 0;
	buf[0] = '\0';
	for (size_t i = 0; i < UNIT_COUNT && shown < 2; i++) {
		int64_t number = ms / units[i].ms;

		if (units[i].ms == 7LL * 24 * 3600 * 1000)
			continue;
		if (units[i].ms == 1 && shown)
			break;
		if (!number && !shown)
			continue;
		ms %= units[i].ms;
		shown++;
		if (!number)
			continue;
		written += snprintf(buf + written, DURATION_TEXT_MAX - written, "%lld%s",
				    (long long)number, units[i].name);
	}
	if (!written)
		snprintf(buf, DURATION_TEXT_MAX, "0s");
	return buf;
}
