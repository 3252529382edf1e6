// SPDX-License-Identifier: GPL-2.0-only
/* The outer structure is scanned here, and each decision is parsed by itself: a JSON tree of a whole
 * list may take gigabytes.
 */
#include "stream.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feed/feed.h"

#define KEY_MAX	  32
#define DEPTH_MAX 64

enum state {
	BEFORE, /* the document */
	KEY,	/* a key may begin, or the document ends */
	IN_KEY,
	COLON,
	VALUE,	  /* it begins */
	IN_WORD,  /* a number, true, null */
	IN_VALUE, /* a string, list or object of no interest */
	BEHIND,	  /* a value: a comma, or the end */
	ITEM,	  /* of a list of decisions, or its end */
	IN_ITEM,
	ITEM_BEHIND,
	DONE,
};

struct stream {
	struct stream_callbacks callbacks;
	enum state state;
	int err;
	bool in_string, is_escaped;
	unsigned int depth; /* of brackets in a value or item */
	char key[KEY_MAX];  /* or a word */
	size_t key_bytes;
	bool is_list, is_deleted; /* the value is one of the two lists; which */
	bool has_list;
	char item[STREAM_DECISION_MAX];
	size_t item_bytes;
	uint64_t left_out[STREAM_LEFT_OUT];
};

struct stream *stream_open(const struct stream_callbacks *callbacks)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	if (stream)
		stream->callbacks = *callbacks;
	return stream;
}

void stream_close(struct stream *stream)
{
	free(stream);
}

uint64_t stream_left_out(const struct stream *stream, enum stream_left_out why)
{
	return stream->left_out[why];
}

/* --- a decision --- */

static const char *text_of(const json_t *decision, const char *key)
{
	const char *text = json_string_value(json_object_get(decision, key));

	return text ? text : "";
}

static bool is_ours(const json_t *decision)
{
	const char *scope = text_of(decision, "scope"), *type = text_of(decision, "type");

	return (!strcasecmp(scope, "ip") || !strcasecmp(scope, "range")) &&
	       (!strcasecmp(type, "ban") || !strcasecmp(type, "throttle")) &&
	       !json_is_true(json_object_get(decision, "simulated"));
}

static bool read_span(const json_t *decision, bool is_deleted, int64_t *ms)
{
	const char *text = text_of(decision, "duration");

	*ms = is_deleted ? -1 : INT64_MAX;
	return is_deleted || !*text || !feed_span(text, strlen(text), ms);
}

/* JSON, but with a value that nobody reads: it costs this decision, and not all of them. */
static bool is_only_unreadable(const json_error_t *error)
{
	switch (json_error_code(error)) {
	case json_error_null_character:
	case json_error_null_byte_in_key:
	case json_error_numeric_overflow:
	case json_error_invalid_utf8:
		return true;
	default:
		return false;
	}
}

static int take_decision(struct stream *stream)
{
	bool fits = stream->item_bytes < sizeof(stream->item);
	json_error_t why;
	json_t *object = fits ? json_loadb(stream->item, stream->item_bytes, 0, &why) : NULL;
	struct stream_decision decision = {.is_deleted = stream->is_deleted};
	int err = 0;

	if (!object) {
		if (fits && !is_only_unreadable(&why))
			return -EBADMSG;
		stream->left_out[STREAM_INVALID]++;
		return 0;
	}
	if (!is_ours(object)) {
		stream->left_out[STREAM_OTHER]++;
	} else if (set_key_parse(text_of(object, "value"), &decision.key) ||
		   !read_span(object, stream->is_deleted, &decision.for_ms)) {
		stream->left_out[STREAM_INVALID]++;
	} else {
		decision.id = json_integer_value(json_object_get(object, "id"));
		decision.is_throttle = !strcasecmp(text_of(object, "type"), "throttle");
		decision.origin = text_of(object, "origin");
		decision.scenario = text_of(object, "scenario");
		err = stream->callbacks.decision(&decision, stream->callbacks.data);
	}
	json_decref(object);
	return err;
}

/* --- the document, character by character --- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Within a string, list or object. True at its last character. */
static bool is_last(struct stream *stream, char c)
{
	if (stream->in_string) {
		if (stream->is_escaped)
			stream->is_escaped = false;
		else if (c == '\\')
			stream->is_escaped = true;
		else
			stream->in_string = c != '"';
		return !stream->in_string && !stream->depth;
	}
	if (c == '"')
		stream->in_string = true;
	else if (c == '{' || c == '[')
		stream->depth++;
	else if (c == '}' || c == ']')
		stream->depth--;
	return !stream->depth && !stream->in_string;
}

