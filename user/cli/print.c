// SPDX-License-Identifier: GPL-2.0-only
#include "print.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "duration.h"

const char *print_count(uint64_t value, char buf[PRINT_MAX])
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, value), out = 0;

	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			buf[out++] = ',';
		buf[out++] = digits[i];
	}
	buf[out] = '\0';
	return buf;
}

const char *print_rate(double value, char buf[PRINT_MAX])
{
	if (value >= 99.95 || value == (uint64_t)value)
		return print_count(value + 0.5, buf);
	snprintf(buf, PRINT_MAX, "%.1f", value);
	return buf;
}

const char *print_bytes(double value, char buf[PRINT_MAX])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	int unit = 0;

	for (; value >= 1024 && unit < 4; unit++)
		value /= 1024;
	snprintf(buf, PRINT_MAX, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
	return buf;
}

const char *print_when(int64_t seconds, char buf[PRINT_MAX])
{
	char span[DURATION_TEXT_MAX];
	int64_t left = seconds - time(NULL);

	if (!seconds)
		return "-";
	duration_format((left < 0 ? -left : left) * 1000, span);
	snprintf(buf, PRINT_MAX, left >= 0 ? "in %s" : "%s ago", span);
	return buf;
}

const char *print_time(int64_t seconds, char buf[PRINT_MAX])
{
	time_t t = seconds;
	struct tm tm;

	strftime(buf, PRINT_MAX, "%Y-%m-%d %H:%M:%S UTC", gmtime_r(&t, &tm));
	return buf;
}

void print_header(const char *format, ...)
{
	const char *no_color = getenv("NO_COLOR");
	bool bold = isatty(STDOUT_FILENO) && !(no_color && *no_color);
	va_list args;

	if (bold)
		printf("\033[1m");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf(bold ? "\033[0m\n" : "\n");
}

const char *member_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "-";
}

double member_number(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

bool member_is_null(const json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	return !value || json_is_null(value);
}

void print_json(const json_t *object)
{
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
}
