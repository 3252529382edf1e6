// SPDX-License-Identifier: GPL-2.0-only
/* CSV feeds (RFC 4180). Lines are collected until they contain a whole record, because a quoted
 * field may span several. If a quote is never closed, only its line is bad, and the text is parsed
 * again from the next one.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "feed_internal.h"

#define DELIMITERS ",;\t"
#define NAME_MAX_N 14	/* names for one column */
#define WORD_MAX   128	/* longest word that is compared */
#define FIELD_MAX  1024 /* kept bytes of a field; even a reason needs fewer */

#define VALUE_NAME "value"

/* If there are several such columns, the name listed first wins. */
static const char *const column_names[CSV_COLUMNS][NAME_MAX_N] = {
	[CSV_PREFIX] = {"prefix", "cidr", "address", "ip", "network", "src_ip", "ipaddress",
			"ip_address", "ip_prefix", "source_ip", "subnet", "range", VALUE_NAME},
	[CSV_REASON] = {"reason", "comment", "description", "scenario"},
	[CSV_TICKET] = {"ticket", "sblid", "id"},
	[CSV_SPAN] = {"duration", "for", "expiration"},
	[CSV_FIRST] = {"first", "start", "range_start", "start_ip", "ip_start", "ip_from", "from",
		       "first_ip"},
	[CSV_LAST] = {"last", "end", "range_end", "end_ip", "ip_end", "ip_to", "to", "last_ip"},
	[CSV_LENGTH] = {"length", "prefixlen", "prefix_length", "netmask", "mask", "masklen",
			"bits"},
	[CSV_KIND] = {"type"},
	[CSV_ACTION] = {"action"},
	[CSV_SIMULATED] = {"simulated"},
};

/* --- fields --- */

struct field {
	char text[FIELD_MAX]; /* without its quotes, cut */
	size_t n;
};

static void field_add(struct field *field, char c)
{
	if (field->n < sizeof(field->text))
		field->text[field->n++] = c;
}

/* The field at p, in a well-formed record. Returns the delimiter behind it, or `end`. */
static const char *field_read(struct field *field, const char *p, const char *end, char delimiter)
{
	const char *begin = p;

	field->n = 0;
	while (p < end && *p == ' ')
		p++;
	if (p == end || *p != '"') {
		for (p = begin; p < end && *p != delimiter; p++)
			field_add(field, *p);
		return p;
	}
	for (p++; p < end; p++) {
		if (*p == '"' && (++p == end || *p != '"'))
			break;
		field_add(field, *p);
	}
	while (p < end && *p != delimiter)
		p++;
	return p;
}

/* The column for this name, and the rank of the name. CSV_COLUMNS: none. */
static enum csv_column column_find(const struct field *field, int *rank)
{
	const char *text = field->text;
	size_t n = field->n;

	feed_trim(&text, &n);
	for (enum csv_column column = 0; column < CSV_COLUMNS; column++)
		for (int i = 0; column_names[column][i]; i++)
			if (feed_word_is(text, n, column_names[column][i])) {
				*rank = i;
				return column;
			}
	return CSV_COLUMNS;
}

/* --- first record --- */

/* Columns, from a header. Returns how many it names. */
static int read_header(const char *text, size_t n, char delimiter, int column[CSV_COLUMNS],
		       bool *of_values)
{
	int best[CSV_COLUMNS], rank, named = 0, number = 0;
	const char *p = text, *end = text + n;
	struct field field;

	for (int i = 0; i < CSV_COLUMNS; i++) {
		best[i] = NAME_MAX_N;
		column[i] = -1;
	}
	for (;; number++, p++) {
		enum csv_column found;

		p = field_read(&field, p, end, delimiter);
		found = column_find(&field, &rank);
		if (found < CSV_COLUMNS) {
			named++;
			if (rank < best[found]) {
				best[found] = rank;
				column[found] = number;
			}
		}
		if (p == end)
			break;
	}
	*of_values = column[CSV_PREFIX] >= 0 &&
		     !strcmp(column_names[CSV_PREFIX][best[CSV_PREFIX]], VALUE_NAME);
	/* with a prefix, these are times */
	if (column[CSV_PREFIX] >= 0 || column[CSV_FIRST] < 0 || column[CSV_LAST] < 0)
		column[CSV_FIRST] = column[CSV_LAST] = -1;
	if (column[CSV_PREFIX] < 0)
		column[CSV_PREFIX] = column[CSV_FIRST] < 0 ? 0 : column[CSV_FIRST];
	return named;
}

