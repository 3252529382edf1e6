// SPDX-License-Identifier: GPL-2.0-only
/* The control API: imports, in pieces. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/handlers.h"
#include "daemon/import/session.h"
#include "daemon/api/http/reply.h"
#include "base/text/utf8.h"
#include "base/text/duration.h"

#define ANSWER_PROBLEMS_MAX 200
#define PIECE_BYTES_MAX	    (512U << 10)

static int find_word(const char *const *words, const char *word)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], word))
			return i;
	return -ENOENT;
}

static int take_text(struct evhttp_request *request, const char *name, char *out, size_t bytes,
		     struct error *error)
{
	char *text = request_parameter(request, name);
	int err = 0;

	out[0] = '\0';
	if (text && strlen(text) >= bytes)
		err = error_set(error, -EINVAL, "'%s' must have at most %zu bytes", name,
				bytes - 1);
	for (size_t left = text ? strlen(text) : 0, n; left && !err; left -= n) {
		const unsigned char *p = (const unsigned char *)text + strlen(text) - left;

		n = utf8_bytes(p, left);
		if (!n)
			err = error_set(error, -EINVAL, "'%s' must be UTF-8", name);
		else if (utf8_is_control(p))
			err = error_set(error, -EINVAL, "'%s' must have no control characters",
					name);
	}
	if (!err && text)
		strcpy(out, text);
	free(text);
	return err;
}

static int take_format(struct evhttp_request *request, enum feed_format *format,
		       struct error *error)
{
	char *text = request_parameter(request, "format");
	int err = 0, i;

	*format = FEED_AUTO;
	for (i = 0; text && feed_format_names[i] && strcmp(text, feed_format_names[i]); i++)
		;
	if (text && !feed_format_names[i])
		err = error_set(
			error, -EINVAL,
			"unknown format '%.32s'; use auto, plain, csv, drop, drop-text, eve, crowdsec, slash64, decisions, abuseipdb or stix",
			text);
	else if (text)
		*format = i;
	free(text);
	return err;
}

static int take_options(struct evhttp_request *request, struct import_options *options,
			struct error *error)
{
	double seconds;
	int err;

	memset(options, 0, sizeof(*options));
	err = take_text(request, "origin", options->origin, sizeof(options->origin), error);
	if (!err)
		err = take_text(request, "reason", options->reason, sizeof(options->reason), error);
	if (!err)
		err = take_format(request, &options->format, error);
	if (!err)
		err = request_number(request, "for_seconds", 0, DURATION_MAX_S, &seconds, error);
	if (err)
		return err;
	options->for_ms = seconds * 1000;
	options->replace = request_flag(request, "replace");
	options->strict = request_flag(request, "strict");
	options->force = request_flag(request, "force");
	options->dry_run = request_flag(request, "dry_run");
	options->restore = request_flag(request, "restore");
	if (options->restore &&
	    (options->origin[0] || options->replace || options->for_ms || options->reason[0]))
		return error_set(
			error, -EINVAL,
			"a restore has origins, ends and reasons from the backup; leave out origin, replace, for_seconds and reason");
	if (options->restore && options->format != FEED_AUTO && options->format != FEED_SLASH64)
		return error_set(
			error, -EINVAL,
			"a backup must be in the format slash64; GET /v1/export writes one");
	if (options->restore)
		options->format = FEED_SLASH64;
	if (options->origin[0] && !origin_is_valid(options->origin))
		return error_set(error, -EINVAL,
				 "'%s' is not a valid origin: write it like spamhaus-drop",
				 options->origin);
	if (options->replace && !options->origin[0])
		return error_set(error, -EINVAL, "'replace' needs an 'origin'");
	if (!strcmp(options->origin, STORE_ORIGIN_CONFIG) ||
	    (options->replace && !strcmp(options->origin, STORE_ORIGIN_OPERATOR)))
		return error_set(error, -EINVAL, "the origin '%s' is reserved; name another",
				 options->origin);
	return 0;
}

void control_post_import(struct daemon *daemon, struct evhttp_request *request,
			 const struct actor *actor)
{
	struct import_options options;
	struct import *import;
	struct error error;
	int err = take_options(request, &options, &error);

	if (!err)
		err = import_open(daemon->imports, &options, &import, &error);
	if (err)
		reply_error(request, err, &error);
	else
		reply_object(request, json_pack("{s:s}", "import", import_id(import)));
}

static struct import *find(struct daemon *daemon, struct evhttp_request *request)
{
	char *id = request_parameter(request, "import");
	struct import *import = id ? imports_find(daemon->imports, id) : NULL;
	struct error error;

	if (!import) {
		error_set(&error, 0,
			  id ? "unknown import; it may have timed out" : "'import' is missing");
		reply_error(request, id ? -ENOENT : -EINVAL, &error);
	}
	free(id);
	return import;
}

/* The problems from number `from`. */
static json_t *problems_to_json(const struct import *import, size_t from)
{
	const struct import_problem *problem = NULL;
	size_t n = import_problems(import, from, &problem);
	json_t *array = json_array();

	for (size_t i = 0; i < n && i < ANSWER_PROBLEMS_MAX; i++)
		json_array_append_new(array, json_pack("{s:i, s:s}", "line", (int)problem[i].line,
						       "error", problem[i].text));
	return array;
}

