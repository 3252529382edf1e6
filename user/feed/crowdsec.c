// SPDX-License-Identifier: GPL-2.0-only
/* The decisions stream of a CrowdSec LAPI, {"new":[...],"deleted":[...]}, or several of them one
 * after the other. A document is accepted as a whole or not at all. The outer structure is scanned
 * here, and each decision is parsed by itself: a JSON tree of 64 MiB may take gigabytes. Between two
 * decisions the walk is a few words, so it pauses there, and needs no parser that streams.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "feed_internal.h"
#include "base/array.h"

/* Looked at between two points at which others are served: some 10 us. */
#define BYTES_AT_ONCE (8U << 10)

struct walk {
	struct feed *feed;
	const char *p, *end;
	const char *breath; /* where others are served next */
	unsigned int line;  /* of p */
	void (*decision)(struct walk *walk, size_t n, bool deleted);
	struct prefix *wanted; /* the prefixes of "new" in this document */
	size_t count, room;
	bool known; /* the document has one of the lists */
	bool out_of_memory;
};

/* --- the document --- */

/* A document may be one string, or blanks, of 64 MiB. */
static void breathe_at(struct walk *walk, const char *at)
{
	if (at < walk->breath)
		return;
	walk->breath = at + BYTES_AT_ONCE;
	pace_breathe(&walk->feed->pace);
}

static void advance(struct walk *walk, size_t n)
{
	walk->breath = walk->p + BYTES_AT_ONCE;
	for (const char *end = walk->p + n; walk->p < end; walk->p++) {
		walk->line += *walk->p == '\n';
		breathe_at(walk, walk->p);
	}
}

static void skip_blanks(struct walk *walk)
{
	walk->breath = walk->p + BYTES_AT_ONCE;
	for (; walk->p < walk->end && (feed_is_blank(*walk->p) || *walk->p == '\n'); walk->p++) {
		walk->line += *walk->p == '\n';
		breathe_at(walk, walk->p);
	}
}

/* If c is next, ignoring blanks, skips it. */
static bool skip_char(struct walk *walk, char c)
{
	skip_blanks(walk);
	if (walk->p == walk->end || *walk->p != c)
		return false;
	advance(walk, 1);
	return true;
}

/* Length of the string at p, including its quotes; 0 if it does not end. */
static size_t string_bytes(struct walk *walk, const char *p)
{
	for (const char *q = p + 1; q < walk->end; q++) {
		if (*q == '"')
			return q + 1 - p;
		q += *q == '\\';
		breathe_at(walk, q);
	}
	return 0;
}

/* Length of the value at p, looking only at strings and brackets; 0 if it does not end. */
static size_t value_bytes(struct walk *walk)
{
	const char *p = walk->p, *q = p;
	size_t depth = 0, n = 0;

	walk->breath = p + BYTES_AT_ONCE;
	if (*p != '"' && *p != '{' && *p != '[') {
		for (; q < walk->end && !feed_is_blank(*q) && !strchr(",]}\n", *q); q++)
			breathe_at(walk, q);
		return q - p;
	}
	do {
		n = 1;
		breathe_at(walk, q);
		if (*q == '"')
			n = string_bytes(walk, q);
		else if (*q == '{' || *q == '[')
			depth++;
		else if (*q == '}' || *q == ']')
			depth--;
		if (!n)
			return 0;
		q += n;
	} while (depth && q < walk->end);
	return depth ? 0 : q - p;
}

/* Length of the next value, including leading blanks; 0 if there is none. */
static size_t next_value(struct walk *walk)
{
	skip_blanks(walk);
	return walk->p < walk->end ? value_bytes(walk) : 0;
}

static bool walk_list(struct walk *walk, bool deleted)
{
	if (skip_char(walk, ']'))
		return true;
	do {
		size_t n = next_value(walk);

		if (!n)
			return false;
		walk->decision(walk, n, deleted);
		advance(walk, n);
		pace_breathe(&walk->feed->pace);
	} while (skip_char(walk, ','));
	return skip_char(walk, ']');
}

static bool word_at(const char *p, size_t n, const char *word)
{
	return n == strlen(word) && !memcmp(p, word, n);
}