bool feed_csv_is_header(const char *line, size_t n)
{
	int column[CSV_COLUMNS];
	bool ignored;

	for (const char *delimiter = DELIMITERS; *delimiter; delimiter++)
		if (read_header(line, n, *delimiter, column, &ignored))
			return true;
	return false;
}

static bool starts_with_prefix(const char *text, size_t n, char delimiter)
{
	struct prefix prefix;
	struct field field;

	field_read(&field, text, text + n, delimiter);
	return feed_parse_prefix(field.text, field.n, &prefix, NULL);
}

/* Finds the delimiter in the first record that has one. Returns whether the record was a header. */
static bool look_at(struct feed_csv *csv, const char *text, size_t n)
{
	static const int headless[CSV_COLUMNS] = {0, -1, -1, -1, -1, -1, -1, -1, -1, -1};

	for (const char *delimiter = DELIMITERS; *delimiter; delimiter++) {
		csv->delimiter = *delimiter;
		memcpy(csv->column, headless, sizeof(headless));
		if (starts_with_prefix(text, n, *delimiter))
			return false;
		if (read_header(text, n, *delimiter, csv->column, &csv->of_values)) {
			csv->has_header = true;
			return true;
		}
	}
	csv->delimiter = '\0';
	memcpy(csv->column, headless, sizeof(headless));
	return false;
}

/* --- records --- */

struct word {
	char text[WORD_MAX]; /* trimmed; "" if too long */
	int number;	     /* of the column, from 0; -1: none */
};

struct record {
	struct feed_entry entry;
	char reason[REASON_TEXT_MAX], ticket[REASON_TEXT_MAX];
	struct word word[CSV_COLUMNS];
	struct word second; /* the second column, whatever its content */
};

static bool take_span(struct feed *feed, const struct field *field, struct feed_entry *entry)
{
	const char *text = field->text;
	size_t n = field->n;

	feed_trim(&text, &n);
	if (!n || (!feed_span(text, n, &entry->for_ms) && entry->for_ms > 0))
		return true;
	feed_bad(feed, entry->line, text, n, "is not a span of time, such as 90s or 7d");
	return false;
}

static void take_word(struct word *word, int number, const struct field *field)
{
	const char *text = field->text;
	size_t n = field->n;

	feed_trim(&text, &n);
	word->number = number;
	if (n >= sizeof(word->text) || memchr(text, '\0', n))
		n = 0;
	memcpy(word->text, text, n);
	word->text[n] = '\0';
}

static bool take_field(struct feed *feed, int number, const struct field *field,
		       struct record *record)
{
	const int *column = feed->csv.column;
	struct feed_entry *entry = &record->entry;

	if (number == 1)
		take_word(&record->second, number, field);
	for (int i = 0; i < CSV_COLUMNS; i++)
		if (number == column[i] && i != CSV_REASON && i != CSV_TICKET && i != CSV_SPAN)
			take_word(&record->word[i], number, field);
	if (number == column[CSV_REASON])
		entry->reason = feed_clean(field->text, field->n, record->reason, REASON_TEXT_MAX);
	else if (number == column[CSV_TICKET])
		entry->ticket = feed_clean(field->text, field->n, record->ticket, REASON_TEXT_MAX);
	else if (number == column[CSV_SPAN])
		return take_span(feed, field, entry);
	return true;
}

/* The problem with a word, and its position. */
static void tell_bad(struct feed *feed, const struct record *record, const struct word *word,
		     const char *what)
{
	char text[FEED_PROBLEM_MAX];

	snprintf(text, sizeof(text), "%s (column %d)", what, word->number + 1);
	feed_bad(feed, record->entry.line, word->text, strlen(word->text), text);
}

/* If a list has items of several kinds, as MISP or CrowdSec do, only addresses count; of actions,
 * only those that block.
 */
static bool is_wanted(struct feed *feed, struct record *record)
{
	static const char *const blocks[] = {"", "ban", "block", "drop", "deny", "reject", NULL};
	const char *kind = record->word[CSV_KIND].text, *action = record->word[CSV_ACTION].text;

	if ((feed->csv.of_values && record->word[CSV_KIND].number >= 0 && strcmp(kind, "ip-src") &&
	     strcmp(kind, "ip-dst")) ||
	    feed_word_is(record->word[CSV_SIMULATED].text, strlen(record->word[CSV_SIMULATED].text),
			 "true")) {
		feed->ignored++;
		return false;
	}
	for (int i = 0; blocks[i]; i++)
		if (feed_word_is(action, strlen(action), blocks[i]))
			return true;
	tell_bad(feed, record, &record->word[CSV_ACTION], "is not an action that blocks");
	return false;
}

