// SPDX-License-Identifier: GPL-2.0-only
#include "event_output.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text/when.h"
#include "net/spoken.h"
#include "print.h"
#include "wrap.h"
#include "terminal.h"

#define INDENT	   9 /* below what follows a time */
#define PART_MAX   256
#define WIDTH_FINE 100 /* from here on, there is room for milliseconds */

struct event_text {
	char *text;
	size_t bytes;
	int width, column;
};

static void put(struct event_text *line, const char *text)
{
	size_t n = strlen(text);

	if (line->bytes + n >= EVENT_TEXT_MAX)
		return;
	memcpy(line->text + line->bytes, text, n + 1);
	line->bytes += n;
}

/* A part is not broken. */
static void put_part(struct event_text *line, const char *text, enum tone tone)
{
	int width = text_columns(text);

	if (line->column && line->width && line->column + 1 + width > line->width) {
		put(line, "\n");
		for (int i = 0; i < INDENT; i++)
			put(line, " ");
		line->column = INDENT;
	} else if (line->column) {
		put(line, " ");
		line->column++;
	}
	put(line, tone_begin(tone));
	put(line, text);
	put(line, tone_end(tone));
	line->column += width;
}

static void put_time(struct event_text *line, const json_t *event)
{
	int64_t us = member_time_us(event, "time");
	time_t seconds = us / WHEN_SECOND;
	char text[PART_MAX];
	struct tm local;
	size_t n;

	localtime_r(&seconds, &local);
	n = strftime(text, sizeof(text), "%H:%M:%S", &local);
	if (!line->width || line->width >= WIDTH_FINE)
		snprintf(text + n, sizeof(text) - n, ".%03d", (int)(us % WHEN_SECOND / WHEN_MS));
	put_part(line, text, TONE_PLAIN);
}

static enum tone tone_of(const char *verdict)
{
	return !strcmp(verdict, "drop")	      ? TONE_BAD :
	       !strcmp(verdict, "would_drop") ? TONE_WARN :
						TONE_PLAIN;
}

/* For the telephone, where somebody may ask what is blocked. */
static bool is_listed(const char *reason)
{
	return !strcmp(reason, "blocked") || !strcmp(reason, "blocked-prefix") ||
	       !strcmp(reason, "throttled");
}

static void put_source(struct event_text *line, const json_t *event)
{
	const char *source = member_text(event, "source");
	char text[PART_MAX], check[SPOKEN_CHECK + 1];
	struct prefix prefix;

	if (member_is_null(event, "source"))
		return;
	snprintf(text, sizeof(text), "%.128s", source);
	if (is_listed(member_text(event, "reason")) && !prefix_parse_whole(source, &prefix, NULL) &&
	    !prefix_is_v4(&prefix) && !spoken_check(&prefix, check))
		snprintf(text, sizeof(text), "%.128s (%s)", source, check);
	put_part(line, text, TONE_BOLD);
}

/* "> [2001:db8::1]:443", "> 2001:db8::1 type 128/0" */
static void put_destination(struct event_text *line, const json_t *event)
{
	const char *destination = member_text(event, "destination");
	bool is_v6 = strchr(destination, ':');
	char text[PART_MAX];

	if (member_is_null(event, "destination"))
		return;
	if (!member_is_null(event, "destination_port"))
		snprintf(text, sizeof(text), "> %s%.64s%s:%" PRId64, is_v6 ? "[" : "", destination,
			 is_v6 ? "]" : "", member_integer(event, "destination_port"));
	else if (!member_is_null(event, "icmpv6_type"))
		snprintf(text, sizeof(text), "> %.64s type %" PRId64 "/%" PRId64, destination,
			 member_integer(event, "icmpv6_type"),
			 member_integer(event, "icmpv6_code"));
	else
		snprintf(text, sizeof(text), "> %.64s", destination);
	put_part(line, text, TONE_PLAIN);
}

const char *event_line(const json_t *event, int width, char buf[EVENT_TEXT_MAX])
{
	struct event_text line = {.text = buf, .width = width};
	const char *verdict = member_text(event, "verdict");
	char vlan[PART_MAX], weight[PART_MAX];

	buf[0] = '\0';
	put_time(&line, event);
	put_part(&line, member_text(event, "interface"), TONE_PLAIN);
	if (!member_is_null(event, "vlan")) {
		snprintf(vlan, sizeof(vlan), "vlan %" PRId64, member_integer(event, "vlan"));
		put_part(&line, vlan, TONE_PLAIN);
	}
	put_part(&line, verdict, tone_of(verdict));
	put_part(&line, member_text(event, "reason"), TONE_PLAIN);
	put_part(&line, member_text(event, "class"), TONE_PLAIN);
	put_source(&line, event);
	put_destination(&line, event);
	if (member_integer(event, "weight") > 1) {
		snprintf(weight, sizeof(weight), "x%" PRId64, member_integer(event, "weight"));
		put_part(&line, weight, TONE_PLAIN);
	}
	put(&line, "\n");
	return buf;
}
