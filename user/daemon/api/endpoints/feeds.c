// SPDX-License-Identifier: GPL-2.0-only
#include "feeds.h"

#include "daemon/daemon.h"
#include "daemon/import/feed_watcher.h"
#include "daemon/api/http/failures.h"
#include "daemon/api/http/reply.h"

static const char *state_name(const struct feed_state *state)
{
	if (state->failed)
		return "failed";
	if (state->waiting)
		return "being-written";
	return state->applied ? "taken" : "waiting";
}

static json_t *problems_to_json(const struct feed_state *state)
{
	json_t *array = json_array();

	for (size_t i = 0; i < state->problems_told; i++)
		json_array_append_new(array, json_pack("{s:I, s:s}", "line",
						       (json_int_t)state->problem[i].line, "error",
						       state->problem[i].text));
	return array;
}

static json_t *feed_to_json(const struct feed_state *state, bool now)
{
	const char *failure = state->failed ? state->failure : NULL;
	const char *code = failure && state->code ? failure_of_code(state->code)->code : NULL;
	struct error error;

	if (now && !failure && feeds_check(state->config, &error))
		failure = error.text;
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:s?, s:o, s:o, s:I, s:I, s:o, s:I}", "origin",
			 state->config->origin, "file", state->config->file, "format",
			 state->config->format[0] ? state->config->format : "auto", "state",
			 state_name(state), "error", text_or_null(failure), "code", code,
			 "failed_at", time_to_json(state->failed_ms), "applied",
			 time_to_json(state->applied * 1000LL), "entries",
			 (json_int_t)state->entries, "problems", (json_int_t)state->problems,
			 "problem_lines", problems_to_json(state), "refused",
			 (json_int_t)state->refused);
}

json_t *control_feeds_to_json(const struct daemon *daemon, bool now)
{
	json_t *array = json_array();

	for (size_t i = 0; i < feeds_count(daemon->feeds); i++)
		json_array_append_new(array, feed_to_json(feeds_state(daemon->feeds, i), now));
	return array;
}