/* CrowdSec writes "Ip:" and "Range:" before an address. False for anything else. */
static bool strip_scope(struct feed *feed, struct word *word)
{
	static const char *const others[] = {"Country:", "AS:", "Username:", NULL};
	size_t n = !strncasecmp(word->text, "Ip:", 3)	 ? 3 :
		   !strncasecmp(word->text, "Range:", 6) ? 6 :
							   0;

	memmove(word->text, word->text + n, strlen(word->text + n) + 1);
	for (int i = 0; others[i]; i++)
		if (!strncasecmp(word->text, others[i], strlen(others[i]))) {
			feed->ignored++;
			return false;
		}
	return true;
}

/* The value next to an address, in a named column or in the second. */
static void take_beside(struct feed *feed, struct record *record, const struct prefix *address,
			const struct word *beside)
{
	bool named = feed->csv.has_header;
	struct feed_entry *entry = &record->entry;
	struct prefix end;
	int length;

	switch (feed_extent_beside(address, beside->text, strlen(beside->text), &length, &end)) {
	case FEED_EXTENT_END:
		if ((named || feed_is_whole_prefix(address, &end)) &&
		    feed_emit_range(feed, entry, address, &end))
			return;
		tell_bad(feed, record, beside,
			 "may be the end of a range, or another address; name the columns");
		return;
	case FEED_EXTENT_UNSURE:
		if (!named) {
			tell_bad(feed, record, beside,
				 "may be the length of the address before it; name the columns");
			return;
		}
		/* fall through */
	case FEED_EXTENT_LENGTH:
		entry->prefix =
			prefix_around(&address->address,
				      length + (prefix_is_v4(address) ? PREFIX_V4_LENGTH : 0));
		entry->note =
			prefix_compare(&entry->prefix, address) ? PREFIX_EXACT : PREFIX_WAS_ADDRESS;
		feed_emit(feed, entry);
		return;
	case FEED_EXTENT_NONE:
		break;
	}
	if (named && *beside->text) {
		tell_bad(feed, record, beside, "is neither a length nor an end of the address");
		return;
	}
	entry->prefix = *address;
	entry->note = PREFIX_WAS_ADDRESS;
	feed_emit(feed, entry);
}

static void finish_record(struct feed *feed, struct record *record)
{
	struct word *prefix = &record->word[CSV_PREFIX];
	const struct word *beside = !feed->csv.has_header	       ? &record->second :
				    record->word[CSV_LAST].number >= 0 ? &record->word[CSV_LAST] :
									 &record->word[CSV_LENGTH];
	struct prefix address;
	enum prefix_note note;

	if (!is_wanted(feed, record) || !strip_scope(feed, prefix))
		return;
	if (feed_parse_prefix(prefix->text, strlen(prefix->text), &address, &note) &&
	    note == PREFIX_WAS_ADDRESS && beside->number >= 0)
		take_beside(feed, record, &address, beside);
	else if (!feed_take_extent(feed, prefix->text, strlen(prefix->text), &record->entry))
		tell_bad(feed, record, prefix, "is not a prefix");
}

static void take_record(struct feed *feed, const char *text, size_t n)
{
	struct record record = {.entry.line = feed->csv.line, .second.number = -1};
	const char *p = text, *end = text + n;
	struct field field;
	char delimiter;

	for (int i = 0; i < CSV_COLUMNS; i++)
		record.word[i].number = -1;
	if (memchr(text, '\0', n)) {
		feed_bad(feed, feed->csv.line, text, n, "has NUL bytes; is it text?");
		return;
	}
	if (!feed->csv.delimiter && look_at(&feed->csv, text, n))
		return;
	if (!feed->csv.has_header && feed_is_list(text, n)) {
		feed_emit_list(feed, text, n, &record.entry);
		return;
	}
	delimiter = feed->csv.delimiter ? feed->csv.delimiter : DELIMITERS[0];
	for (int number = 0;; number++, p++) {
		p = field_read(&field, p, end, delimiter);
		if (!take_field(feed, number, &field, &record))
			return;
		if (p == end)
			break;
	}
	if (record.word[CSV_PREFIX].number >= 0)
		finish_record(feed, &record);
	else
		feed_problem(feed, feed->csv.line, "missing column %d, the prefix",
			     feed->csv.column[CSV_PREFIX] + 1);
}

