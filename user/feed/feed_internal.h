/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the parts of the feed parser; only for user/feed. */
#ifndef SLASH64_FEED_FEED_INTERNAL_H
#define SLASH64_FEED_FEED_INTERNAL_H

#include <sys/types.h>

#include "feed.h"

struct feed_buffer {
	char *text;
	size_t n, room;
};

/* --- format detection, from the first bytes --- */

#define RECOGNIZER_WORD_MAX 16 /* longer than any key or value that identifies a format */

struct feed_recognizer {
	enum { RECOGNIZER_BLANK, RECOGNIZER_COMMENT, RECOGNIZER_LINE, RECOGNIZER_JSON } state;
	struct feed_buffer head; /* from the first significant byte */
	unsigned int depth;	 /* of { and [ in JSON */
	bool at_line, in_string, escaped, is_value;
	bool is_open; /* a bracket, with nothing behind it yet */
	/* a "kind" of our export, and its object: no other format has both */
	bool has_kind, has_subject;
	char key[RECOGNIZER_WORD_MAX], word[RECOGNIZER_WORD_MAX];
	size_t word_n;
};

/* Consumes bytes until the format is known and stored in *format, or the head has FEED_LINE_MAX
 * bytes. Returns the number of bytes, or -ENOMEM. Empty lines and comments are counted in *lines
 * and dropped; everything else is in the head, to be parsed again.
 */
ssize_t feed_recognize(struct feed_recognizer *recognizer, const char *text, size_t n,
		       enum feed_format *format, uint64_t *lines);

/* The format if nothing follows; FEED_AUTO for JSON of none of the formats. */
enum feed_format feed_recognize_end(const struct feed_recognizer *recognizer);

/* --- CSV --- */

enum csv_column {
	CSV_PREFIX,
	CSV_REASON,
	CSV_TICKET,
	CSV_SPAN,
	CSV_FIRST, /* of a range */
	CSV_LAST,
	CSV_LENGTH, /* or a netmask, of the prefix or the start of a range */
	CSV_KIND,   /* kind of the item in "value" */
	CSV_ACTION,
	CSV_SIMULATED,
	CSV_COLUMNS
};

enum csv_state {
	CSV_FIELD, /* at the start of a field */
	CSV_BARE,
	CSV_QUOTED,
	CSV_QUOTE,  /* a quote in quotes: the first of two, or the end */
	CSV_BEHIND, /* behind the closing quote */
};

struct feed_csv {
	struct feed_buffer text; /* lines, each with its '\n', from the start of a record */
	size_t start, scanned;	 /* of its record */
	enum csv_state state;	 /* at `scanned` */
	unsigned int line;	 /* of `start` */
	char delimiter;		 /* 0: unknown */
	int column[CSV_COLUMNS]; /* -1: none */
	bool has_header;
	bool of_values; /* the prefix is in a column "value", with items of several kinds */
};

/* --- a feed --- */

struct feed {
	enum feed_format format;
	struct feed_callbacks callbacks;
	void *data;
	struct pace pace;
	enum feed_mode {
		FEED_RECOGNIZE,
		FEED_LINES,
		FEED_DOCUMENT,
		FEED_DISCARD, /* the rest is ignored; lines are still counted */
	} mode;
	unsigned int bom_n; /* bytes of it seen; UTF8_BOM_BYTES: it was there, or will not come */
	bool ended, incomplete;
	int err;
	uint64_t lines, entries, problems, ignored;
	unsigned int problem_line; /* of the last entry */
	struct feed_recognizer recognizer;
	struct feed_buffer line; /* an incomplete line */
	bool line_is_too_long;
	bool line_is_cut; /* bytes have come behind the last '\n' */
	struct feed_buffer document;
	unsigned int document_line;
	struct feed_csv csv;
	uint64_t drop_records; /* since the last metadata line */
};

