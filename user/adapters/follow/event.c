// SPDX-License-Identifier: GPL-2.0-only
#include "event.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/when.h"

#define NO_COLUMN -1

const char *const event_format_names[] = {"eve", "zeek-notice", NULL};

void event_reader_begin(struct event_reader *reader, enum event_format format)
{
	*reader = (struct event_reader){.format = format,
					.note = NO_COLUMN,
					.src = NO_COLUMN,
					.ts = NO_COLUMN};
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* It is told in logs, and a line of them must not be made up. */
static void defuse(char text[EVENT_TEXT_MAX])
{
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
}

static void copy(char out[EVENT_TEXT_MAX], const char *text)
{
	snprintf(out, EVENT_TEXT_MAX, "%s", text);
	defuse(out);
}

/* Suricata writes the offset without a colon: 2026-11-26T20:00:00.123456+0900. */
static int64_t time_of_text(const char *text)
{
	size_t n = strlen(text);
	char buf[WHEN_TEXT_MAX];
	int64_t us;

	if (n + 2 > sizeof(buf))
		return 0;
	strcpy(buf, text);
	if (n > 5 && strchr("+-", buf[n - 5])) {
		memmove(buf + n - 1, buf + n - 2, 3);
		buf[n - 2] = ':';
	}
	return when_parse_exact(buf, &us) ? 0 : us / WHEN_MS;
}

/* Zeek's are seconds since 1970, or text. */
static int64_t time_of_seconds(double seconds)
{
	return seconds > 0 && seconds < (double)(WHEN_MAX / WHEN_SECOND) ? seconds * 1000 : 0;
}

/* --- Suricata --- */

static int take_eve(const json_t *object, struct event *event)
{
	const json_t *alert = json_object_get(object, "alert");
	const char *source;

	if (strcmp(text_of(object, "event_type"), "alert") || !json_is_object(alert))
		return 0;
	/* a packet to the client comes from our server: the attacker is the destination */
	source = text_of(object,
			 strcmp(text_of(object, "direction"), "to_client") ? "src_ip" : "dest_ip");
	/* an alert below IP has no address */
	if (!*source || set_key_parse(source, &event->source))
		return 0;
	copy(event->signature, text_of(alert, "signature"));
	copy(event->category, text_of(alert, "category"));
	event->id = json_integer_value(json_object_get(alert, "signature_id"));
	event->severity = json_integer_value(json_object_get(alert, "severity"));
	event->time_ms = time_of_text(text_of(object, "timestamp"));
	return 1;
}

/* --- Zeek --- */

static int take_notice(const json_t *object, struct event *event)
{
	const json_t *ts = json_object_get(object, "ts");
	const char *source = text_of(object, "src");

	if (!*source)
		source = text_of(object, "id.orig_h");
	if (!json_object_get(object, "note"))
		return -EBADMSG;
	if (!*source || set_key_parse(source, &event->source))
		return 0;
	copy(event->signature, text_of(object, "note"));
	event->time_ms = json_is_number(ts) ? time_of_seconds(json_number_value(ts)) :
					      time_of_text(text_of(object, "ts"));
	return 1;
}

/* The length of the column at p. */
static size_t column_bytes(const struct event_reader *reader, const char *p, const char *end)
{
	const char *next = memchr(p, reader->separator, end - p);

	return next ? (size_t)(next - p) : (size_t)(end - p);
}

static bool is_word(const char *p, size_t bytes, const char *word)
{
	return bytes == strlen(word) && !memcmp(p, word, bytes);
}

/* "#fields	ts	uid	..." */
static void read_header(struct event_reader *reader, const char *p, const char *end)
{
	static const char separator[] = "#separator \\x", fields[] = "#fields";
	size_t n;

	if ((size_t)(end - p) >= sizeof(separator) + 1 &&
	    !memcmp(p, separator, sizeof(separator) - 1)) {
		const char hex[] = {p[sizeof(separator) - 1], p[sizeof(separator)], '\0'};

		reader->separator = strtoul(hex, NULL, 16);
		return;
	}
	if (!reader->separator)
		reader->separator = '\t';
	if ((size_t)(end - p) < sizeof(fields) || memcmp(p, fields, sizeof(fields) - 1) ||
	    p[sizeof(fields) - 1] != reader->separator)
		return;
	reader->has_columns = true;
	reader->note = reader->src = reader->ts = NO_COLUMN;
	p += sizeof(fields);
	for (int column = 0; column < EVENT_COLUMNS_MAX; column++) {
		n = column_bytes(reader, p, end);
		if (is_word(p, n, "note"))
			reader->note = column;
		else if (is_word(p, n, "src"))
			reader->src = column;
		else if (is_word(p, n, "ts"))
			reader->ts = column;
		if (p + n == end)
			break;
		p += n + 1;
	}
}

static int take_columns(const struct event_reader *reader, const char *p, const char *end,
			struct event *event)
{
	char src[EVENT_TEXT_MAX] = "", ts[EVENT_TEXT_MAX] = "";

	if (!reader->has_columns || reader->note < 0 || reader->src < 0)
		return -EBADMSG;
	for (int column = 0; column < EVENT_COLUMNS_MAX; column++) {
		size_t n = column_bytes(reader, p, end);
		char *out = column == reader->note ? event->signature :
			    column == reader->src  ? src :
			    column == reader->ts   ? ts :
						     NULL;

		if (out)
			snprintf(out, EVENT_TEXT_MAX, "%.*s",
				 (int)(n < EVENT_TEXT_MAX ? n : EVENT_TEXT_MAX - 1), p);
		if (p + n == end)
			break;
		p += n + 1;
	}
	if (!event->signature[0])
		return -EBADMSG;
	defuse(event->signature);
	/* "-" is none */
	if (set_key_parse(src, &event->source))
		return 0;
	event->time_ms = time_of_seconds(strtod(ts, NULL));
	return 1;
}

/* --- a line --- */

static int read_json(const struct event_reader *reader, const char *line, size_t bytes,
		     struct event *event)
{
	json_t *object = json_loadb(line, bytes, 0, NULL);
	int result = -EBADMSG;

	if (json_is_object(object))
		result = reader->format == EVENT_EVE ? take_eve(object, event) :
						       take_notice(object, event);
	json_decref(object);
	return result;
}

int event_read(struct event_reader *reader, const char *line, size_t bytes, struct event *event)
{
	memset(event, 0, sizeof(*event));
	while (bytes && strchr(" \t\r", line[bytes - 1]) && reader->format == EVENT_EVE)
		bytes--;
	if (!bytes)
		return 0;
	if (line[0] == '{')
		return read_json(reader, line, bytes, event);
	if (reader->format == EVENT_EVE)
		return -EBADMSG;
	if (line[0] == '#') {
		read_header(reader, line, line + bytes);
		return 0;
	}
	return take_columns(reader, line, line + bytes, event);
}
