/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the feed parser share; for user/feed*.c only. */
#ifndef SLASH64_USER_FEED_INTERNAL_H
#define SLASH64_USER_FEED_INTERNAL_H

#include <sys/types.h>

#include "feed.h"

struct feed_buffer {
	char *text;
	size_t n, room;
};

/* --- the format, from the first bytes --- */

#define RECOGNIZER_WORD_MAX 16 /* longer than any key or value that tells a format */

struct feed_recognizer {
	enum { RECOGNIZER_BLANK, RECOGNIZER_COMMENT, RECOGNIZER_LINE, RECOGNIZER_JSON } state;
	struct feed_buffer head; /* from the first byte that says something */
	unsigned int depth;	 /* in JSON, of { and [ */
	bool at_line, in_string, escaped, is_value;
	bool is_open; /* a bracket, and nothing behind it yet */
	/* a "kind" of our export, and what it is of: no other list has both */
	bool has_kind, has_subject;
	char key[RECOGNIZER_WORD_MAX], word[RECOGNIZER_WORD_MAX];
	size_t word_n;
};

/* Takes bytes until the format is known, then in *format, or the head has FEED_LINE_MAX bytes.
 * Returns how many, or -ENOMEM. Lines that say nothing are counted in *lines and dropped; all else
 * is in the head, to be read again.
 */
ssize_t feed_recognize(struct feed_recognizer *recognizer, const char *text, size_t n,
		       enum feed_format *format, uint64_t *lines);

/* What it is if nothing follows; FEED_AUTO for JSON that is none of them. */
enum feed_format feed_recognize_end(const struct feed_recognizer *recognizer);

/* --- CSV --- */

enum csv_column {
	CSV_PREFIX,
	CSV_REASON,
	CSV_TICKET,
	CSV_SPAN,
	CSV_FIRST, /* of a range */
	CSV_LAST,
	CSV_LENGTH, /* or a netmask, of the prefix or of the first */
	CSV_KIND,   /* of what stands in "value" */
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
	struct feed_buffer text; /* lines, each with its '\n', from the first of a record on */
	size_t start, scanned;	 /* of the record in it */
	enum csv_state state;	 /* at `scanned` */
	unsigned int line;	 /* of `start` */
	char delimiter;		 /* 0: not known yet */
	int column[CSV_COLUMNS]; /* -1: there is none */
	bool has_header;
	bool of_values; /* the prefix is in a column "value", of things of several kinds */
};

/* --- a feed --- */

struct feed {
	enum feed_format format;
	struct feed_callbacks callbacks;
	void *data;
	enum feed_mode {
		FEED_RECOGNIZE,
		FEED_LINES,
		FEED_DOCUMENT,
		FEED_DISCARD, /* nothing of it matters any more; lines are counted */
	} mode;
	unsigned int bom_n; /* bytes of it seen; UTF8_BOM_BYTES: it was there, or will not be */
	bool ended, incomplete;
	int err;
	uint64_t lines, entries, problems, ignored;
	unsigned int problem_line; /* of the last one */
	struct feed_recognizer recognizer;
	struct feed_buffer line; /* that is not whole yet */
	bool line_is_too_long;
	bool line_is_cut; /* bytes have come behind the last '\n' */
	struct feed_buffer document;
	unsigned int document_line;
	struct feed_csv csv;
	uint64_t drop_records; /* since the last line of metadata */
};

/* A line, without its end. The number of it is feed->lines. */
void feed_plain_line(struct feed *feed, const char *text, size_t n);
void feed_drop_text_line(struct feed *feed, const char *text, size_t n);
void feed_csv_line(struct feed *feed, const char *text, size_t n);
void feed_json_line(struct feed *feed, const char *text, size_t n);

/* What is left when no line follows. */
void feed_csv_end(struct feed *feed);
void feed_crowdsec_end(struct feed *feed);

/* An object of a document that is not CrowdSec's: taken, ignored, or a problem. False where the document is CrowdSec's. */
struct json_t;
bool feed_document_item(struct feed *feed, unsigned int line, const struct json_t *object);

/* Is one of its fields the name of a column? */
bool feed_csv_is_header(const char *line, size_t n);

/* --- what comes out --- */

void feed_emit(struct feed *feed, const struct feed_entry *entry);
void feed_problem(struct feed *feed, unsigned int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* 'the text, cut' and what it is not. */
void feed_bad(struct feed *feed, unsigned int line, const char *text, size_t n, const char *what);
void feed_out_of_memory(struct feed *feed);

/* `why` of jansson, which has no words where memory is out. */
void feed_not_json(struct feed *feed, unsigned int line, const char *why);

/* Text with blanks around it -> entry->prefix and ->note, or a problem of entry->line. */
bool feed_take_prefix(struct feed *feed, const char *text, size_t n, struct feed_entry *entry);

/* --- how wide it is --- */

/* Text -> *prefix; no problem is told where it is none. */
bool feed_parse_prefix(const char *text, size_t n, struct prefix *prefix, enum prefix_note *note);

/* A prefix, an address, or FROM-TO: emitted, with what else *entry says. False, with nothing told, where it is none. */
bool feed_take_extent(struct feed *feed, const char *text, size_t n, struct feed_entry *entry);

/* The prefixes that make up a range of addresses. False where it is none. */
bool feed_emit_range(struct feed *feed, struct feed_entry *entry, const struct prefix *from,
		     const struct prefix *to);
bool feed_is_whole_prefix(const struct prefix *from, const struct prefix *to);

/* What stands beside an address: nothing of that kind; a length or a netmask -> *length, of its family; another address,
 * the end of a range; a number that may be a length, or not.
 */
enum feed_extent { FEED_EXTENT_NONE, FEED_EXTENT_LENGTH, FEED_EXTENT_END, FEED_EXTENT_UNSURE };
enum feed_extent feed_extent_beside(const struct prefix *address, const char *text, size_t n,
				    int *length, struct prefix *end);

/* Is it a line of prefixes, two or more, and nothing else? */
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

/* Appends; false where memory is out. */
bool feed_buffer_add(struct feed_buffer *buffer, const char *text, size_t n);
void feed_buffer_free(struct feed_buffer *buffer);

static inline bool feed_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/* Blanks at both ends away. */
void feed_trim(const char **text, size_t *n);

/* Is it more than blanks and a comment? */
bool feed_is_significant(const char *text, size_t n);

/* Trimmed, cut between characters to fit into `bytes`, what is no UTF-8 and what controls replaced
 * by '?'. NULL where nothing is left, else buf.
 */
const char *feed_clean(const char *text, size_t n, char *buf, size_t bytes);

/* A span as Go writes it, "3h59m58.123s" or "-5m", with days and weeks also -> *ms, rounded up; it
 * may be 0 and less. -EINVAL, or -ERANGE beyond 292 years.
 */
int feed_span(const char *text, size_t n, int64_t *ms);

/* Does the word, of any case, equal `name`? */
bool feed_word_is(const char *text, size_t n, const char *name);

#endif
