// SPDX-License-Identifier: GPL-2.0-only
/* The control API: how fast sources send, by class. */
#include <event2/buffer.h>
#include <event2/http.h>
#include <math.h>

#include "daemon/api/handlers.h"
#include "daemon/api/http/reply.h"
#include "daemon/stats/source_histogram.h"
#include "policy/names.h"

#define MS_PER_SECOND 1000

static json_t *rates_to_json(const struct source_histogram_count count[HISTOGRAM_RATES])
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < HISTOGRAM_RATES && count[i].seconds; i++)
		json_array_append_new(array,
				      json_pack("{s:I, s:I, s:I}", "packets_per_second",
						(json_int_t)source_histogram_bound(i), "sources",
						(json_int_t)round(count[i].sources), "seconds",
						(json_int_t)count[i].seconds));
	return array;
}

void control_get_histogram(struct daemon *daemon, struct evhttp_request *request)
{
	struct evbuffer *out = evbuffer_new();
	int64_t since_s;
	uint64_t seconds = source_histogram_seconds(daemon->histogram, &since_s);

	if (!out) {
		reply_object(request, NULL);
		return;
	}
	reply_line(out, json_pack("{s:I, s:o}", "seen_seconds", (json_int_t)seconds, "since",
				  time_to_json(since_s * MS_PER_SECOND)));
	for (unsigned int class = 0; class < HISTOGRAM_CLASSES; class ++) {
		struct source_histogram_count count[HISTOGRAM_RATES];

		source_histogram_counts(daemon->histogram, class, count);
		if (count[0].seconds)
			reply_line(out,
				   json_pack("{s:s?, s:I, s:o}", "class",
					     class < S64_CLASS_COUNT ? class_info(class)->name :
								       NULL,
					     "sources", (json_int_t)round(count[0].sources),
					     "rates", rates_to_json(count)));
	}
	reply_list(request, out);
	evbuffer_free(out);
}
