// SPDX-License-Identifier: GPL-2.0-only
/* Text of feeds: buffers, cleaning, durations. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feed_internal.h"
#include "base/text/utf8.h"
#include "base/array.h"

#define SPAN_TEXT_MAX 64 /* Go writes at most 25 */

bool feed_buffer_add(struct feed_buffer *buffer, const char *text, size_t n)
{
	if (array_reserve(&buffer->text, &buffer->room, buffer->n + n, 1))
		return false;
	if (n)
		memcpy(buffer->text + buffer->n, text, n);
	buffer->n += n;
	return true;
}

void feed_buffer_free(struct feed_buffer *buffer)
{
	free(buffer->text);
	*buffer = (struct feed_buffer){};
}

void feed_trim(const char **text, size_t *n)
{
	while (*n && feed_is_blank((*text)[0])) {
		(*text)++;
		(*n)--;
	}
	while (*n && feed_is_blank((*text)[*n - 1]))
		(*n)--;
}

bool feed_is_significant(const char *text, size_t n)
{
	feed_trim(&text, &n);
	return n && *text != '#' && *text != ';';
}

bool feed_word_is(const char *text, size_t n, const char *name)
{
	return n == strlen(name) && !strncasecmp(text, name, n);
}

/* --- cleaning --- */

const char *feed_clean(const char *text, size_t n, char *buf, size_t bytes)
{
	size_t used = 0;

	feed_trim(&text, &n);
	while (n) {
		const unsigned char *p = (const unsigned char *)text;
		size_t taken = utf8_bytes(p, n);
		bool good = taken && !utf8_is_control(p);
		size_t put = good ? taken : 1;

		if (used + put >= bytes)
			break;
		if (good)
			memcpy(buf + used, text, put);
		else
			buf[used] = '?';
		used += put;
		text += taken ? taken : 1;
		n -= taken ? taken : 1;
	}
	/* the cut may be behind a blank */
	while (used && buf[used - 1] == ' ')
		used--;
	buf[used] = '\0';
	return used ? buf : NULL;
}

/* --- durations --- */

static const struct span_unit {
	const char *name;
	int64_t ns;
} span_units[] = {
	{"w", 7LL * 24 * 3600 * 1000000000},
	{"d", 24LL * 3600 * 1000000000},
	{"h", 3600LL * 1000000000},
	{"m", 60LL * 1000000000},
	{"s", 1000000000},
	{"ms", 1000000},
	{"us", 1000},
	{"\u00b5s", 1000}, /* the micro sign */
	{"\u03bcs", 1000}, /* the Greek letter */
	{"ns", 1},
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const struct span_unit *unit_find(const char *text, size_t n)
{
	for (size_t i = 0; i < sizeof(span_units) / sizeof(span_units[0]); i++)
		if (strlen(span_units[i].name) == n && !memcmp(span_units[i].name, text, n))
			return &span_units[i];
	return NULL;
}

/* Parses NUMBER[.FRACTION]UNIT and adds it to *ns. */
static int span_part(const char **text, int64_t *ns)
{
	const char *p = *text, *fraction = NULL;
	const struct span_unit *unit;
	int64_t number = 0, part;
	size_t n = 0;

	if (!is_digit(*p))
		return -EINVAL;
	for (; is_digit(*p); p++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, *p - '0', &number))
			return -ERANGE;
	if (*p == '.')
		for (fraction = ++p; is_digit(*p); p++)
			;
	while (p[n] && p[n] != '.' && !is_digit(p[n]))
		n++;
	unit = unit_find(p, n);
	if (!unit)
		return -EINVAL;
	if (__builtin_mul_overflow(number, unit->ns, &part) ||
	    __builtin_add_overflow(*ns, part, ns))
		return -ERANGE;
	for (int64_t scale = unit->ns / 10; fraction && is_digit(*fraction) && scale; scale /= 10)
		if (__builtin_add_overflow(*ns, (*fraction++ - '0') * scale, ns))
			return -ERANGE;
	*text = p + n;
	return 0;
}

int feed_span(const char *text, size_t n, int64_t *ms)
{
	char buf[SPAN_TEXT_MAX], *p = buf;
	const char *part;
	int64_t ns = 0;
	int err;

	if (n >= sizeof(buf) || memchr(text, '\0', n))
		return -EINVAL;
	memcpy(buf, text, n);
	buf[n] = '\0';
	if (*p == '-' || *p == '+')
		p++;
	part = p;
	if (!strcmp(part, "0")) /* Go needs no unit for 0 */
		part++;
	else
		do {
			err = span_part(&part, &ns);
			if (err)
				return err;
		} while (*part);
	*ms = *buf == '-' ? -(ns / 1000000) : ns / 1000000 + (ns % 1000000 > 0);
	return 0;
}