/* --- lines --- */

static bool ends_field(const struct feed_csv *csv, char c)
{
	return csv->delimiter ? c == csv->delimiter : c && strchr(DELIMITERS, c);
}

static bool next_state(struct feed_csv *csv, char c)
{
	switch (csv->state) {
	case CSV_FIELD:
		if (c == '"')
			csv->state = CSV_QUOTED;
		else if (c != ' ' && !ends_field(csv, c))
			csv->state = CSV_BARE;
		return true;
	case CSV_BARE:
		if (ends_field(csv, c))
			csv->state = CSV_FIELD;
		return true;
	case CSV_QUOTED:
		if (c == '"')
			csv->state = CSV_QUOTE;
		return true;
	case CSV_QUOTE:
	case CSV_BEHIND:
		if (c == '"' && csv->state == CSV_QUOTE)
			csv->state = CSV_QUOTED;
		else if (ends_field(csv, c))
			csv->state = CSV_FIELD;
		else if (c == ' ')
			csv->state = CSV_BEHIND;
		else
			return false;
		return true;
	}
	return false;
}

enum scan { SCAN_WHOLE, SCAN_OPEN, SCAN_BAD };

/* Scans from csv->scanned to the end of the record; csv->scanned is its '\n' then. */
static enum scan scan(struct feed_csv *csv)
{
	for (; csv->scanned < csv->text.n; csv->scanned++) {
		char c = csv->text.text[csv->scanned];

		if (c == '\n' && csv->state != CSV_QUOTED)
			return SCAN_WHOLE;
		if (!next_state(csv, c))
			return SCAN_BAD;
	}
	return SCAN_OPEN;
}

static void go_on_behind(struct feed_csv *csv, const char *newline)
{
	const char *p = csv->text.text + csv->start;

	for (; (p = memchr(p, '\n', newline + 1 - p)); p++)
		csv->line++;
	csv->start = newline + 1 - csv->text.text;
	csv->scanned = csv->start;
	csv->state = CSV_FIELD;
}

/* At the start of a record: is it an empty or comment line? With the delimiter ; a line may start
 * with an empty field.
 */
static bool is_comment(const struct feed_csv *csv, const char *text, size_t n)
{
	feed_trim(&text, &n);
	return !n || *text == '#' || (*text == ';' && csv->delimiter != ';');
}

/* Parses one record, or one line that is no record. False if it needs more lines. */
static bool take_next(struct feed *feed, bool end)
{
	struct feed_csv *csv = &feed->csv;
	const char *text = csv->text.text + csv->start;
	const char *newline = memchr(text, '\n', csv->text.n - csv->start);
	enum scan found = SCAN_WHOLE;

	if (csv->scanned == csv->start && is_comment(csv, text, newline - text)) {
		go_on_behind(csv, newline);
		return true;
	}
	found = scan(csv);
	if (found == SCAN_OPEN && !end && csv->text.n - csv->start <= FEED_LINE_MAX)
		return false;
	if (found == SCAN_WHOLE) {
		newline = csv->text.text + csv->scanned;
		take_record(feed, text, newline - text);
	} else {
		feed_bad(feed, csv->line, text, newline - text,
			 found == SCAN_OPEN ? "has a quote that is not closed" :
					      "has text behind a closing quote");
	}
	go_on_behind(csv, newline);
	return true;
}

static void take_records(struct feed *feed, bool end)
{
	struct feed_csv *csv = &feed->csv;
	struct feed_buffer *text = &csv->text;

	while (csv->start < text->n && feed->mode == FEED_LINES && take_next(feed, end))
		;
	text->n -= csv->start;
	memmove(text->text, text->text + csv->start, text->n);
	csv->scanned -= csv->start;
	csv->start = 0;
}

void feed_csv_line(struct feed *feed, const char *text, size_t n)
{
	struct feed_csv *csv = &feed->csv;

	if (!csv->text.n)
		csv->line = feed->lines;
	if (feed_buffer_add(&csv->text, text, n) && feed_buffer_add(&csv->text, "\n", 1))
		take_records(feed, false);
	else
		feed_out_of_memory(feed);
}

void feed_csv_end(struct feed *feed)
{
	if (feed->csv.text.n)
		take_records(feed, true);
}
