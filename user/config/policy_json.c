// SPDX-License-Identifier: GPL-2.0-only
#include "policy_json.h"

#include <string.h>

#include "base/text/escape.h"

static json_t *name_or_null(const char *name)
{
	char escaped[S64_IFACE_NAME_MAX * ESCAPE_FACTOR];

	if (!name)
		return json_null();
	escape_text(name, escaped, sizeof(escaped));
	return json_string(escaped);
}

static void add_setting(json_t *array, const char *iface, const char *setting, const char *value)
{
	json_array_append_new(array, json_pack("{s:o, s:s, s:s}", "interface", name_or_null(iface),
					       "setting", setting, "value", value));
}

/* "drop" for a message of link scope has a reason of its own. */
static const char *action_word(uint8_t action)
{
	return action == S64_ACTION_SCOPE ? "drop (link scope)" : action_name(action);
}

static void add_row(json_t *array, const char *iface, const struct policy *policy, int i)
{
	const struct class_info *info = policy_row_info(i);
	const struct policy_row *row = &policy->row[i];
	bool limited = row->action[S64_TRANSIT] == S64_ACTION_LIMIT ||
		       row->action[S64_LOCAL] == S64_ACTION_LIMIT;
	const struct policy_limit *limit = &row->limit;

	json_array_append_new(
		array,
		json_pack("{s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:b, s:s, s:s}", "interface",
			  name_or_null(iface), "class", info->name, "transit",
			  action_word(row->action[S64_TRANSIT]), "local",
			  action_word(row->action[S64_LOCAL]), "rate",
			  limited && limit->rate ? json_integer(limit->rate) : json_null(), "burst",
			  limited && limit->rate ? json_integer(limit->burst) : json_null(),
			  "rate_48",
			  limited && limit->aggregate_rate ? json_integer(limit->aggregate_rate) :
							     json_null(),
			  "burst_48",
			  limited && limit->aggregate_rate ? json_integer(limit->aggregate_burst) :
							     json_null(),
			  "changed", row->action_changed || row->limit_changed, "source",
			  info->source, "description", info->description));
}

static bool rows_differ(const struct policy_row *a, const struct policy_row *b)
{
	return memcmp(a->action, b->action, sizeof(a->action)) ||
	       memcmp(&a->limit, &b->limit, sizeof(a->limit));
}

json_t *policy_to_json(const struct config *config)
{
	const struct policy *all = &config->policy;
	json_t *array = json_array();

	if (!array)
		return NULL;
	add_setting(array, NULL, "profile", policy_profile_names[all->profile]);
	add_setting(array, NULL, "filter", policy_filter_names[all->filter]);
	add_setting(array, NULL, "bogons", policy_bogons_names[all->bogons]);
	for (int i = 0; i < NAMES_COUNT; i++)
		add_row(array, NULL, all, i);
	for (size_t n = 0; n < config->iface_count; n++) {
		const struct config_iface *iface = &config->iface[n];
		struct policy own;

		config_iface_policy(config, iface, &own);
		if (own.profile != all->profile)
			add_setting(array, iface->name, "profile",
				    policy_profile_names[own.profile]);
		if (own.filter != all->filter)
			add_setting(array, iface->name, "filter", policy_filter_names[own.filter]);
		if (own.bogons != all->bogons)
			add_setting(array, iface->name, "bogons", policy_bogons_names[own.bogons]);
		for (int i = 0; i < NAMES_COUNT; i++)
			if (rows_differ(&own.row[i], &all->row[i]))
				add_row(array, iface->name, &own, i);
	}
	return array;
}
