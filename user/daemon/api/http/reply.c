// SPDX-License-Identifier: GPL-2.0-only
#include "reply.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/blocks/blocks.h"
#include "base/text/escape.h"
#include "failures.h"
#include "refusals.h"
#include "net/spoken.h"
#include "base/text/when.h"

#define JSON_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(15))

static void send_text(struct evhttp_request *request, int code, const char *reason, char *text)
{
	struct evbuffer *out = evbuffer_new();

	if (!out || !text) {
		evhttp_send_error(request, HTTP_SERVUNAVAIL, "out of memory");
	} else {
		/* RFC 9110 9.3.2: no body in answer to HEAD, which libevent leaves to us */
		if (evhttp_request_get_command(request) != EVHTTP_REQ_HEAD)
			evbuffer_add_printf(out, "%s\n", text);
		evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
				  "application/json");
		evhttp_send_reply(request, code, reason, out);
	}
	free(text);
	if (out)
		evbuffer_free(out);
}

void reply_object(struct evhttp_request *request, json_t *object)
{
	send_text(request, HTTP_OK, "OK", object ? json_dumps(object, JSON_FLAGS) : NULL);
	json_decref(object);
}

json_t *failure_to_json(const struct failure *failure, const struct error *error)
{
	const char *hint = error_hint(error);
	int n = hint ? (int)error->said : (int)strlen(error->text);
	json_t *object =
		json_pack("{s:s%, s:s}", "error", error->text, (size_t)n, "code", failure->code);

	if (hint)
		json_object_set_new(object, "hint", json_string(hint));
	for (int i = 0; i < ERROR_MEMBERS_MAX && error->member[i].key; i++)
		json_object_set_new(object, error->member[i].key,
				    json_string(error->member[i].value));
	return object;
}

static void send_failure(struct evhttp_request *request, const struct failure *failure,
			 json_t *object)
{
	refusal_tell(request, object);
	send_text(request, failure->status, failure->phrase,
		  object ? json_dumps(object, JSON_FLAGS) : NULL);
	json_decref(object);
}

void reply_failure(struct evhttp_request *request, enum error_code code, const struct error *error)
{
	const struct failure *failure = failure_of_code(code);

	send_failure(request, failure, failure_to_json(failure, error));
}

void reply_error(struct evhttp_request *request, int err, const struct error *error)
{
	reply_error_with(request, err, error, NULL);
}

void reply_error_with(struct evhttp_request *request, int err, const struct error *error,
		      json_t *members)
{
	const struct failure *failure = failure_of(err, error);
	json_t *object = failure_to_json(failure, error);

	json_object_update(object, members);
	json_decref(members);
	send_failure(request, failure, object);
}

/* Nearly all lines are short; a list has a million of them. */
#define LINE_BYTES 2048

void reply_line(struct evbuffer *out, json_t *object)
{
	char line[LINE_BYTES];
	size_t bytes = object ? json_dumpb(object, line, sizeof(line) - 1, JSON_FLAGS) : 0;
	char *text = bytes >= sizeof(line) ? json_dumps(object, JSON_FLAGS) : NULL;

	if (bytes && bytes < sizeof(line)) {
		line[bytes] = '\n';
		evbuffer_add(out, line, bytes + 1);
	} else if (text) {
		evbuffer_add(out, text, strlen(text));
		evbuffer_add(out, "\n", 1);
	}
	free(text);
	json_decref(object);
}

void reply_list_header(struct evhttp_request *request)
{
	evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
			  "application/x-ndjson");
}

void reply_list(struct evhttp_request *request, struct evbuffer *lines)
{
	reply_list_header(request);
	evhttp_send_reply(request, HTTP_OK, "OK", lines);
}

