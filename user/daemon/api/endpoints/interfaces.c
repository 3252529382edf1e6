// SPDX-License-Identifier: GPL-2.0-only
#include "interfaces.h"

#include <stdlib.h>

#include "daemon/attach/interfaces_detached.h"
#include "daemon/api/http/reply.h"

struct totals {
	double rate[S64_VERDICT_COUNT];
};

static void add_total(const struct counter_row *row, void *data)
{
	((struct totals *)data)->rate[row->verdict] += row->packets_per_second;
}

json_t *control_iface_to_json(const struct daemon *daemon, const struct iface *iface)
{
	struct s64_counters *sum = malloc(sizeof(*sum));
	struct totals totals = {};

	if (!sum)
		return NULL;
	counters_sum(&daemon->maps, iface->slot, sum);
	counters_each(sum, &iface->rate, add_total, &totals);
	free(sum);
	return json_pack("{s:o, s:i, s:s, s:s, s:s, s:s, s:i, s:s, s:f, s:f, s:f, s:o, s:n}",
			 "name", text_to_json(iface->name), "ifindex",
			 (int)iface->attachment.ifindex, "state", iface_state_word(iface), "mode",
			 iface_mode_word(iface), "method", iface_method_word(iface), "filter",
			 policy_filter_names[iface->policy.filter], "program_id",
			 (int)iface->attachment.program_id, "origin",
			 iface->from_config ? STORE_ORIGIN_CONFIG : STORE_ORIGIN_OPERATOR,
			 "passed_per_second", totals.rate[S64_PASS], "dropped_per_second",
			 totals.rate[S64_DROP], "would_drop_per_second",
			 totals.rate[S64_WOULD_DROP], "since", time_to_json(iface->lost_ms),
			 "detached_by");
}

/* In the configuration, but without a slot in the maps. */
static json_t *absent_to_json(const struct daemon *daemon, const struct config_iface *iface)
{
	const struct iface_detached *detached = iface_detached_find(&daemon->ifaces, iface->name);
	struct policy policy;

	config_iface_policy(&daemon->config, iface, &policy);
	return json_pack("{s:o, s:i, s:s, s:s, s:s, s:s, s:i, s:s, s:f, s:f, s:f, s:o, s:o}",
			 "name", text_to_json(iface->name), "ifindex", 0, "state",
			 detached ? "detached" : "missing", "mode", "none", "method", "none",
			 "filter", policy_filter_names[policy.filter], "program_id", 0, "origin",
			 STORE_ORIGIN_CONFIG, "passed_per_second", 0.0, "dropped_per_second", 0.0,
			 "would_drop_per_second", 0.0, "since",
			 time_to_json(detached ? detached->at_ms : 0), "detached_by",
			 text_or_null(detached ? detached->by : NULL));
}

json_t *control_ifaces_to_json(const struct daemon *daemon)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < daemon->maps.meta->iface_slots; i++)
		if (daemon->ifaces.entry[i])
			json_array_append_new(array,
					      control_iface_to_json(daemon,
								    daemon->ifaces.entry[i]));
	for (size_t i = 0; i < daemon->config.iface_count; i++)
		if (!ifaces_find(&daemon->ifaces, daemon->config.iface[i].name))
			json_array_append_new(array,
					      absent_to_json(daemon, &daemon->config.iface[i]));
	return array;
}
