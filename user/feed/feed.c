// SPDX-License-Identifier: GPL-2.0-only
#include "feed.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feed_internal.h"

#define UTF8_BOM	"\xef\xbb\xbf"
#define UTF8_BOM_BYTES	3
#define EXCERPT_MAX	64  /* including the final 0 */
#define PREFIX_FORM_MAX 64  /* fits the longest form of a prefix, which has 49 bytes */
#define MESSAGE_MAX	512 /* before cleaning and cutting */

_Static_assert(FEED_PROBLEM_MAX >= 2 * EXCERPT_MAX, "there is room to say what is wrong with it");

const char *const feed_format_names[] = {
	[FEED_AUTO] = "auto",
	[FEED_PLAIN] = "plain",
	[FEED_CSV] = "csv",
	[FEED_DROP] = "drop",
	[FEED_DROP_TEXT] = "drop-text",
	[FEED_EVE] = "eve",
	[FEED_CROWDSEC] = "crowdsec",
	[FEED_SLASH64] = "slash64",
	[FEED_DECISIONS] = "decisions",
	[FEED_ABUSEIPDB] = "abuseipdb",
	[FEED_STIX] = "stix",
	NULL,
};

static void (*const line_handlers[])(struct feed *feed, const char *text, size_t n) = {
	[FEED_PLAIN] = feed_plain_line, [FEED_CSV] = feed_csv_line,
	[FEED_DROP] = feed_json_line,	[FEED_DROP_TEXT] = feed_drop_text_line,
	[FEED_EVE] = feed_json_line,	[FEED_SLASH64] = feed_json_line,
};

/* --- output --- */

static void discard(struct feed *feed, int err)
{
	feed->mode = FEED_DISCARD;
	if (!feed->err)
		feed->err = err;
}

void feed_emit(struct feed *feed, const struct feed_entry *entry)
{
	if (feed->err == -ECANCELED)
		return;
	feed->entries++;
	if (!feed->callbacks.entry(entry, feed->data))
		discard(feed, -ECANCELED);
}

void feed_problem(struct feed *feed, unsigned int line, const char *format, ...)
{
	char message[MESSAGE_MAX], text[FEED_PROBLEM_MAX];
	va_list args;

	if (feed->err == -ECANCELED)
		return;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	feed->problems++;
	feed->problem_line = line;
	feed->callbacks.problem(line, feed_clean(message, strlen(message), text, sizeof(text)),
				feed->data);
}

void feed_bad(struct feed *feed, unsigned int line, const char *text, size_t n, const char *what)
{
	char excerpt[EXCERPT_MAX];

	feed_trim(&text, &n);
	if (!feed_clean(text, n, excerpt, sizeof(excerpt)))
		excerpt[0] = '\0';
	feed_problem(feed, line, "'%s%s' %s", excerpt, n >= sizeof(excerpt) ? "..." : "", what);
}

void feed_out_of_memory(struct feed *feed)
{
	if (feed->err)
		return;
	feed->incomplete = true;
	discard(feed, -ENOMEM);
	feed_problem(feed, feed->lines + 1, "out of memory");
}

void feed_not_json(struct feed *feed, unsigned int line, const char *why)
{
	if (*why)
		feed_problem(feed, line, "not JSON: %s", why);
	else
		feed_out_of_memory(feed);
}

bool feed_take_prefix(struct feed *feed, const char *text, size_t n, struct feed_entry *entry)
{
	char form[PREFIX_FORM_MAX];

	feed_trim(&text, &n);
	if (n < sizeof(form) && !memchr(text, '\0', n)) {
		memcpy(form, text, n);
		form[n] = '\0';
		if (!prefix_parse_whole(form, &entry->prefix, &entry->note))
			return true;
	}
	feed_bad(feed, entry->line, text, n, "is not a prefix");
	return false;
}

/* --- input --- */

