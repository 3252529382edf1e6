// SPDX-License-Identifier: GPL-2.0-only
/* Detects the format: from the first line that is not a comment, or in JSON from the first key, or
 * value of "type", that only one format has. A CrowdSec document may be one line of megabytes, so
 * JSON is scanned by bytes, not by lines.
 */
#include <errno.h>
#include <string.h>

#include "feed_internal.h"

static const struct {
	const char *key, *type; /* type: the value of "type" */
	enum feed_format format;
} json_marks[] = {
	{"cidr", NULL, FEED_DROP},	  {NULL, "metadata", FEED_DROP},
	{"event_type", NULL, FEED_EVE},	  {"new", NULL, FEED_CROWDSEC},
	{"deleted", NULL, FEED_CROWDSEC}, {NULL, "bundle", FEED_STIX},
	{NULL, "indicator", FEED_STIX},	  {"data", NULL, FEED_ABUSEIPDB},
};

static const char *const slash64_kinds[] = {"block", "throttle", "allow", "interface", NULL};

/* One key is not enough: a server's error response has a "type" as well, which is where 0.1.0
 * stored the kind.
 */
static enum feed_format slash64_find(struct feed_recognizer *recognizer, bool is_kind)
{
	for (int i = 0; is_kind && slash64_kinds[i]; i++)
		recognizer->has_kind |= !strcmp(recognizer->word, slash64_kinds[i]);
	if (!is_kind)
		recognizer->has_subject |=
			!strcmp(recognizer->word, "prefix") || !strcmp(recognizer->word, "name");
	return recognizer->has_kind && recognizer->has_subject ? FEED_SLASH64 : FEED_AUTO;
}

static enum feed_format mark_find(const char *key, const char *type)
{
	for (size_t i = 0; i < sizeof(json_marks) / sizeof(json_marks[0]); i++)
		if (key ? json_marks[i].key && !strcmp(json_marks[i].key, key) :
			  json_marks[i].type && !strcmp(json_marks[i].type, type))
			return json_marks[i].format;
	return FEED_AUTO;
}

static enum feed_format finish_string(struct feed_recognizer *recognizer)
{
	/* a text that was too long equals nothing */
	recognizer->word[recognizer->word_n < RECOGNIZER_WORD_MAX ? recognizer->word_n : 0] = '\0';
	if (recognizer->depth != 1)
		return FEED_AUTO;
	if (!recognizer->is_value) {
		enum feed_format found;

		strcpy(recognizer->key, recognizer->word);
		found = mark_find(recognizer->key, NULL);
		return found != FEED_AUTO ? found : slash64_find(recognizer, false);
	}
	if (!strcmp(recognizer->key, "kind"))
		return slash64_find(recognizer, true);
	if (!strcmp(recognizer->key, "type")) {
		enum feed_format found = mark_find(NULL, recognizer->word);

		return found != FEED_AUTO ? found : slash64_find(recognizer, true);
	}
	return FEED_AUTO;
}

static enum feed_format take_in_string(struct feed_recognizer *recognizer, char c)
{
	if (!recognizer->escaped && c == '"') {
		recognizer->in_string = false;
		return finish_string(recognizer);
	}
	recognizer->escaped = !recognizer->escaped && c == '\\';
	if (recognizer->word_n < RECOGNIZER_WORD_MAX)
		recognizer->word[recognizer->word_n++] = c;
	return FEED_AUTO;
}

static enum feed_format take_json(struct feed_recognizer *recognizer, char c)
{
	bool at_line = recognizer->at_line;

	recognizer->at_line = c == '\n';
	/* one broken line must not hide the format of the next ones */
	if (at_line && c == '{') {
		recognizer->depth = 0;
		recognizer->has_kind = recognizer->has_subject = false;
	}
	if (c == '\n')
		recognizer->in_string = recognizer->escaped = false;
	else if (recognizer->in_string)
		return take_in_string(recognizer, c);
	switch (c) {
	case '"':
		recognizer->in_string = true;
		recognizer->word_n = 0;
		break;
	case '{':
	case '[':
		recognizer->depth++;
		recognizer->is_value = false;
		break;
	case '}':
	case ']':
		recognizer->depth -= recognizer->depth > 0;
		break;
	case ':':
	case ',':
		if (recognizer->depth == 1)
			recognizer->is_value = c == ':';
		break;
	}
	return FEED_AUTO;
}

