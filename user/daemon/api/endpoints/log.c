// SPDX-License-Identifier: GPL-2.0-only
/* The control API: the audit log. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/handlers.h"
#include "daemon/api/follow/log_follow.h"
#include "daemon/api/http/stream.h"
#include "net/prefix_typed.h"
#include "daemon/api/http/reply.h"
#include "daemon/store/log/audit_log.h"

#define COUNT_MAX 1000000000000 /* of changes */

static json_t *number_or_null(int64_t value, int64_t none)
{
	return value == none ? json_null() : json_integer(value);
}

json_t *change_to_json(const struct store_change *change)
{
	char text[PREFIX_TEXT_MAX];

	return json_pack(
		"{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"number", (json_int_t)change->number, "time", exact_time_to_json(change->at_ms),
		"action", text_or_null(change->action), "who", text_to_json(change->actor.who),
		"uid", number_or_null(change->actor.uid, -1), "pid",
		number_or_null(change->actor.pid, -1), "login",
		text_or_null(*change->actor.login ? change->actor.login : NULL), "login_uid",
		number_or_null(change->actor.login_uid, -1), "from",
		text_to_json(change->actor.source), "prefix",
		text_or_null(change->has_prefix ? prefix_format(&change->prefix, text) : NULL),
		"origin", text_or_null(change->origin), "reason", text_or_null(change->reason),
		"ticket", text_or_null(change->ticket), "until", time_to_json(change->until_ms),
		"detail", text_or_null(change->detail));
}

static int log_next(void *data, struct evbuffer *page, struct error *error)
{
	struct store_change change;
	int more = store_log_next(data, &change, error);

	if (more > 0)
		reply_line(page, change_to_json(&change));
	return more;
}

static void log_pace(void *data, struct task *task)
{
	store_log_pace(data, task);
}

static void log_close(void *data)
{
	store_log_close(data);
}

static int take_prefix(struct daemon *daemon, struct evhttp_request *request,
		       struct store_log_filter *filter, struct error *error)
{
	char *text = request_parameter(request, "prefix");
	char note[BLOCK_TARGET_NOTE_MAX];
	char hint[PREFIX_HINT_MAX];
	struct error ignored;
	enum prefix_note said;
	struct block_target target;
	int err = 0;

	filter->has_prefix = text != NULL;
	if (text && prefix_typed(text, &filter->prefix, &said))
		err = error_set(error, -EINVAL, "'%.64s' is not a prefix; %s", text,
				prefix_typed_hint(text, "an import", hint));
	else if (text && block_target_of(&daemon->blocks.rules, &daemon->maps.meta->seed,
					 &filter->prefix, said, &target, note, &ignored) != -EINVAL)
		filter->prefix = target.prefix; /* in its stored form */
	free(text);
	return err;
}

/* Numbers of another log mean nothing in this one. */
static int check_log(const struct daemon *daemon, struct evhttp_request *request,
		     struct error *error)
{
	char identity[STORE_LOG_IDENTITY_MAX], *text = request_parameter(request, "log");
	int err = text ? store_log_identity(daemon->store, identity, error) : 0;

	if (text && !err && strcmp(text, identity))
		err = error_set(error, -ENOENT,
				"this is not the log %.40s: it was lost, and began anew; follow it "
				"without 'after'",
				text);
	free(text);
	return err;
}

/* What follows has no end that could be counted from. */
static int check_follow(const struct store_log_filter *filter, struct error *error)
{
	if (filter->since_ms || filter->until_ms || filter->limit >= 0 || filter->reverse)
		return error_set(
			error, -EINVAL,
			"'follow' goes with 'after' and 'prefix' only; leave the others out");
	return 0;
}

void control_get_log(struct daemon *daemon, struct evhttp_request *request)
{
	static const struct stream_source source = {log_next, log_pace, log_close};
	struct store_log_filter filter = {.limit = -1, .after = -1};
	struct store_log *log;
	struct error error;
	int err = take_prefix(daemon, request, &filter, &error);

	if (!err)
		err = check_log(daemon, request, &error);
	if (!err)
		err = request_time(request, "since", &filter.since_ms, &error);
	if (!err)
		err = request_time(request, "until", &filter.until_ms, &error);
	if (!err)
		err = request_count(request, "limit", 1, COUNT_MAX, &filter.limit, &error);
	if (!err)
		err = request_count(request, "after", 0, INT64_MAX - 1, &filter.after, &error);
	filter.has_after = filter.after >= 0;
	filter.reverse = request_flag(request, "reverse");
	if (!err && request_flag(request, "follow")) {
		err = check_follow(&filter, &error);
		if (!err)
			err = log_follow(daemon, request, &filter, &error);
		if (err)
			reply_error(request, err, &error);
		return;
	}
	if (!err)
		err = store_log_open(daemon->store, &filter, &log, &error);
	if (err)
		reply_error(request, err, &error);
	else
		stream_start(daemon->turns, request, &source, log, NULL);
}
