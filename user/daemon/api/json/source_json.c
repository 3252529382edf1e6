// SPDX-License-Identifier: GPL-2.0-only
#include "source_json.h"

#include "policy/names.h"
#include "daemon/api/http/reply.h"

void source_row_to_json(json_t *object, const struct top_row *row)
{
	json_object_update_new(
		object,
		json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:o, s:o, s:s, s:s}",
			  "packets_per_second", row->packets_per_second, "bytes_per_second",
			  row->bytes_per_second, "uncertainty_percent", row->uncertainty * 100,
			  "dropped_percent", row->dropped * 100, "would_drop_percent",
			  row->would_drop * 100, "dropped_packets_per_second",
			  row->dropped_per_second, "would_drop_packets_per_second",
			  row->would_drop_per_second, "peak_packets_per_second", row->peak, "since",
			  time_to_json(row->since * 1000LL), "last_seen",
			  time_to_json(row->last * 1000LL), "class", class_info(row->class)->name,
			  "reason", reason_name(row->reason)));
}

void source_seen_to_json(json_t *object, const struct seen *seen)
{
	json_object_update_new(object,
			       json_pack("{s:I, s:f, s:f, s:f, s:o}", "sources_seen",
					 (json_int_t)seen->rows, "packets_per_second",
					 seen->packets_per_second, "dropped_packets_per_second",
					 seen->dropped_per_second, "would_drop_packets_per_second",
					 seen->would_drop_per_second, "since",
					 time_to_json(seen->since * 1000LL)));
}
