// SPDX-License-Identifier: GPL-2.0-only
/* Lists of others, of every format. The first byte of an input selects the format and, in the bits
 * above the lower 3, the size of the pieces that the text is cut into (0: not cut). The output does
 * not depend on the cuts.
 */
#include "fuzz.h"

#include <errno.h>

#include "feed/feed.h"

#define FORMAT_MASK 7
#define CUT_SHIFT   3
#define MS_MAX	    (INT64_MAX / 2)

/* A hash of the output, and its length. */
struct heard {
	uint64_t hash, entries, problems;
	unsigned int line;
};

static void note(struct heard *heard, const void *data, size_t bytes)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < bytes; i++)
		heard->hash = (heard->hash ^ p[i]) * 0x100000001b3ULL;
}

static void note_text(struct heard *heard, const char *text, size_t max)
{
	if (text) {
		promise_one_line(text, max);
		note(heard, text, strlen(text));
	}
	note(heard, &max, 1);
}

static void note_number(struct heard *heard, uint64_t number)
{
	note(heard, &number, sizeof(number));
}

static void check_prefix(const struct prefix *prefix)
{
	char text[PREFIX_TEXT_MAX];
	struct prefix cut, again;
	enum prefix_note note;

	promise(prefix->length <= 128, "length %u", prefix->length);
	cut = prefix_around(&prefix->address, prefix->length);
	prefix_format(prefix, text);
	promise(!prefix_compare(&cut, prefix), "%s has bits behind its length", text);
	promise(!prefix_parse_whole(text, &again, &note) && note == PREFIX_EXACT &&
			!prefix_compare(&again, prefix),
		"%s is read as another", text);
}

static bool on_entry(const struct feed_entry *entry, void *data)
{
	struct heard *heard = data;

	heard->entries++;
	check_prefix(&entry->prefix);
	promise(entry->line > 0, "line 0");
	promise(entry->kind <= FEED_REMOVE, "kind %d", entry->kind);
	if (entry->kind == FEED_THROTTLE)
		promise(entry->rate >= 1 && entry->rate <= RATE_MAX && entry->burst >= 1 &&
				entry->burst <= BURST_MAX,
			"rate %u, burst %u", entry->rate, entry->burst);
	promise(entry->start_ms >= 0 && entry->until_ms >= 0 && entry->for_ms >= 0,
		"a time below 0");
	promise(entry->start_ms < MS_MAX && entry->until_ms < MS_MAX && entry->for_ms < MS_MAX,
		"a time that cannot be added to another");
	note_number(heard, entry->line);
	note_number(heard, entry->kind << 8 | entry->note);
	note(heard, &entry->prefix.address, sizeof(entry->prefix.address));
	note_number(heard, entry->prefix.length);
	note_text(heard, entry->origin, ORIGIN_TEXT_MAX);
	note_text(heard, entry->reason, REASON_TEXT_MAX);
	note_text(heard, entry->ticket, REASON_TEXT_MAX);
	note_number(heard, entry->start_ms);
	note_number(heard, entry->until_ms);
	note_number(heard, entry->for_ms);
	note_number(heard, (uint64_t)entry->rate << 32 | entry->burst);
	return true;
}

static void on_problem(unsigned int line, const char *text, void *data)
{
	struct heard *heard = data;

	heard->problems++;
	note_number(heard, line);
	note_text(heard, text, FEED_PROBLEM_MAX);
}

static const struct feed_callbacks callbacks = {.entry = on_entry, .problem = on_problem};

/* Pushes the text, each piece in memory of its own. */
static struct heard hear(enum feed_format format, const uint8_t *data, size_t bytes, size_t piece)
{
	struct heard heard = {.hash = 0xcbf29ce484222325ULL};
	struct feed *feed = feed_open(format, &callbacks, &heard);
	int err;

	promise(feed, "out of memory");
	for (size_t at = 0; at < bytes; at += piece) {
		size_t n = bytes - at < piece ? bytes - at : piece;
		char *text = (char *)exact_copy(data + at, n);

		err = feed_text(feed, text, n);
		promise(!err, "returned %d", err);
		free(text);
	}
	err = feed_end(feed, NULL);
	promise(!err || (err == -EBADMSG && feed_is_incomplete(feed)), "returned %d at the end",
		err);
	promise(feed_entries(feed) == heard.entries && feed_problems(feed) == heard.problems,
		"miscounted");
	promise(feed_lines(feed) <= bytes + 1, "more lines than bytes");
	note_number(&heard, feed_format_of(feed));
	note_number(&heard, err);
	note_number(&heard, feed_lines(feed));
	note_number(&heard, feed_ignored(feed));
	feed_close(feed);
	return heard;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct heard whole, pieces;
	enum feed_format format;
	size_t piece;

	if (!bytes)
		return -1;
	format = data[0] & FORMAT_MASK;
	piece = data[0] >> CUT_SHIFT;
	whole = hear(format, data + 1, bytes - 1, bytes);
	if (piece) {
		pieces = hear(format, data + 1, bytes - 1, piece);
		promise(whole.hash == pieces.hash,
			"%llu entries and %llu problems, %llu and %llu in pieces",
			(unsigned long long)whole.entries, (unsigned long long)whole.problems,
			(unsigned long long)pieces.entries, (unsigned long long)pieces.problems);
	}
	return 0;
}