json_t *request_object(struct evhttp_request *request, const char *const *keys, struct error *error)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(request);
	size_t bytes = evbuffer_get_length(body);
	const char *text = bytes ? (const char *)evbuffer_pullup(body, -1) : "";
	json_error_t problem;
	json_t *object = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &problem);
	const char *key;
	json_t *value;

	if (!object) {
		error_set(error, -EINVAL, "the body is not JSON: %s at byte %d", problem.text,
			  problem.position);
		return NULL;
	}
	if (!json_is_object(object)) {
		error_set(error, -EINVAL, "the body must be a JSON object");
		json_decref(object);
		return NULL;
	}
	json_object_foreach (object, key, value) {
		int i;

		for (i = 0; keys[i] && strcmp(keys[i], key); i++)
			;
		if (!keys[i]) {
			error_set(error, -EINVAL, "unknown key '%s' in the body", key);
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

char *request_parameter(struct evhttp_request *request, const char *name)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	const char *query = uri ? evhttp_uri_get_query(uri) : NULL;
	struct evkeyvalq pairs;
	const char *value;
	char *copy = NULL;

	if (!query || evhttp_parse_query_str(query, &pairs))
		return NULL;
	value = evhttp_find_header(&pairs, name);
	if (value)
		copy = strdup(value);
	evhttp_clear_headers(&pairs);
	return copy;
}

/* strtod() and strtoll() accept leading blanks, signs, hexadecimal digits and words: a mistake
 * would become a number.
 */
static bool is_plain(const char *text, const char *digits)
{
	return *text >= '0' && *text <= '9' && !text[strspn(text, digits)];
}

int request_number(struct evhttp_request *request, const char *name, double standard, uint32_t max,
		   double *value, struct error *error)
{
	char *text = request_parameter(request, name);
	char *end;
	int err = 0;

	*value = standard;
	if (text) {
		*value = strtod(text, &end);
		if (*end || !is_plain(text, "0123456789.") || !(*value > 0 && *value <= max))
			err = error_set(
				error, -EINVAL,
				"'%s' is '%.32s'; it must be a number above 0, at most %u, in digits alone like 60",
				name, text, max);
	}
	free(text);
	return err;
}

int request_count(struct evhttp_request *request, const char *name, uint32_t min, int64_t max,
		  int64_t *value, struct error *error)
{
	char *text = request_parameter(request, name);
	int64_t count = text ? strtoll(text, NULL, 10) : *value;
	int err = 0;

	/* a number that is too long is read as INT64_MAX */
	if (text && (!is_plain(text, "0123456789") || count < min || count > max))
		err = error_set(error, -EINVAL,
				"'%s' is '%.32s'; it must be a whole number from %u to %" PRId64
				", in digits alone",
				name, text, min, max);
	else
		*value = count;
	free(text);
	return err;
}

int request_time(struct evhttp_request *request, const char *name, int64_t *ms, struct error *error)
{
	char *text = request_parameter(request, name);
	char *end = text;
	double seconds;
	int64_t us;
	int err = 0;

	if (text && !when_parse_exact(text, &us)) {
		*ms = us / WHEN_MS;
	} else if (text) {
		seconds = strtod(text, &end);
		if (*end || !is_plain(text, "0123456789.") ||
		    !(seconds > 0 && seconds <= WHEN_MAX / WHEN_SECOND))
			err = error_set(
				error, -EINVAL,
				"'%s' must be a time like 2026-01-01T00:00:00Z, or seconds since 1970",
				name);
		else
			*ms = seconds * 1000;
	}
	free(text);
	return err;
}

bool request_flag(struct evhttp_request *request, const char *name)
{
	char *text = request_parameter(request, name);
	bool flag = text && (!strcmp(text, "1") || !strcmp(text, "true"));

	free(text);
	return flag;
}

int object_text(const json_t *object, const char *key, size_t max, const char **text,
		struct error *error)
{
	json_t *value = json_object_get(object, key);

	*text = NULL;
	if (!value || json_is_null(value))
		return 0;
	if (!json_is_string(value))
		return error_set(error, -EINVAL, "'%s' must be a string", key);
	if (json_string_length(value) > max)
		return error_set(error, -EINVAL, "'%s' must have at most %zu bytes", key, max);
	for (const char *p = json_string_value(value); *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return error_set(error, -EINVAL, "'%s' must have no control characters",
					 key);
	*text = json_string_value(value);
	return 0;
}

int object_flag(const json_t *object, const char *key, bool *flag, struct error *error)
{
	json_t *value = json_object_get(object, key);

	*flag = json_is_true(value);
	if (value && !json_is_boolean(value) && !json_is_null(value))
		return error_set(error, -EINVAL, "'%s' must be true or false", key);
	return 0;
}

int object_count(const json_t *object, const char *key, uint32_t max, uint32_t *count,
		 struct error *error)
{
	json_t *value = json_object_get(object, key);

	*count = 0;
	if (!value || json_is_null(value))
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < 1 ||
	    json_integer_value(value) > max)
		return error_set(error, -EINVAL, "'%s' must be a whole number from 1 to %u", key,
				 max);
	*count = json_integer_value(value);
	return 0;
}

/* A store that others have written may contain any number. */
static json_t *timestamp(int64_t ms, int digits)
{
	char text[WHEN_TEXT_MAX];
	int64_t us = ms > WHEN_MAX / WHEN_MS ? WHEN_MAX : ms < 0 ? 0 : ms * WHEN_MS;

	return ms ? json_string_nocheck(when_format_exact(us, digits, text)) : json_null();
}

json_t *time_to_json(int64_t ms)
{
	return timestamp(ms, 0);
}

json_t *exact_time_to_json(int64_t ms)
{
	return timestamp(ms, 3);
}

/* As long after the start as requested, whatever fraction of a second that started in. */
static json_t *until_to_json(const struct store_block *block)
{
	int64_t span = block->until_ms - block->start_ms;

	return time_to_json(
		block->until_ms ? block->start_ms / 1000 * 1000 + (span + 999) / 1000 * 1000 : 0);
}

json_t *text_to_json(const char *text)
{
	json_t *value = json_string(text);
	size_t bytes = strlen(text) * ESCAPE_FACTOR + 1;
	char *escaped;

	if (value)
		return value;
	escaped = malloc(bytes);
	if (!escaped)
		return NULL;
	escape_text(text, escaped, bytes);
	value = json_string(escaped);
	free(escaped);
	return value;
}

json_t *text_or_null(const char *text)
{
	return text ? text_to_json(text) : json_null();
}

json_t *check_to_json(const struct prefix *prefix)
{
	char check[SPOKEN_CHECK + 1];

	return prefix_is_v4(prefix) || spoken_check(prefix, check) ? json_null() :
								     json_string(check);
}

/* For ASCII text, such as the texts made here. */
static json_t *own_text(const char *text)
{
	return json_string_nocheck(text);
}

/* Formatted by hand: json_pack() would parse its format for each of a million lines. */
json_t *block_to_json(const struct store_block *block, const struct blocks *blocks,
		      const char *note)
{
	bool throttle = block->kind == STORE_THROTTLE;
	char text[PREFIX_TEXT_MAX], said[PREFIX_TEXT_MAX];
	json_t *object = json_object();
	uint64_t hits = 0;
	uint32_t last_hit = 0;

	blocks_hits(blocks, &block->prefix, &hits, &last_hit);
	const struct {
		const char *key;
		json_t *value;
	} members[] = {
		{"prefix", own_text(prefix_format(&block->prefix, text))},
		{"kind", own_text(store_kind_names[block->kind])},
		{"origin", text_to_json(block->origin)},
		{"reason", text_or_null(block->reason)},
		{"ticket", text_or_null(block->ticket)},
		{"start", time_to_json(block->start_ms)},
		{"until", until_to_json(block)},
		{"hits", json_integer((json_int_t)hits)},
		{"last_hit", time_to_json(last_hit * 1000LL)},
		{"rate", throttle ? json_integer(block->rate) : json_null()},
		{"burst", throttle ? json_integer(block->burst) : json_null()},
		{"check_chars", check_to_json(&block->prefix)},
		{"in_force",
		 json_boolean(!prefix_set_around(blocks_allowed(blocks), &block->prefix))},
		{"note", text_or_null(note)},
		{"address", block->said.length ? own_text(prefix_format_said(&block->said, said)) :
						 json_null()},
		{"addresses", json_integer(block->addresses)},
	};
	bool failed = !object;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		failed |=
			json_object_set_new_nocheck(object, members[i].key, members[i].value) != 0;
	if (!failed)
		return object;
	json_decref(object);
	return NULL;
}

json_t *allow_to_json(const struct store_block *allow, const char *note)
{
	char text[PREFIX_TEXT_MAX];

	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "prefix", prefix_format(&allow->prefix, text),
			 "origin", text_to_json(allow->origin), "reason",
			 text_or_null(allow->reason), "start", time_to_json(allow->start_ms),
			 "note", text_or_null(note));
}
