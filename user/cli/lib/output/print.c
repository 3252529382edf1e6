// SPDX-License-Identifier: GPL-2.0-only
#include "print.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text/duration.h"
#include "base/text/quantity.h"
#include "said.h"
#include "terminal.h"
#include "wrap.h"
#include "base/text/when.h"
#include "base/text/language.h"

#define JSON_DIGITS 15	 /* 0.1 is not 0.10000000000000001 */
#define INTEGER_MAX 1e18 /* fits into 64 bits */

_Static_assert(PRINT_TEXT_MAX == SAID_MAX, "a translation fits");
_Static_assert(PRINT_MAX >= WHEN_TEXT_MAX, "a time fits");

const char *print_count(uint64_t value, char buf[PRINT_MAX])
{
	return count_format(value, buf);
}

const char *print_rate(double value, char buf[PRINT_MAX])
{
	if (value >= 99.95 && value < INTEGER_MAX)
		return print_count(value + 0.5, buf);
	snprintf(buf, PRINT_MAX, value == trunc(value) ? "%.4g" : "%.1f", value);
	return buf;
}

const char *print_percent(double value, char buf[PRINT_MAX])
{
	snprintf(buf, PRINT_MAX, "%.1f%%", value);
	return buf;
}

const char *print_bytes(double value, char buf[PRINT_MAX])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	int unit = 0;

	for (; value >= 1023.95 && unit < 4; unit++)
		value /= 1024;
	snprintf(buf, PRINT_MAX, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
	return buf;
}

const char *print_bits(double value, char buf[PRINT_MAX])
{
	static const char *const units[] = {"", " k", " M", " G", " T"};
	int unit = 0;

	for (; value >= 999.95 && unit < 4; unit++)
		value /= 1000;
	snprintf(buf, PRINT_MAX, unit ? "%.1f%s" : "%.0f%s", value, units[unit]);
	return buf;
}

const char *print_bit_rate(double bytes_per_second, char buf[PRINT_MAX])
{
	size_t n = strlen(print_bits(8 * bytes_per_second, buf));

	snprintf(buf + n, PRINT_MAX - n, "%sbit/s", strchr(buf, ' ') ? "" : " ");
	return buf;
}

const char *print_distance(int64_t seconds, char buf[PRINT_MAX])
{
	char span[DURATION_TEXT_MAX];

	if (!seconds)
		return _("now");
	duration_format((seconds < 0 ? -seconds : seconds) * 1000, span);
	snprintf(buf, PRINT_MAX, seconds > 0 ? _("in %s") : _("%s ago"), span);
	return buf;
}

const char *print_when(int64_t seconds, char buf[PRINT_MAX])
{
	return seconds ? print_distance(seconds - time(NULL), buf) : "-";
}

const char *print_time(int64_t seconds, char buf[PRINT_MAX])
{
	/* years of five digits have no format */
	if (seconds < 0 || seconds > WHEN_MAX / WHEN_SECOND)
		snprintf(buf, PRINT_MAX, "%" PRId64, seconds);
	else if (terminal_is_read())
		when_format(seconds * WHEN_SECOND, when_now(), false, buf);
	else
		when_format_dated(seconds * WHEN_SECOND, true, buf);
	return buf;
}

/* The length of "2026-11-26T20:00:00Z" at the start of a text, with or without a fraction, or 0. */
static size_t exact_time_length(const char *text, int64_t *us)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd";
	char whole[WHEN_TEXT_MAX];
	size_t n = 0;

	for (; form[n]; n++)
		if (form[n] == 'd' ? !isdigit((unsigned char)text[n]) : text[n] != form[n])
			return 0;
	if (text[n] == '.')
		n += 1 + strspn(text + n + 1, "0123456789");
	if (text[n] != 'Z' || n + 2 > sizeof(whole))
		return 0;
	snprintf(whole, sizeof(whole), "%.*s", (int)n + 1, text);
	return when_parse_exact(whole, us) ? 0 : n + 1;
}

/* The text with the times in it as local times. */
static const char *with_local_times(const char *text, char buf[PRINT_TEXT_MAX])
{
	const char *at = strchr(text, 'Z') ? text : ""; /* most have none */
	size_t n = 0;

	while (*at && n + PRINT_MAX < PRINT_TEXT_MAX) {
		int64_t us = 0;
		/* otherwise it is part of a longer word */
		size_t length = at > text && isalnum((unsigned char)at[-1]) ?
					0 :
					exact_time_length(at, &us);

		if (length)
			n += strlen(print_time(us / WHEN_SECOND, buf + n));
		else
			buf[n++] = *at;
		at += length ? length : 1;
	}
	buf[n] = '\0';
	return n && !*at ? buf : text;
}

const char *print_local(const char *text, char buf[PRINT_TEXT_MAX])
{
	char translated[SAID_MAX];
	const char *in_language = said(text, translated),
		   *local = with_local_times(in_language, buf);

	if (local != translated)
		return local;
	memcpy(buf, translated, sizeof(translated));
	return buf;
}

void print_broken(const char *text, int indent)
{
	int limit = terminal_width(), column = 0;

	while (*text) {
		int columns, blanks = strspn(text, " "), n = wrap_next(text + blanks, &columns);

		/* a word that does not fit into a line of its own is not broken */
		if (limit && column > indent && column + blanks + columns > limit) {
			printf("\n%*s", indent, "");
			column = indent;
			text += blanks;
			blanks = 0;
		}
		printf("%.*s", blanks + n, text);
		column += blanks + columns;
		text += blanks + n;
		if (*text == '\n') {
			putchar('\n');
			column = 0;
			text++;
		}
	}
}

void print_header(const char *format, ...)
{
	va_list args;

	fputs(tone_begin(TONE_BOLD), stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("%s\n", tone_end(TONE_BOLD));
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

int64_t member_integer(const json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);
	double real = json_real_value(value);

	return fabs(real) < INTEGER_MAX ? json_integer_value(value) + (int64_t)real : 0;
}

int64_t member_time_us(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	int64_t us;

	if (json_is_string(value))
		return when_parse_exact(json_string_value(value), &us) ? 0 : us;
	if (json_is_real(value) && fabs(json_real_value(value)) < INTEGER_MAX / WHEN_SECOND)
		return json_real_value(value) * WHEN_SECOND;
	if (llabs(json_integer_value(value)) > WHEN_MAX / WHEN_SECOND)
		return 0;
	return json_integer_value(value) * WHEN_SECOND;
}

int64_t member_time(const json_t *object, const char *key)
{
	return member_time_us(object, key) / WHEN_SECOND;
}

const char *change_name(const char *action)
{
	return strcmp(action, "disallow") ? action : "unallow";
}

bool member_is_null(const json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	return !value || json_is_null(value);
}

void print_json(const json_t *object)
{
	json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(JSON_DIGITS));
	putchar('\n');
}
