// SPDX-License-Identifier: GPL-2.0-only
/* Reads times; when_format.c writes them. */
#include "when.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "duration.h"
#include "base/time.h"

#define OFFSET_MAX_S (14 * HOUR_S) /* the largest in use (Kiribati); the smallest is -12:00 */
#define YEAR_MIN     1970
#define YEAR_MAX     9999
#define EPOCH_DIGITS 12

/* The parts of a time that a text contains. Missing parts are taken from the reader's day and zone.
 */
struct written {
	bool has_date, has_time, has_zone;
	int year, month, day;
	int hour, minute, second;
	int64_t fraction_us;
	int offset_s;
	int is_dst; /* according to the zone name; -1: not given */
};

/* --- parts of a text; each moves *at behind what it consumed, or leaves it unchanged --- */

/* `min` to `max` digits. */
static bool take_digits(const char **at, int min, int max, int *value)
{
	int n = 0, v = 0;

	for (; n < max && (*at)[n] >= '0' && (*at)[n] <= '9'; n++)
		v = v * 10 + ((*at)[n] - '0');
	if (n < min)
		return false;
	*value = v;
	*at += n;
	return true;
}

static bool take_char(const char **at, const char *set)
{
	if (!**at || !strchr(set, **at))
		return false;
	++*at;
	return true;
}

static bool take_word(const char **at, const char *word)
{
	size_t n = strlen(word);

	if (strncasecmp(*at, word, n))
		return false;
	*at += n;
	return true;
}

static void skip_blanks(const char **at)
{
	*at += strspn(*at, " ");
}

