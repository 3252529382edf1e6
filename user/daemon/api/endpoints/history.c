// SPDX-License-Identifier: GPL-2.0-only
/* The control API: what became of the packets of the last 15 minutes. */
#include "history.h"

#include "base/time.h"
#include "daemon/api/handlers.h"
#include "daemon/api/http/reply.h"
#include "policy/names.h"

#define NUMBER_MAX 1000000000000 /* of points */

/* NULL if all its points are 0: most reasons never occur. */
static json_t *points_to_json(const struct history *history, uint64_t first, size_t series)
{
	uint64_t last = history_last(history), number = first;
	json_t *points;

	while (number <= last && !history_at(history, number, series))
		number++;
	if (number > last)
		return NULL;
	points = json_array();
	for (number = first; number <= last; number++)
		json_array_append_new(points, json_integer(history_at(history, number, series)));
	return points;
}

static enum s64_verdict verdict_of(int reason, bool monitored)
{
	if (!reason_is_drop(reason))
		return S64_PASS;
	return monitored ? S64_WOULD_DROP : S64_DROP;
}

static json_t *series_to_json(const struct history *history, uint64_t first)
{
	json_t *array = json_array();

	for (int monitored = 0; monitored < 2; monitored++)
		for (int reason = 0; reason < S64_REASON_COUNT; reason++) {
			const char *name = reason_name(reason);
			enum s64_verdict verdict;
			json_t *points;

			if (!name || (monitored && !reason_is_drop(reason)))
				continue;
			verdict = verdict_of(reason, monitored);
			points = points_to_json(history, first, history_series(verdict, reason));
			if (points)
				json_array_append_new(array,
						      json_pack("{s:s, s:s, s:o}", "verdict",
								verdict_name(verdict), "reason",
								name, "packets_per_second",
								points));
		}
	return array;
}

/* Of the clock on the wall, as it is now. */
static int64_t wall_ms(uint64_t monotonic_ms)
{
	return clock_wall_ms() - (clock_monotonic_ms() - (int64_t)monotonic_ms);
}

json_t *control_history_to_json(const struct history *history, uint64_t after)
{
	uint64_t last = history_last(history), first = history_first(history);

	/* a number of an earlier run is too large */
	if (after >= first && after <= last)
		first = after + 1;
	return json_pack("{s:i, s:i, s:I, s:I, s:o, s:o}", "step_seconds", HISTORY_STEP_S,
			 "points_max", HISTORY_POINTS, "first", (json_int_t)first, "last",
			 (json_int_t)last, "end",
			 last ? exact_time_to_json(wall_ms(history_end_ms(history))) : json_null(),
			 "series", series_to_json(history, first));
}

void control_get_history(struct daemon *daemon, struct evhttp_request *request)
{
	struct error error;
	int64_t after = 0;
	int err = request_count(request, "after", 0, NUMBER_MAX, &after, &error);

	if (err)
		reply_error(request, err, &error);
	else
		reply_object(request, control_history_to_json(daemon->history, after));
}