void control_post_import_text(struct daemon *daemon, struct evhttp_request *request,
			      const struct actor *actor)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(request);
	struct import *import = find(daemon, request);
	const struct import_problem *unused;
	struct import_result counts;
	size_t told, bytes = evbuffer_get_length(body);
	struct error error;
	int err = 0;

	if (!import)
		return;
	if (bytes > PIECE_BYTES_MAX) {
		error_set(&error, 0, "the piece has %zu bytes; send at most %u", bytes,
			  PIECE_BYTES_MAX);
		reply_error(request, -EMSGSIZE, &error);
		return;
	}
	told = import_problems(import, 0, &unused);
	/* an empty piece keeps the import alive */
	err = import_text(import, bytes ? (const char *)evbuffer_pullup(body, -1) : "", bytes,
			  &error);
	if (err) {
		reply_error(request, err, &error);
		import_close(import);
		return;
	}
	import_counts(import, &counts);
	reply_object(request, json_pack("{s:I, s:I, s:o}", "lines", (json_int_t)counts.lines,
					"entries", (json_int_t)counts.entries, "problems",
					problems_to_json(import, told)));
}

/* The interfaces of a backup, as a part of its change. */
struct attaching {
	struct daemon *daemon;
	const struct actor *actor;
	struct import *import;
	struct done {
		const char *name;
		bool was_attached;
	} done[S64_IFACES_MAX];
	size_t count;
	struct iface_detached detached[S64_IFACES_MAX]; /* before */
};

/* One that is attached already stays as it is; what cannot be attached is a problem of its line only. */
static int attach_one(struct attaching *attaching, const struct import_iface *from,
		      struct error *error)
{
	struct daemon *daemon = attaching->daemon;
	int mode = find_word(config_mode_names, from->mode);
	int filter = from->filter[0] ? find_word(policy_filter_names, from->filter) : -1;
	const struct iface *iface = ifaces_find(&daemon->ifaces, from->name);
	bool was_attached = iface && iface->attached, refused = false;
	struct error why;
	int err;

	if ((iface && iface->from_config) ||
	    ifaces_is_by_hand(&daemon->ifaces, from->name, mode, filter))
		return 0;
	if (mode < 0 || (from->filter[0] && filter < 0)) {
		import_problem(attaching->import, from->line,
			       "'mode' or 'filter' is no word that slash64 knows");
		return 0;
	}
	err = ifaces_attach_check(&daemon->ifaces, &daemon->config, from->name, &why);
	if (err)
		refused = true;
	else
		err = ifaces_attach_part(&daemon->ifaces, attaching->actor, &daemon->config,
					 from->name, mode, filter, &refused, &why);
	if (!err) {
		attaching->done[attaching->count++] = (struct done){from->name, was_attached};
		return 0;
	}
	if (refused)
		import_problem(attaching->import, from->line, why.text);
	else
		*error = why;
	return refused ? 0 : err;
}