/* Parses a line, without its end. Its number is feed->lines. */
void feed_plain_line(struct feed *feed, const char *text, size_t n);
void feed_drop_text_line(struct feed *feed, const char *text, size_t n);
void feed_csv_line(struct feed *feed, const char *text, size_t n);
void feed_json_line(struct feed *feed, const char *text, size_t n);

/* Parses what is left when no line follows. */
void feed_csv_end(struct feed *feed);
void feed_crowdsec_end(struct feed *feed);

/* Parses an object of a JSON document: accepted, ignored, or a problem. False if the document is
 * CrowdSec's.
 */
struct json_t;
bool feed_document_item(struct feed *feed, unsigned int line, const struct json_t *object);

/* Is one of its fields the name of a column? */
bool feed_csv_is_header(const char *line, size_t n);

/* --- output --- */

void feed_emit(struct feed *feed, const struct feed_entry *entry);
void feed_problem(struct feed *feed, unsigned int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Reports 'the text, cut' and why it is invalid. */
void feed_bad(struct feed *feed, unsigned int line, const char *text, size_t n, const char *what);
void feed_out_of_memory(struct feed *feed);

/* Reports the error of jansson, which has no text if out of memory. */
void feed_not_json(struct feed *feed, unsigned int line, const char *why);

/* Parses text with surrounding blanks to entry->prefix and ->note, or reports a problem in
 * entry->line.
 */
bool feed_take_prefix(struct feed *feed, const char *text, size_t n, struct feed_entry *entry);

/* --- width --- */

/* Parses text to *prefix; reports no problem if it is none. */
bool feed_parse_prefix(const char *text, size_t n, struct prefix *prefix, enum prefix_note *note);

/* Emits a prefix, an address, or FROM-TO, with the other fields of *entry. False, without a report,
 * if it is none of them.
 */
bool feed_take_extent(struct feed *feed, const char *text, size_t n, struct feed_entry *entry);

/* Emits the prefixes of a range of addresses. False if it is none. */
bool feed_emit_range(struct feed *feed, struct feed_entry *entry, const struct prefix *from,
		     const struct prefix *to);
bool feed_is_whole_prefix(const struct prefix *from, const struct prefix *to);

/* The kind of a value beside an address: nothing of interest; a length or a netmask, stored in
 * *length; another address, the end of a range; a number that may or may not be a length.
 */
enum feed_extent { FEED_EXTENT_NONE, FEED_EXTENT_LENGTH, FEED_EXTENT_END, FEED_EXTENT_UNSURE };
enum feed_extent feed_extent_beside(const struct prefix *address, const char *text, size_t n,
				    int *length, struct prefix *end);

/* Is it a line of two or more prefixes, and nothing else? */
enum feed_list {
	FEED_LIST_NONE,
	FEED_LIST,
	FEED_LIST_UNSURE, /* two addresses: a list, or a range */
};

enum feed_list feed_list_of(const char *text, size_t n);

static inline bool feed_is_list(const char *text, size_t n)
{
	return feed_list_of(text, n) == FEED_LIST;
}

void feed_emit_list(struct feed *feed, const char *text, size_t n, struct feed_entry *entry);

/* --- text --- */

/* Appends; false if out of memory. */
bool feed_buffer_add(struct feed_buffer *buffer, const char *text, size_t n);
void feed_buffer_free(struct feed_buffer *buffer);

static inline bool feed_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/* Removes blanks at both ends. */
void feed_trim(const char **text, size_t *n);

/* Does it contain more than blanks and a comment? */
bool feed_is_significant(const char *text, size_t n);

/* Trims, cuts between characters to fit into `bytes`, and replaces invalid UTF-8 and control
 * characters by '?'. NULL if nothing is left, otherwise buf.
 */
const char *feed_clean(const char *text, size_t n, char *buf, size_t bytes);

/* Case-insensitive comparison of a word with `name`. */
bool feed_word_is(const char *text, size_t n, const char *name);

#endif
