// SPDX-License-Identifier: GPL-2.0-only
#include "said.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/language.h"

#define SLOTS_MAX   12	 /* directives of a format */
#define DEPTH_MAX   4	 /* a message in a message in a message */
#define LETTERS_MIN 3	 /* of a format, without which it says nothing */
#define STEPS_MAX   2000 /* of a format for a text: it may be anything */
#define PARTING	    "; "

static const char *const formats[] = {
#include "cli/po/said.inc"
};

/* A part of the text that a directive stands for. */
struct slot {
	const char *text;
	size_t bytes;
};

struct match {
	struct slot slots[SLOTS_MAX];
	int count;
	unsigned int steps;
};

/* Behind "%": the bytes of a directive, its conversion at the end; its number if it has one ("%2$s"), otherwise 0. */
static size_t directive_bytes(const char *at, int *number)
{
	size_t digits = strspn(at, "0123456789"), n = 0;

	*number = 0;
	if (digits && at[digits] == '$') {
		*number = atoi(at);
		n = digits + 1;
	}
	n += strspn(at + n, "-+ #0123456789.*");
	n += strspn(at + n, "hlzjt");
	return at[n] ? n + 1 : n;
}

/* The most bytes that a directive other than %s can stand for at the beginning of a text. */
static size_t room_of(char conversion, const char *text, size_t bytes)
{
	size_t n = 0;

	switch (conversion) {
	case 'c':
		return bytes ? 1 : 0;
	default: /* a number */
		while (n < bytes && (isalnum((unsigned char)text[n]) || strchr("+-.", text[n])))
			n++;
		return n;
	}
}

static bool matches(const char *format, const char *text, size_t bytes, struct match *match);

/* A directive stands for the first bytes of a text, and the rest of the format for the rest of it. */
static bool matches_rest(const char *rest, const char *text, size_t length, size_t bytes,
			 struct match *match)
{
	match->slots[match->count++] = (struct slot){text, length};
	if (match->steps++ < STEPS_MAX && matches(rest, text + length, bytes - length, match))
		return true;
	match->count--;
	return false;
}

/* A text of any length: it ends where the format goes on. */
static bool matches_text(const char *rest, const char *text, size_t bytes, struct match *match)
{
	size_t own = strcspn(rest, "%"), length = 0;

	if (!*rest)
		return matches_rest(rest, text, bytes, bytes, match);
	while (length <= bytes && match->steps < STEPS_MAX) {
		const char *next =
			own ? memmem(text + length, bytes - length, rest, own) : text + length;

		if (!next)
			return false;
		length = next - text;
		if (matches_rest(rest, text, length, bytes, match))
			return true;
		length++;
	}
	return false;
}

static bool matches(const char *format, const char *text, size_t bytes, struct match *match)
{
	size_t n, room;
	int number;

	for (; *format && (*format != '%' || format[1] == '%'); format++, text++, bytes--) {
		format += *format == '%';
		if (!bytes || *format != *text)
			return false;
	}
	if (!*format)
		return !bytes;
	n = directive_bytes(format + 1, &number);
	if (match->count == SLOTS_MAX)
		return false;
	if (format[n] == 's')
		return matches_text(format + 1 + n, text, bytes, match);
	room = room_of(format[n], text, bytes);
	for (size_t length = room; length > 0; length--)
		if (matches_rest(format + 1 + n, text, length, bytes, match))
			return true;
	return false;
}

/* How much of the text is the format's own. */
static size_t letters_of(const char *format)
{
	size_t letters = 0;
	int number;

	for (; *format; format++) {
		if (*format == '%')
			format += directive_bytes(format + 1, &number);
		else
			letters += isalpha((unsigned char)*format) != 0;
	}
	return letters;
}

/* The format that explains most of it, or NULL. */
static const char *find_format(const char *text, size_t bytes, struct match *best)
{
	size_t most = LETTERS_MIN - 1;
	const char *found = NULL;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct match match = {};
		size_t letters = letters_of(formats[i]);

		if (letters <= most || !matches(formats[i], text, bytes, &match))
			continue;
		most = letters;
		found = formats[i];
		*best = match;
	}
	return found;
}