/* --- text --- */

/* PREFIX ; SBL1234 */
static bool is_drop_text(const char *text, size_t n)
{
	const char *semicolon = memchr(text, ';', n);
	size_t behind;

	if (!semicolon)
		return false;
	behind = text + n - ++semicolon;
	feed_trim(&semicolon, &behind);
	return behind > 3 && !memcmp(semicolon, "SBL", 3) && semicolon[3] >= '0' &&
	       semicolon[3] <= '9';
}

/* PREFIX, a tab, and something other than a comment */
static bool has_tabs(const char *text, size_t n)
{
	const char *tab = memchr(text, '\t', n);
	struct feed_entry entry = {};
	char first[PREFIX_TEXT_MAX];
	size_t before = tab ? tab - text : 0;

	if (!before || before >= sizeof(first) || !feed_is_significant(tab, n - before))
		return false;
	memcpy(first, text, before);
	first[before] = '\0';
	return !prefix_parse_whole(first, &entry.prefix, NULL);
}

static size_t end_of_comment(const char *text, size_t n)
{
	const char *comment = memchr(text, '#', n);

	return comment ? (size_t)(comment - text) : n;
}

static enum feed_format recognize_line(const char *text, size_t n)
{
	const char *end = memchr(text, '\n', n);
	size_t plain = 0;

	n = end ? (size_t)(end - text) : n;
	feed_trim(&text, &n);
	/* a comma in a comment means nothing */
	while (plain < n && text[plain] != '#' && text[plain] != ';')
		plain++;
	if (feed_is_list(text, end_of_comment(text, n)))
		return FEED_PLAIN;
	if (memchr(text, ',', plain) || memchr(text, '"', plain))
		return FEED_CSV;
	if (is_drop_text(text, n))
		return FEED_DROP_TEXT;
	return feed_csv_is_header(text, n) || has_tabs(text, n) ? FEED_CSV : FEED_PLAIN;
}

/* --- both --- */

/* Skips empty lines and comments. */
static void skip(struct feed_recognizer *recognizer, char c, uint64_t *lines)
{
	if (c == '\n') {
		recognizer->state = RECOGNIZER_BLANK;
		(*lines)++;
	} else if (recognizer->state == RECOGNIZER_BLANK && !feed_is_blank(c)) {
		recognizer->state = c == '#' || c == ';' ? RECOGNIZER_COMMENT :
				    c == '{'		 ? RECOGNIZER_JSON :
							   RECOGNIZER_LINE;
	}
}

/* A bracket and an object are an array of decisions; a bracket alone may be anything. */
static enum feed_format take_line(struct feed_recognizer *recognizer, char c)
{
	const struct feed_buffer *head = &recognizer->head;

	if (head->n == 1)
		recognizer->is_open = c == '[';
	else if (recognizer->is_open && !feed_is_blank(c) && c != '\n') {
		recognizer->is_open = false;
		if (c == '{')
			return FEED_DECISIONS;
	}
	return c == '\n' && !recognizer->is_open ? recognize_line(head->text, head->n) : FEED_AUTO;
}

ssize_t feed_recognize(struct feed_recognizer *recognizer, const char *text, size_t n,
		       enum feed_format *format, uint64_t *lines)
{
	struct feed_buffer *head = &recognizer->head;
	size_t i;

	for (i = 0; i < n && *format == FEED_AUTO && head->n < FEED_LINE_MAX; i++) {
		if (recognizer->state < RECOGNIZER_LINE)
			skip(recognizer, text[i], lines);
		if (recognizer->state < RECOGNIZER_LINE)
			continue;
		if (!feed_buffer_add(head, &text[i], 1))
			return -ENOMEM;
		if (recognizer->state == RECOGNIZER_JSON)
			*format = take_json(recognizer, text[i]);
		else
			*format = take_line(recognizer, text[i]);
	}
	return i;
}

enum feed_format feed_recognize_end(const struct feed_recognizer *recognizer)
{
	if (recognizer->state == RECOGNIZER_LINE)
		return recognize_line(recognizer->head.text, recognizer->head.n);
	return FEED_AUTO;
}