static void enter(struct stream *stream, enum state state, char c)
{
	stream->state = state;
	stream->depth = 0;
	stream->in_string = stream->is_escaped = false;
	is_last(stream, c);
}

static int in_key(struct stream *stream, char c)
{
	if (!is_last(stream, c)) {
		/* a longer one, or one with escapes, is none that we know */
		if (stream->key_bytes < KEY_MAX - 1)
			stream->key[stream->key_bytes++] = c;
		return 0;
	}
	stream->key[stream->key_bytes] = '\0';
	stream->is_deleted = !strcmp(stream->key, "deleted");
	stream->is_list = stream->is_deleted || !strcmp(stream->key, "new");
	stream->state = COLON;
	return 0;
}

static int begin_value(struct stream *stream, char c)
{
	stream->key_bytes = 0;
	if (stream->is_list && c == '[') {
		stream->has_list = true;
		stream->state = ITEM;
		return 0;
	}
	if (c == '"' || c == '{' || c == '[') {
		if (stream->is_list)
			return -EBADMSG;
		enter(stream, IN_VALUE, c);
		return 0;
	}
	stream->state = IN_WORD;
	stream->key[stream->key_bytes++] = c;
	return 0;
}

static int behind_value(struct stream *stream, char c)
{
	if (c != ',' && c != '}')
		return -EBADMSG;
	stream->state = c == ',' ? KEY : DONE;
	return 0;
}

/* null is an empty list */
static int in_word(struct stream *stream, char c)
{
	bool ends = is_blank(c) || c == ',' || c == '}';

	if (!ends && stream->key_bytes < KEY_MAX - 1) {
		stream->key[stream->key_bytes++] = c;
		return 0;
	}
	stream->key[stream->key_bytes] = '\0';
	if (!ends || (stream->is_list && strcmp(stream->key, "null")))
		return -EBADMSG;
	stream->has_list |= stream->is_list;
	stream->state = BEHIND;
	return is_blank(c) ? 0 : behind_value(stream, c);
}

static int in_item(struct stream *stream, char c)
{
	if (stream->depth > DEPTH_MAX)
		return -EBADMSG;
	/* what is too long is read to its end, and left out */
	if (stream->item_bytes < sizeof(stream->item))
		stream->item[stream->item_bytes++] = c;
	if (!is_last(stream, c))
		return 0;
	stream->state = ITEM_BEHIND;
	return take_decision(stream);
}

static int begin_item(struct stream *stream, char c)
{
	if (c == ']') {
		stream->state = BEHIND;
		return 0;
	}
	if (c != '{')
		return -EBADMSG;
	enter(stream, IN_ITEM, c);
	stream->item[0] = c;
	stream->item_bytes = 1;
	return 0;
}

static int behind_item(struct stream *stream, char c)
{
	if (c != ',' && c != ']')
		return -EBADMSG;
	stream->state = c == ',' ? ITEM : BEHIND;
	return 0;
}

static int begin_key(struct stream *stream, char c)
{
	if (c == '}') {
		stream->state = DONE;
		return 0;
	}
	if (c != '"')
		return -EBADMSG;
	stream->key_bytes = 0;
	enter(stream, IN_KEY, c);
	return 0;
}

/* Between tokens; blanks are skipped before. */
static int take_token(struct stream *stream, char c)
{
	switch (stream->state) {
	case BEFORE:
		stream->state = KEY;
		return c == '{' ? 0 : -EBADMSG;
	case KEY:
		return begin_key(stream, c);
	case COLON:
		stream->state = VALUE;
		return c == ':' ? 0 : -EBADMSG;
	case VALUE:
		return begin_value(stream, c);
	case BEHIND:
		return behind_value(stream, c);
	case ITEM:
		return begin_item(stream, c);
	case ITEM_BEHIND:
		return behind_item(stream, c);
	default:
		return -EBADMSG; /* behind the document */
	}
}

static int take_char(struct stream *stream, char c)
{
	switch (stream->state) {
	case IN_KEY:
		return in_key(stream, c);
	case IN_WORD:
		return in_word(stream, c);
	case IN_VALUE:
		if (is_last(stream, c))
			stream->state = BEHIND;
		return stream->depth > DEPTH_MAX ? -EBADMSG : 0;
	case IN_ITEM:
		return in_item(stream, c);
	default:
		return is_blank(c) ? 0 : take_token(stream, c);
	}
}

int stream_text(struct stream *stream, const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes && !stream->err; i++)
		stream->err = take_char(stream, text[i]);
	return stream->err;
}

int stream_end(struct stream *stream)
{
	if (!stream->err && (stream->state != DONE || !stream->has_list))
		stream->err = -EBADMSG;
	return stream->err;
}