static void finish_line(struct feed *feed, const char *text, size_t n)
{
	feed->lines++;
	feed->line_is_cut = false;
	/* lists that were put together each keep theirs */
	if (n >= UTF8_BOM_BYTES && !memcmp(text, UTF8_BOM, UTF8_BOM_BYTES)) {
		text += UTF8_BOM_BYTES;
		n -= UTF8_BOM_BYTES;
	}
	/* CSV detects NUL bytes itself, in whole records, and counts their lines */
	if (!feed->line_is_too_long || feed->format == FEED_CSV) {
		if (n && text[n - 1] == '\r')
			n--;
		if (feed->format != FEED_CSV && memchr(text, '\0', n))
			feed_bad(feed, feed->lines, text, n, "has NUL bytes; is it text?");
		else
			line_handlers[feed->format](feed, text, n);
	}
	feed->line_is_too_long = false;
	feed->line.n = 0;
}

static size_t take_line(struct feed *feed, const char *text, size_t n)
{
	const char *end = memchr(text, '\n', n);
	size_t part = end ? (size_t)(end - text) : n;

	if (!feed->line_is_too_long && feed->line.n + part > FEED_LINE_MAX) {
		feed->line_is_too_long = true;
		feed_problem(feed, feed->lines + 1, "the line has more than %u bytes",
			     FEED_LINE_MAX);
	}
	if (feed->line_is_too_long)
		feed->line.n = 0;
	else if (end && !feed->line.n) /* most lines are complete in the input */
		finish_line(feed, text, part);
	else if (!feed_buffer_add(&feed->line, text, part))
		feed_out_of_memory(feed);
	else if (end)
		finish_line(feed, feed->line.text, feed->line.n);
	else
		feed->line_is_cut = true;
	if (end && feed->line_is_too_long)
		finish_line(feed, "", 0);
	return part + (end != NULL);
}

/* Counts the lines of a format that is not parsed by lines. */
static void count_lines(struct feed *feed, const char *text, size_t n)
{
	const char *end = text + n;

	feed->line_is_cut = n ? end[-1] != '\n' : feed->line_is_cut;
	for (; (text = memchr(text, '\n', end - text)); text++)
		feed->lines++;
}

static void take_document(struct feed *feed, const char *text, size_t n)
{
	if (n > FEED_DOCUMENT_MAX - feed->document.n) {
		feed->incomplete = true;
		feed_problem(feed, feed->document_line,
			     "the text has more than %u MiB; nothing of it is used",
			     FEED_DOCUMENT_MAX >> 20);
		feed->document.n = 0; /* its memory is freed later, in pieces */
		discard(feed, 0);
	} else if (!feed_buffer_add(&feed->document, text, n)) {
		feed_out_of_memory(feed);
	}
	count_lines(feed, text, n);
}

static void take(struct feed *feed, const char *text, size_t n);

static bool feed_is_document(enum feed_format format)
{
	return format == FEED_CROWDSEC || format == FEED_DECISIONS || format == FEED_ABUSEIPDB ||
	       format == FEED_STIX;
}

static void set_format(struct feed *feed, enum feed_format format)
{
	feed->format = format;
	feed->mode = format == FEED_AUTO      ? FEED_RECOGNIZE :
		     feed_is_document(format) ? FEED_DOCUMENT :
						FEED_LINES;
	feed->document_line = feed->lines + 1;
}

/* Parses the head again, now that the format is known. */
static void start_reading(struct feed *feed, enum feed_format format)
{
	struct feed_buffer head = feed->recognizer.head;

	feed->recognizer.head = (struct feed_buffer){};
	set_format(feed, format);
	if (format == FEED_AUTO) {
		feed_problem(
			feed, feed->lines + 1,
			"JSON of no known format: it has no key cidr, event_type, new, deleted, data or objects, and no type with a prefix");
		discard(feed, 0);
	}
	take(feed, head.text, head.n);
	feed_buffer_free(&head);
}

