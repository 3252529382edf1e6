// SPDX-License-Identifier: GPL-2.0-only
/* Writes times as when.c reads them. */
#include "when.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"

#define ZONE_NAME_MAX	 16
#define TZ_PATH_MAX	 512
#define TZ_DIRECTORY	 "/usr/share/zoneinfo"
#define ZONE_LETTERS	 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define ZONE_LETTERS_MIN 3

int64_t when_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * WHEN_SECOND + now.tv_nsec / 1000;
}

/* The calendar date of a day since 1970-01-01. Years start in March here, so a leap day is the last
 * day of a year; 400 years always have the same number of days.
 */
static void civil(int64_t days, int *year, int *month, int *day)
{
	enum {
		FROM_0000_03_01 = 719468,
		ERA = 146097,
		CENTURY = 36524,
		FOUR_YEARS = 1460,
		FIVE_MONTHS = 153
	};
	int64_t from_0 = days + FROM_0000_03_01, era = from_0 / ERA;
	int of_era = from_0 % ERA;
	int y = (of_era - of_era / FOUR_YEARS + of_era / CENTURY - of_era / (ERA - 1)) / 365;
	int of_year = of_era - (365 * y + y / 4 - y / 100);
	int m = (5 * of_year + 2) / FIVE_MONTHS;

	*day = of_year - (FIVE_MONTHS * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = y + era * 400 + (*month <= 2);
}

static char *put(char *p, int value, int digits)
{
	for (int i = digits; i-- > 0; value /= 10)
		p[i] = '0' + value % 10;
	return p + digits;
}

/* Formatted by hand: a list has a million of these, and strftime() checks the zone file each time.
 */
const char *when_format_exact(int64_t us, int digits, char *buf)
{
	static const int64_t powers[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
	int year, month, day, second;
	char *p = buf;

	us = us < 0 ? 0 : us > WHEN_MAX ? WHEN_MAX : us;
	civil(us / WHEN_SECOND / DAY_S, &year, &month, &day);
	second = us / WHEN_SECOND % DAY_S;
	p = put(p, year, 4);
	*p++ = '-';
	p = put(p, month, 2);
	*p++ = '-';
	p = put(p, day, 2);
	*p++ = 'T';
	p = put(p, second / HOUR_S, 2);
	*p++ = ':';
	p = put(p, second / MINUTE_S % 60, 2);
	*p++ = ':';
	p = put(p, second % MINUTE_S, 2);
	if (digits > 0 && digits <= WHEN_DIGITS) {
		*p++ = '.';
		p = put(p, us % WHEN_SECOND / powers[digits], digits);
	}
	memcpy(p, "Z", sizeof("Z"));
	return buf;
}

/* "JST-9", "<+0530>-5:30": a rule of its own, which needs no file. */
static bool is_rule(const char *zone)
{
	size_t name = *zone == '<' ? strcspn(zone, ">") + 1 : strspn(zone, ZONE_LETTERS);

	if (name < ZONE_LETTERS_MIN || name > strlen(zone))
		return false;
	zone += name;
	zone += *zone == '+' || *zone == '-';
	return *zone >= '0' && *zone <= '9';
}

bool when_zone_is_known(void)
{
	const char *zone = getenv("TZ"), *directory = getenv("TZDIR");
	char path[TZ_PATH_MAX];

	if (!zone || !*zone)
		return true;
	zone += *zone == ':';
	snprintf(path, sizeof(path), "%s/%s", directory ? directory : TZ_DIRECTORY, zone);
	return !access(*zone == '/' ? zone : path, R_OK) || is_rule(zone);
}

/* "JST", or "+05:30" for zones without letters. */
static const char *zone_name(const struct tm *tm, char buf[ZONE_NAME_MAX])
{
	long offset = labs(tm->tm_gmtoff);
	const char *zone = getenv("TZ");

	/* an empty TZ is UTC, which newer C libraries call Universal */
	if ((zone && !*zone) || !when_zone_is_known())
		return "UTC";
	if (tm->tm_zone && *tm->tm_zone && *tm->tm_zone != '+' && *tm->tm_zone != '-')
		return tm->tm_zone;
	snprintf(buf, ZONE_NAME_MAX, "%c%02ld:%02ld", tm->tm_gmtoff < 0 ? '-' : '+',
		 offset / HOUR_S % 100, offset / MINUTE_S % 60);
	return buf;
}

static const char *format(int64_t us, bool dated, bool seconds, char *buf)
{
	char zone[ZONE_NAME_MAX];
	time_t at;
	struct tm tm;
	size_t n;

	us = us < 0 ? 0 : us > WHEN_MAX ? WHEN_MAX : us;
	at = us / WHEN_SECOND;
	tzset();
	localtime_r(&at, &tm);
	n = strftime(buf, WHEN_TEXT_MAX - ZONE_NAME_MAX, dated ? "%Y-%m-%d %H:%M" : "%H:%M", &tm);
	if (seconds)
		n += snprintf(buf + n, WHEN_TEXT_MAX - n, ":%02d", tm.tm_sec);
	snprintf(buf + n, WHEN_TEXT_MAX - n, " %.*s", ZONE_NAME_MAX - 1, zone_name(&tm, zone));
	return buf;
}

const char *when_format_dated(int64_t us, bool seconds, char *buf)
{
	return format(us, true, seconds, buf);
}

const char *when_format(int64_t us, int64_t now_us, bool seconds, char *buf)
{
	time_t at = us / WHEN_SECOND, now = now_us / WHEN_SECOND;
	struct tm a, b;
	bool same;

	tzset();
	same = localtime_r(&at, &a) && localtime_r(&now, &b) && a.tm_year == b.tm_year &&
	       a.tm_yday == b.tm_yday;
	return format(us, !same, seconds, buf);
}