static int attach_all(void *data, struct error *error)
{
	struct attaching *attaching = data;
	const struct import_iface *iface = NULL;
	size_t n = import_ifaces(attaching->import, &iface);
	int err = 0;

	memcpy(attaching->detached, attaching->daemon->ifaces.detached,
	       sizeof(attaching->detached));
	for (size_t i = 0; i < n && !err; i++)
		err = attach_one(attaching, &iface[i], error);
	return err;
}

static void take_back(void *data)
{
	struct attaching *attaching = data;
	struct daemon *daemon = attaching->daemon;

	while (attaching->count) {
		const struct done *done = &attaching->done[--attaching->count];

		ifaces_back(&daemon->ifaces, attaching->actor, &daemon->config, done->name,
			    done->was_attached);
	}
	memcpy(daemon->ifaces.detached, attaching->detached, sizeof(attaching->detached));
}

static int commit(struct daemon *daemon, const struct actor *actor, struct import *import,
		  struct import_result *result, struct error *error)
{
	struct attaching *attaching = calloc(1, sizeof(*attaching));
	const struct import_besides besides = {attach_all, take_back, attaching};
	int err;

	if (!attaching)
		return error_set(error, -ENOMEM, "out of memory");
	attaching->daemon = daemon;
	attaching->actor = actor;
	attaching->import = import;
	err = import_commit(import, actor, &besides, result, error);
	free(attaching);
	return err;
}

static json_t *causes_to_json(const struct import_result *result)
{
	static const char *const names[IMPORT_CAUSES] = {
		[IMPORT_NO_SOURCE] = "prefix",
		[IMPORT_GUARDED] = "guard",
		[IMPORT_ALLOWED] = "allowed",
		[IMPORT_NO_ROOM] = "room",
	};
	json_t *object = json_object();

	for (int i = 0; i < IMPORT_CAUSES; i++)
		json_object_set_new(object, names[i], json_integer(result->refused_by[i]));
	return object;
}

static json_t *result_to_json(const struct import *import, const struct import_result *result)
{
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:I, s:o, s:I}",
			 "origin", import_origin(import), "format", result->format, "lines",
			 (json_int_t)result->lines, "entries", (json_int_t)result->entries, "added",
			 (json_int_t)result->added, "changed", (json_int_t)result->changed,
			 "removed", (json_int_t)result->removed, "unchanged",
			 (json_int_t)result->unchanged, "refused", (json_int_t)result->refused,
			 "refused_by", causes_to_json(result), "ignored",
			 (json_int_t)result->ignored, "problems", problems_to_json(import, 0),
			 "problems_count", (json_int_t)result->problems);
}

void control_post_import_commit(struct daemon *daemon, struct evhttp_request *request,
				const struct actor *actor)
{
	struct import *import = find(daemon, request);
	struct import_result result = {};
	struct error error;
	int err;

	if (!import)
		return;
	err = commit(daemon, actor, import, &result, &error);
	if (!err) {
		reply_object(request, result_to_json(import, &result));
	} else {
		reply_error_with(request, err, &error,
				 json_pack("{s:o, s:I}", "problems", problems_to_json(import, 0),
					   "problems_count", (json_int_t)result.problems));
	}
	import_close(import);
}

void control_delete_import(struct daemon *daemon, struct evhttp_request *request,
			   const struct actor *actor)
{
	struct import *import = find(daemon, request);

	if (!import)
		return;
	import_close(import);
	reply_object(request, json_object());
}