static size_t take_head(struct feed *feed, const char *text, size_t n)
{
	enum feed_format format = FEED_AUTO;
	ssize_t taken = feed_recognize(&feed->recognizer, text, n, &format, &feed->lines);

	if (taken < 0) {
		feed_out_of_memory(feed);
		return 0;
	}
	if (format != FEED_AUTO)
		start_reading(feed, format);
	else if (feed->recognizer.head.n >= FEED_LINE_MAX)
		start_reading(feed, feed_recognize_end(&feed->recognizer));
	else
		feed->line_is_cut =
			feed->recognizer.state != RECOGNIZER_BLANK || text[taken - 1] != '\n';
	return taken;
}

static void take(struct feed *feed, const char *text, size_t n)
{
	while (n) {
		size_t taken = n;

		if (feed->mode == FEED_RECOGNIZE)
			taken = take_head(feed, text, n);
		else if (feed->mode == FEED_LINES)
			taken = take_line(feed, text, n);
		else if (feed->mode == FEED_DOCUMENT)
			take_document(feed, text, n);
		else
			count_lines(feed, text, n);
		text += taken;
		n -= taken;
	}
}

int feed_text(struct feed *feed, const char *text, size_t n)
{
	while (n && feed->bom_n < UTF8_BOM_BYTES && *text == UTF8_BOM[feed->bom_n]) {
		feed->bom_n++;
		text++;
		n--;
	}
	if (n && feed->bom_n < UTF8_BOM_BYTES) {
		unsigned int begun = feed->bom_n;

		feed->bom_n = UTF8_BOM_BYTES;
		take(feed, UTF8_BOM, begun);
	}
	take(feed, text, n);
	return feed->err;
}

static void breathe_not(void *data)
{
	(void)data;
}

int feed_end(struct feed *feed, const struct pace *pace)
{
	bool cut;

	if (feed->ended)
		return feed->err ? feed->err : feed->incomplete ? -EBADMSG : 0;
	feed->ended = true;
	feed->pace = pace ? *pace : (struct pace){breathe_not, NULL};
	if (feed->bom_n && feed->bom_n < UTF8_BOM_BYTES)
		take(feed, UTF8_BOM, feed->bom_n);
	if (feed->mode == FEED_RECOGNIZE && feed->recognizer.head.n)
		start_reading(feed, feed_recognize_end(&feed->recognizer));
	cut = feed->line_is_cut || feed->line_is_too_long;
	if (feed->mode == FEED_LINES && cut)
		finish_line(feed, feed->line.n ? feed->line.text : "", feed->line.n);
	else
		feed->lines += cut;
	if (feed->format == FEED_CSV && feed->mode == FEED_LINES)
		feed_csv_end(feed);
	if (feed_is_document(feed->format) && feed->mode == FEED_DOCUMENT)
		feed_crowdsec_end(feed);
	if (cut && feed->problems && feed->problem_line == feed->lines)
		feed->incomplete = true;
	return feed->err ? feed->err : feed->incomplete ? -EBADMSG : 0;
}

/* --- start, end and counts --- */

struct feed *feed_open(enum feed_format format, const struct feed_callbacks *callbacks, void *data)
{
	struct feed *feed = calloc(1, sizeof(*feed));

	if (!feed)
		return NULL;
	feed->callbacks = *callbacks;
	feed->data = data;
	set_format(feed, format);
	return feed;
}

void feed_close(struct feed *feed)
{
	if (!feed)
		return;
	feed_buffer_free(&feed->recognizer.head);
	feed_buffer_free(&feed->line);
	feed_buffer_free(&feed->document);
	feed_buffer_free(&feed->csv.text);
	free(feed);
}

enum feed_format feed_format_of(const struct feed *feed)
{
	return feed->format;
}

char *feed_take_document(struct feed *feed, size_t *bytes)
{
	char *text = feed->document.text;

	*bytes = feed->document.room;
	feed->document = (struct feed_buffer){};
	return text;
}

bool feed_is_incomplete(const struct feed *feed)
{
	return feed->incomplete;
}

uint64_t feed_lines(const struct feed *feed)
{
	return feed->lines;
}

uint64_t feed_entries(const struct feed *feed)
{
	return feed->entries;
}

uint64_t feed_problems(const struct feed *feed)
{
	return feed->problems;
}

uint64_t feed_ignored(const struct feed *feed)
{
	return feed->ignored;
}