static bool is_stream(const struct walk *walk)
{
	return walk->feed->format == FEED_CROWDSEC;
}

/* The member that contains the entries. */
static const char *list_key(const struct walk *walk)
{
	return walk->feed->format == FEED_ABUSEIPDB ? "\"data\"" :
	       walk->feed->format == FEED_STIX	    ? "\"objects\"" :
						      "\"new\"";
}

static bool walk_member(struct walk *walk)
{
	const char *key = walk->p;
	size_t key_n = *key == '"' ? string_bytes(walk, key) : 0, n;
	bool is_new = word_at(key, key_n, list_key(walk)),
	     deleted = is_stream(walk) && word_at(key, key_n, "\"deleted\"");

	if (!key_n)
		return false;
	advance(walk, key_n);
	if (!skip_char(walk, ':'))
		return false;
	walk->known |= is_new || deleted;
	if ((is_new || deleted) && skip_char(walk, '['))
		return walk_list(walk, deleted);
	n = next_value(walk);
	/* null means no decisions */
	if (!n || ((is_new || deleted) && !word_at(walk->p, n, "null")))
		return false;
	advance(walk, n);
	return true;
}

static bool walk_document(struct walk *walk)
{
	walk->known = walk->feed->format == FEED_DECISIONS;
	if (walk->known)
		return skip_char(walk, '[') && walk_list(walk, false);
	if (!skip_char(walk, '{'))
		return false;
	if (skip_char(walk, '}'))
		return true;
	do {
		skip_blanks(walk);
		if (walk->p == walk->end || !walk_member(walk))
			return false;
	} while (skip_char(walk, ','));
	return skip_char(walk, '}');
}

/* --- decisions --- */

static const char *text_of(const json_t *decision, const char *key)
{
	const char *text = json_string_value(json_object_get(decision, key));

	return text ? text : "";
}

static bool text_is(const char *text, const char *name)
{
	return feed_word_is(text, strlen(text), name);
}

/* Does it concern a source, and is it to be enforced here? A captcha is not. */
static bool is_ours(const json_t *decision)
{
	const char *scope = text_of(decision, "scope"), *type = text_of(decision, "type");

	return (text_is(scope, "ip") || text_is(scope, "range")) &&
	       (!*type || text_is(type, "ban")) &&
	       !json_is_true(json_object_get(decision, "simulated"));
}

static void tell_bad(const struct walk *walk, size_t n, const json_t *decision, const char *why)
{
	if (n > FEED_LINE_MAX)
		feed_problem(walk->feed, walk->line, "the decision has more than %u bytes",
			     FEED_LINE_MAX);
	else if (decision)
		feed_bad(walk->feed, walk->line, walk->p, n, "is not a decision");
	else
		feed_not_json(walk->feed, walk->line, why);
}

/* NULL if it is not a decision, which is reported if it would be used. */
static json_t *load(struct walk *walk, size_t n, bool tell)
{
	json_error_t error;
	json_t *decision = NULL;

	if (n <= FEED_LINE_MAX) {
		decision = json_loadb(walk->p, n, JSON_DECODE_ANY, &error);
		walk->out_of_memory |= !decision && !*error.text;
	}
	if (json_is_object(decision))
		return decision;
	if (tell)
		tell_bad(walk, n, decision, error.text);
	json_decref(decision);
	return NULL;
}

/* The remaining duration; 0 if not given, -1 if expired. */
static int span_of(const json_t *decision, int64_t *ms)
{
	const char *text = text_of(decision, "duration");
	int err;

	*ms = 0;
	if (!*text)
		return 0;
	err = feed_span(text, strlen(text), ms);
	if (!err && *ms <= 0)
		*ms = -1;
	return err;
}

static void collect(struct walk *walk, size_t n, bool deleted)
{
	json_t *decision = deleted || !is_stream(walk) ? NULL : load(walk, n, false);
	struct prefix prefix;
	int64_t ms;

	if (decision && is_ours(decision) && !span_of(decision, &ms) && ms >= 0 &&
	    !prefix_parse_whole(text_of(decision, "value"), &prefix, NULL)) {
		if (array_reserve(&walk->wanted, &walk->room, walk->count + 1,
				  sizeof(*walk->wanted)))
			walk->out_of_memory = true;
		else
			walk->wanted[walk->count++] = prefix;
	}
	json_decref(decision);
}