struct out {
	char *buf;
	size_t count;
};

/* What has no room is left out, whole characters of it. */
static void put_bytes(struct out *out, const char *text, size_t bytes)
{
	size_t room = SAID_MAX - 1 - out->count;

	if (bytes > room) {
		bytes = room;
		while (bytes && ((unsigned char)text[bytes] & 0xc0) == 0x80)
			bytes--;
	}
	memcpy(out->buf + out->count, text, bytes);
	out->count += bytes;
	out->buf[out->count] = '\0';
}

static void put_said(struct out *out, const char *text, size_t bytes, int depth);

static void put_format(struct out *out, const char *format, const struct match *match, int depth)
{
	int next = 0, number;

	while (*format) {
		size_t n = strcspn(format, "%");

		put_bytes(out, format, n);
		format += n;
		if (!*format)
			break;
		if (format[1] == '%') {
			put_bytes(out, "%", 1);
			format += 2;
			continue;
		}
		n = directive_bytes(format + 1, &number);
		number = number ? number - 1 : next;
		next++;
		/* "%.0s": an "s" of a plural, of which the language has none */
		if (number < match->count && (n < 3 || memcmp(format + n - 2, ".0s", 3)))
			put_said(out, match->slots[number].text, match->slots[number].bytes,
				 depth + 1);
		format += 1 + n;
	}
}

/* Nobody's format: the C library's name of an error, a name, or words of a person. */
static void put_other(struct out *out, const char *text, size_t bytes)
{
	char word[128];

	if (bytes >= sizeof(word)) {
		put_bytes(out, text, bytes);
		return;
	}
	snprintf(word, sizeof(word), "%.*s", (int)bytes, text);
	put_bytes(out, language_of_library(word), strlen(language_of_library(word)));
}

/* A hint is put behind a message, which may have a parting of its own: the longest beginning that is somebody's format,
 * otherwise that before the first parting. NULL if there is no parting.
 */
static const char *find_parting(const char *text, size_t bytes, int depth)
{
	const char *first = memmem(text, bytes, PARTING, strlen(PARTING));
	struct match match;

	for (const char *at = text + bytes; first && depth < DEPTH_MAX && --at > first;)
		if (!strncmp(at, PARTING, strlen(PARTING)) && find_format(text, at - text, &match))
			return at;
	return first;
}

/* A format that ends with %s also takes what is put behind its message: a hint, which is no part of it, and may not be moved
 * with it. NULL if there is none.
 */
static const char *find_hint(const char *format, const char *text, size_t bytes,
			     const struct match *match)
{
	const struct slot *last = match->count ? &match->slots[match->count - 1] : NULL;
	size_t own = strlen(format);

	if (!last || own < 2 || strcmp(format + own - 2, "%s") ||
	    (own > 4 && !strcmp(format + own - 4, PARTING "%s")))
		return NULL;
	for (const char *at = text + bytes - strlen(PARTING); at > last->text; at--)
		if (!strncmp(at, PARTING, strlen(PARTING)))
			return at;
	return NULL;
}

static void put_said(struct out *out, const char *text, size_t bytes, int depth)
{
	const char *format, *parting;
	struct match match;

	format = depth < DEPTH_MAX ? find_format(text, bytes, &match) : NULL;
	parting =
		format ? find_hint(format, text, bytes, &match) : find_parting(text, bytes, depth);
	if (format && !parting) {
		put_format(out, _(format), &match, depth);
		return;
	}
	if (!parting) {
		put_other(out, text, bytes);
		return;
	}
	put_said(out, text, parting - text, depth);
	put_bytes(out, _("; "), strlen(_("; ")));
	parting += strlen(PARTING);
	put_said(out, parting, text + bytes - parting, depth);
}

const char *said(const char *text, char buf[SAID_MAX])
{
	struct out out = {.buf = buf};

	if (!language_is_foreign() || _(text) != text)
		return _(text);
	buf[0] = '\0';
	put_said(&out, text, strlen(text), 0);
	return buf;
}
