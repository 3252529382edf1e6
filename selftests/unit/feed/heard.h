/* SPDX-License-Identifier: GPL-2.0-only */
/* The output of a feed as text, which a test compares. */
#ifndef SELFTESTS_UNIT_FEED_HEARD_H
#define SELFTESTS_UNIT_FEED_HEARD_H

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "feed/feed.h"

#define DATA	       "selftests/data/feeds/"
#define FILE_BYTES_MAX 8192
#define TRANSCRIPT_MAX 16384

/* The output: a line for each entry and each problem. */
struct heard {
	char text[TRANSCRIPT_MAX];
	size_t n;
	uint64_t entries, problems;
	uint64_t stop_at; /* number of entries; 0: never */
	char last_problem[FEED_PROBLEM_MAX];
	unsigned int last_problem_line;
	bool quiet; /* count, and keep no text */
};

/* Known at the end of a text. */
struct result {
	struct heard heard;
	enum feed_format format;
	bool incomplete;
	int err;
	uint64_t lines, entries, problems, ignored;
};

static struct result result;

static inline void say(struct heard *heard, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static inline void say(struct heard *heard, const char *format, ...)
{
	va_list args;

	if (heard->quiet)
		return;
	va_start(args, format);
	heard->n += vsnprintf(heard->text + heard->n, TRANSCRIPT_MAX - heard->n, format, args);
	va_end(args);
	assert_true(heard->n < TRANSCRIPT_MAX);
}

static inline bool on_entry(const struct feed_entry *entry, void *data)
{
	static const char *const kinds[] = {"block", "throttle", "allow", "remove"};
	struct heard *heard = data;
	char prefix[PREFIX_TEXT_MAX];

	heard->entries++;
	if (heard->quiet)
		return true;
	say(heard, "%u %s %s%s", entry->line, kinds[entry->kind],
	    prefix_format(&entry->prefix, prefix),
	    entry->note == PREFIX_WAS_ADDRESS	? " address" :
	    entry->note == PREFIX_HAD_HOST_BITS ? " host-bits" :
						  "");
	if (entry->origin)
		say(heard, " origin '%s'", entry->origin);
	if (entry->reason)
		say(heard, " reason '%s'", entry->reason);
	if (entry->ticket)
		say(heard, " ticket '%s'", entry->ticket);
	if (entry->start_ms)
		say(heard, " start %" PRId64, entry->start_ms);
	if (entry->until_ms)
		say(heard, " until %" PRId64, entry->until_ms);
	if (entry->for_ms)
		say(heard, " for %" PRId64, entry->for_ms);
	if (entry->rate || entry->burst)
		say(heard, " rate %u burst %u", entry->rate, entry->burst);
	say(heard, "\n");
	return heard->entries != heard->stop_at;
}

static inline void on_problem(unsigned int line, const char *text, void *data)
{
	struct heard *heard = data;

	heard->problems++;
	assert_true(strlen(text) < FEED_PROBLEM_MAX && *text);
	for (const char *p = text; *p; p++)
		assert_true((unsigned char)*p >= ' ' && *p != 0x7f);
	strcpy(heard->last_problem, text);
	heard->last_problem_line = line;
	say(heard, "%u: %s\n", line, text);
}

static inline struct feed *open_feed(enum feed_format format, struct heard *heard)
{
	static const struct feed_callbacks callbacks = {.entry = on_entry, .problem = on_problem};
	struct feed *feed = feed_open(format, &callbacks, heard);

	assert_non_null(feed);
	return feed;
}

static inline void close_feed(struct feed *feed)
{
	result.err = feed_end(feed, NULL);
	result.format = feed_format_of(feed);
	result.incomplete = feed_is_incomplete(feed);
	result.lines = feed_lines(feed);
	result.entries = feed_entries(feed);
	result.problems = feed_problems(feed);
	result.ignored = feed_ignored(feed);
	assert_true(result.entries == result.heard.entries);
	assert_true(result.problems == result.heard.problems);
	feed_close(feed);
}

/* In pieces of `piece` bytes, each in memory of its own, so that reading beyond it is detected. */
static inline void read_in_pieces(enum feed_format format, const char *text, size_t n, size_t piece)
{
	struct feed *feed = open_feed(format, &result.heard);

	for (size_t at = 0; at < n; at += piece) {
		size_t part = n - at < piece ? n - at : piece;
		char *copy = malloc(part);

		assert_non_null(copy);
		memcpy(copy, text + at, part);
		feed_text(feed, copy, part);
		free(copy);
	}
	close_feed(feed);
}

/* As a whole, byte by byte, and in pieces between these, with the same result. */
static inline void read_bytes(enum feed_format format, const char *text, size_t n)
{
	static const size_t pieces[] = {1, 2, 7, 61};
	static struct result whole;

	memset(&result, 0, sizeof(result));
	read_in_pieces(format, text, n, n ? n : 1);
	whole = result;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		memset(&result, 0, sizeof(result));
		read_in_pieces(format, text, n, pieces[i]);
		assert_string_equal(result.heard.text, whole.heard.text);
		assert_int_equal(result.format, whole.format);
		assert_int_equal(result.incomplete, whole.incomplete);
		assert_int_equal(result.err, whole.err);
		assert_true(result.lines == whole.lines);
		assert_true(result.ignored == whole.ignored);
	}
}

static inline void read_text(enum feed_format format, const char *text)
{
	read_bytes(format, text, strlen(text));
}

static inline void gives(enum feed_format format, const char *text, const char *expected)
{
	read_text(format, text);
	assert_string_equal(result.heard.text, expected);
}

static inline char *load(const char *name, size_t *n)
{
	static char text[FILE_BYTES_MAX];
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), DATA "%s", name);
	file = fopen(path, "re");
	if (!file)
		fail_msg("cannot read %s; the test runs at the root of the tree", path);
	*n = fread(text, 1, sizeof(text), file);
	fclose(file);
	assert_true(*n && *n < sizeof(text));
	return text;
}

/* The file, with its format given and with the format detected. */
static inline void file_gives(const char *name, enum feed_format format, const char *expected)
{
	const enum feed_format formats[] = {format, FEED_AUTO};
	size_t n;
	char *text = load(name, &n);

	for (int i = 0; i < 2; i++) {
		read_bytes(formats[i], text, n);
		assert_string_equal(result.heard.text, expected);
		assert_string_equal(feed_format_names[result.format], feed_format_names[format]);
	}
}

static inline void is_recognized_as(const char *text, enum feed_format format)
{
	read_text(FEED_AUTO, text);
	if (result.format != format)
		fail_msg("'%s' is taken for %s", text, feed_format_names[result.format]);
}

/* `before`, then n times `c`, then `behind`. */
static inline char *stretched(const char *before, char c, size_t n, const char *behind,
			      size_t *bytes)
{
	size_t first = strlen(before), last = strlen(behind);
	char *text = malloc(first + n + last);

	assert_non_null(text);
	memcpy(text, before, first);
	memset(text + first, c, n);
	memcpy(text + first + n, behind, last);
	*bytes = first + n + last;
	return text;
}

#endif