static void emit_new(struct walk *walk, const json_t *decision, struct feed_entry *entry)
{
	const char *span = text_of(decision, "duration"), *scenario = text_of(decision, "scenario");
	char reason[REASON_TEXT_MAX];

	if (span_of(decision, &entry->for_ms)) {
		feed_bad(walk->feed, walk->line, span, strlen(span), "is not a duration");
	} else if (entry->for_ms < 0) {
		walk->feed->ignored++;
	} else {
		entry->reason = feed_clean(scenario, strlen(scenario), reason, sizeof(reason));
		feed_emit(walk->feed, entry);
	}
}

/* A prefix stays if one decision about it expires while another is new. */
static void emit_deleted(struct walk *walk, const json_t *decision, struct feed_entry *entry)
{
	const char *scenario = text_of(decision, "scenario");
	char reason[REASON_TEXT_MAX];

	if (walk->count && bsearch(&entry->prefix, walk->wanted, walk->count, sizeof(*walk->wanted),
				   prefix_order)) {
		walk->feed->ignored++;
		return;
	}
	entry->kind = FEED_REMOVE;
	entry->reason = feed_clean(scenario, strlen(scenario), reason, sizeof(reason));
	feed_emit(walk->feed, entry);
}

static void emit(struct walk *walk, size_t n, bool deleted)
{
	struct feed_entry entry = {.line = walk->line};
	const char *value;
	json_t *decision;

	if (walk->feed->mode == FEED_DISCARD)
		return;
	decision = load(walk, n, true);
	if (!decision)
		return;
	value = text_of(decision, "value");
	if (feed_document_item(walk->feed, walk->line, decision))
		;
	else if (!is_ours(decision))
		walk->feed->ignored++;
	else if (feed_take_prefix(walk->feed, value, strlen(value), &entry))
		(deleted ? emit_deleted : emit_new)(walk, decision, &entry);
	json_decref(decision);
}

/* --- all documents --- */

static int order_in_pieces(const void *a, const void *b, void *pace)
{
	pace_breathe(pace);
	return prefix_order(a, b);
}

static void tell_broken(const struct walk *walk)
{
	size_t left = walk->end - walk->p;

	walk->feed->incomplete = true;
	if (!left)
		feed_problem(walk->feed, walk->line,
			     "the document is incomplete; nothing of it is used");
	else
		feed_bad(walk->feed, walk->line, walk->p,
			 left < REASON_TEXT_MAX ? left : REASON_TEXT_MAX,
			 "is incomplete or malformed; nothing of this document is used");
}

static bool take_document(struct walk *walk)
{
	struct walk begin = *walk;

	walk->decision = collect;
	walk->count = 0;
	if (!walk_document(walk)) {
		tell_broken(walk);
		return false;
	}
	if (!walk->known) {
		walk->feed->incomplete = true;
		feed_problem(
			walk->feed, begin.line,
			is_stream(walk) ?
				"the document has neither 'new' nor 'deleted': is it CrowdSec's stream?" :
			walk->feed->format == FEED_STIX ?
				"the document has no 'objects': is it a bundle of STIX?" :
				"the document has no 'data': is it of AbuseIPDB?");
		return false;
	}
	if (walk->out_of_memory) {
		feed_out_of_memory(walk->feed);
		return false;
	}
	if (walk->count)
		qsort_r(walk->wanted, walk->count, sizeof(*walk->wanted), order_in_pieces,
			&walk->feed->pace);
	walk->p = begin.p;
	walk->line = begin.line;
	walk->decision = emit;
	return walk_document(walk);
}

void feed_crowdsec_end(struct feed *feed)
{
	struct walk walk = {
		.feed = feed,
		.p = feed->document.text,
		.line = feed->document_line,
	};

	/* empty, without an allocation failure */
	if (!walk.p)
		return;
	walk.end = walk.p + feed->document.n;
	for (skip_blanks(&walk); walk.p < walk.end; skip_blanks(&walk))
		if (!take_document(&walk))
			break;
	free(walk.wanted);
}