static int days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* YYYY-MM-DD */
static bool take_date(const char **at, struct written *w)
{
	const char *p = *at;
	int year, month, day;

	if (!take_digits(&p, 4, 4, &year) || !take_char(&p, "-") ||
	    !take_digits(&p, 2, 2, &month) || !take_char(&p, "-") || !take_digits(&p, 2, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > days_in(year, month))
		return false;
	w->year = year;
	w->month = month;
	w->day = day;
	w->has_date = true;
	*at = p;
	return true;
}

/* ".25" or ",25" (ISO 8601 allows both). Finer than a microsecond is cut off. */
static bool take_fraction(const char **at, int64_t *us)
{
	const char *p = *at;
	int64_t value = 0;
	int n = 0;

	if (!take_char(&p, ".,"))
		return true;
	for (; *p >= '0' && *p <= '9'; p++, n++)
		if (n < WHEN_DIGITS)
			value = value * 10 + (*p - '0');
	if (!n)
		return false;
	for (; n < WHEN_DIGITS; n++)
		value *= 10;
	*us = value;
	*at = p;
	return true;
}

/* HH:MM, optionally with seconds and a fraction. 24:00 is the end of the day; second 60 is a leap
 * second.
 */
static bool take_time(const char **at, struct written *w)
{
	const char *p = *at;
	int hour, minute, second = 0;
	int64_t fraction = 0;

	if (!take_digits(&p, 1, 2, &hour) || !take_char(&p, ":") || !take_digits(&p, 2, 2, &minute))
		return false;
	if (take_char(&p, ":") &&
	    (!take_digits(&p, 2, 2, &second) || !take_fraction(&p, &fraction)))
		return false;
	if (hour > 24 || minute > 59 || second > 60 ||
	    (hour == 24 && (minute || second || fraction)))
		return false;
	w->hour = hour;
	w->minute = minute;
	w->second = second;
	w->fraction_us = fraction;
	w->has_time = true;
	*at = p;
	return true;
}

/* +09:00, +0900, +09 */
static bool take_offset(const char **at, struct written *w)
{
	int sign = **at == '-' ? -1 : 1, hour, minute = 0;
	const char *p = *at;

	if (!take_char(&p, "+-") || !take_digits(&p, 2, 2, &hour))
		return false;
	if (take_char(&p, ":") ? !take_digits(&p, 2, 2, &minute) :
				 !take_digits(&p, 2, 2, &minute) && *p)
		return false;
	if (minute > 59 || hour * HOUR_S + minute * MINUTE_S > OFFSET_MAX_S)
		return false;
	w->offset_s = sign * (hour * HOUR_S + minute * MINUTE_S);
	w->has_zone = true;
	*at = p;
	return true;
}

/* Z, UTC, GMT, an offset, or a name of the reader's own zone: "CEST" tells summer from winter time.
 */
static bool take_zone(const char **at, struct written *w)
{
	const char *p = *at;
	size_t n;

	skip_blanks(&p);
	n = strcspn(p, " ");
	if (take_offset(&p, w)) {
		*at = p;
		return true;
	}
	if ((n == 1 && take_word(&p, "z")) ||
	    (n == 3 && (take_word(&p, "utc") || take_word(&p, "gmt")))) {
		w->offset_s = 0;
		w->has_zone = true;
		*at = p;
		return true;
	}
	tzset();
	for (int i = 0; i < 2; i++)
		if (n && strlen(tzname[i]) == n && take_word(&p, tzname[i])) {
			w->is_dst = daylight ? i : -1;
			*at = p;
			return true;
		}
	return false;
}

/* --- from the parts to the instant --- */

/* Days since 1970 in the Gregorian calendar. */
static int64_t days_since_1970(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = y / 400, year_of_era = y % 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - 719468;
}

static int exact(const struct written *w, int64_t *us)
{
	int64_t at = days_since_1970(w->year, w->month, w->day) * DAY_S + w->hour * HOUR_S +
		     w->minute * MINUTE_S + w->second - w->offset_s;

	at = at * WHEN_SECOND + w->fraction_us;
	if (at < 0 || at > WHEN_MAX)
		return -ERANGE;
	*us = at;
	return 0;
}

/* mktime() with summer or winter time given. False if the clocks show something else then. */
static bool local_as(const struct written *w, int is_dst, time_t *out)
{
	struct tm tm = {.tm_year = w->year - 1900,
			.tm_mon = w->month - 1,
			.tm_mday = w->day,
			.tm_hour = w->hour % 24,
			.tm_min = w->minute,
			.tm_sec = w->second % 60,
			.tm_isdst = is_dst};
	int hour = tm.tm_hour, minute = tm.tm_min;
	time_t at = mktime(&tm);

	if (tm.tm_hour != hour || tm.tm_min != minute || (is_dst >= 0 && tm.tm_isdst != is_dst))
		return false;
	*out = at + (w->hour == 24 ? DAY_S : 0) + (w->second == 60 ? 60 : 0);
	return true;
}

/* In the zone of the reader. -EINVAL with a hint if clocks never show that time, or show it twice.
 */
static int local(const struct written *w, int64_t *us, char *hint)
{
	time_t summer = 0, winter = 0, at;
	bool in_summer, in_winter;

	if (w->year < YEAR_MIN || w->year > YEAR_MAX)
		return -ERANGE;
	tzset();
	in_summer = w->is_dst != 0 && local_as(w, 1, &summer);
	in_winter = w->is_dst != 1 && local_as(w, 0, &winter);
	if (in_summer && in_winter && summer != winter) {
		char a[WHEN_TEXT_MAX], b[WHEN_TEXT_MAX];

		snprintf(hint, WHEN_HINT_MAX,
			 "clocks go back then and show it twice: write '%.50s' or '%.50s'",
			 when_format_dated(summer * WHEN_SECOND, false, a),
			 when_format_dated(winter * WHEN_SECOND, false, b));
		return -EINVAL;
	}
	if (!in_summer && !in_winter && !(w->is_dst < 0 && local_as(w, -1, &winter))) {
		snprintf(hint, WHEN_HINT_MAX, "clocks in this zone skip it: they go forward then");
		return -EINVAL;
	}
	at = in_summer ? summer : winter;
	if (at < 0)
		return -ERANGE;
	*us = at * WHEN_SECOND + w->fraction_us;
	return *us > WHEN_MAX ? -ERANGE : 0;
}

/* The local day of an instant, plus `days`. */
static void set_day(struct written *w, int64_t at_us, int days)
{
	time_t at = at_us / WHEN_SECOND + (w->has_zone ? w->offset_s : 0);
	struct tm tm;

	if (w->has_zone)
		gmtime_r(&at, &tm);
	else
		localtime_r(&at, &tm);
	tm = (struct tm){.tm_year = tm.tm_year,
			 .tm_mon = tm.tm_mon,
			 .tm_mday = tm.tm_mday + days,
			 .tm_hour = 12};
	timegm(&tm); /* mktime() carries days over the end of the month */
	w->year = tm.tm_year + 1900;
	w->month = tm.tm_mon + 1;
	w->day = tm.tm_mday;
}

static int instant(const struct written *w, int64_t *us, char *hint)
{
	return w->has_zone ? exact(w, us) : local(w, us, hint);
}

/* A time of day: the last before the reference, or the first after it. Days on which clocks skip it
 * have none.
 */
static int of_some_day(struct written *w, int64_t reference_us, enum when_side side, int64_t *us,
		       char *hint)
{
	int step = side == WHEN_BEFORE ? -1 : 1;

	for (int i = 0; i <= 2; i++) {
		int64_t at;
		int err;

		set_day(w, reference_us, i * step);
		err = instant(w, &at, hint);
		if (err)
			return err;
		if (side == WHEN_BEFORE ? at <= reference_us : at > reference_us) {
			*us = at;
			return 0;
		}
	}
	return -EINVAL;
}

/* --- texts --- */

int when_parse_exact(const char *text, int64_t *us)
{
	struct written w = {.is_dst = -1};
	const char *at = text;

	if (!take_date(&at, &w) || !take_char(&at, "Tt ") || !take_time(&at, &w))
		return -EINVAL;
	if (!take_char(&at, "Zz") && !take_offset(&at, &w))
		return -EINVAL;
	return *at ? -EINVAL : exact(&w, us);
}

/* now, today, yesterday, tomorrow: days relative to today, and whether such a word was found. */
static bool take_day_word(const char **at, int *days)
{
	static const struct {
		const char *word;
		int days;
	} words[] = {{"today", 0}, {"yesterday", -1}, {"tomorrow", 1}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (take_word(at, words[i].word)) {
			*days = words[i].days;
			return true;
		}
	return false;
}

/* A date or a word for a day, then a time of day, then a zone; date or time may be missing. */
static int parse_calendar(const char *text, int64_t reference_us, enum when_side side, int64_t *us,
			  char *hint)
{
	struct written w = {.is_dst = -1};
	const char *at = text;
	bool by_word;
	int days = 0;

	by_word = take_day_word(&at, &days);
	if (!by_word)
		take_date(&at, &w);
	if (by_word || w.has_date) {
		if (take_char(&at, w.has_date ? "Tt " : " ")) {
			skip_blanks(&at);
			if (!take_time(&at, &w))
				return -EINVAL;
		}
	} else if (!take_time(&at, &w)) {
		return -EINVAL;
	}
	if (w.has_time && *at && !take_zone(&at, &w)) {
		snprintf(hint, WHEN_HINT_MAX,
			 "write the zone as Z or as an offset, like 2026-11-26T20:00+09:00");
		return -EINVAL;
	}
	if (*at)
		return -EINVAL;
	if (by_word)
		set_day(&w, when_now(), days);
	else if (!w.has_date)
		return of_some_day(&w, reference_us, side, us, hint);
	return instant(&w, us, hint);
}

/* @SECONDS, optionally with a fraction. */
static int parse_epoch(const char *text, int64_t *us)
{
	int64_t seconds = 0, fraction = 0;
	int n = 0;

	for (; *text >= '0' && *text <= '9'; text++, n++)
		seconds = n < EPOCH_DIGITS ? seconds * 10 + (*text - '0') : INT64_MAX / WHEN_SECOND;
	if (!n || !take_fraction(&text, &fraction) || *text)
		return -EINVAL;
	if (seconds > WHEN_MAX / WHEN_SECOND)
		return -ERANGE;
	*us = seconds * WHEN_SECOND + fraction;
	return 0;
}

/* A duration before or after the reference, "90m" or "90m ago". */
static int parse_span(const char *text, int64_t reference_us, enum when_side side, int64_t *us)
{
	size_t n = strlen(text);
	char span[WHEN_TEXT_MAX];
	int64_t ms, at;
	int err;

	if (n >= sizeof(span))
		return -EINVAL;
	strcpy(span, text);
	if (n > 4 && !strcasecmp(span + n - 4, " ago")) {
		span[n - 4] = '\0';
		side = WHEN_BEFORE;
	} else if (!strncasecmp(span, "in ", 3)) {
		memmove(span, span + 3, n - 2);
		side = WHEN_AFTER;
	}
	err = duration_parse(span, &ms);
	if (err)
		return err;
	at = reference_us + (side == WHEN_BEFORE ? -ms : ms) * 1000;
	if (at < 0 || at > WHEN_MAX)
		return -ERANGE;
	*us = at;
	return 0;
}

static bool is_digits(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

int when_parse(const char *text, int64_t reference_us, enum when_side side, int64_t *us, char *hint)
{
	int64_t at;
	int err;

	snprintf(hint, WHEN_HINT_MAX,
		 "write it like 90m, 11:00, yesterday, '2026-11-26 20:00' or 2026-11-26T20:00:00Z");
	if (!strcasecmp(text, "now")) {
		*us = when_now();
		return 0;
	}
	if (*text == '@') {
		err = parse_epoch(text + 1, &at);
	} else {
		err = parse_span(text, reference_us, side, &at);
		if (err == -ERANGE && is_digits(text))
			snprintf(hint, WHEN_HINT_MAX, "seconds since 1970 are written @%.20s",
				 text);
		else if (err != -ERANGE && err)
			err = parse_calendar(text, reference_us, side, &at, hint);
	}
	if (!err)
		*us = at;
	return err;
}
