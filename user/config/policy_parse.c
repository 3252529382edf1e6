// SPDX-License-Identifier: GPL-2.0-only
#include "policy_parse.h"

#include <errno.h>
#include <string.h>

#include "base/text/near.h"
#include "net/limits.h"

static int parse_action(struct yaml_source *source, yaml_node_t *node, const char *what,
			uint8_t *action)
{
	static const char *const words[] = {"pass", "drop", "limit", NULL};
	int choice, err;

	err = yaml_choice(source, node, what, words, &choice);
	if (err)
		return err;
	*action = choice == 0 ? S64_ACTION_PASS : choice == 1 ? S64_ACTION_DROP : S64_ACTION_LIMIT;
	return 0;
}

static int parse_transit(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct policy_row *row = data;

	row->transit_given = true;
	return parse_action(source, node, "transit", &row->action[S64_TRANSIT]);
}

static int parse_local(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return parse_action(source, node, "local", &((struct policy_row *)data)->action[S64_LOCAL]);
}

/* The closest class or feature name. */
static int unknown_class(struct yaml_source *source, yaml_node_t *key, const char *name)
{
	struct near near = {.typed = name};
	char meant[NEAR_TEXT_MAX];

	for (int i = 0; i < S64_CLASS_COUNT; i++)
		near_try(&near, class_info(i)->name);
	for (int i = 0; i < S64_FEATURE_COUNT; i++)
		near_try(&near, feature_info(i)->name);
	return yaml_error(source, key, "unknown class '%s'%s; see policy in slash64.yaml(5)", name,
			  near_text(&near, "", meant));
}

static int find_row(struct yaml_source *source, yaml_node_t *key)
{
	const char *name = yaml_scalar(source, key, "a class");
	int row;

	if (!name)
		return -EINVAL;
	row = policy_row_find(name);
	if (row < 0)
		return unknown_class(source, key, name);
	if (row == S64_CLASS_NOT_IPV6 || row == S64_CLASS_IPV4 || row == S64_CLASS_MALFORMED)
		return yaml_error(source, key, "the class '%s' has no policy: it is always %s",
				  name, row == S64_CLASS_MALFORMED ? "dropped" : "passed");
	return row;
}

static int parse_class(struct yaml_source *source, yaml_node_t *key, yaml_node_t *value, void *data)
{
	static const struct yaml_field fields[] = {
		{"transit", parse_transit},
		{"local", parse_local},
		{NULL, NULL},
	};
	struct policy *policy = data;
	struct policy_row *row;
	int index = find_row(source, key);
	int err;

	if (index < 0)
		return index;
	row = &policy->row[index];
	if (row->action_line == yaml_line(key) || row->action_changed)
		return yaml_error(source, key, "duplicate class '%s'", policy_row_name(index));
	if (yaml_is_mapping(value)) {
		err = yaml_mapping(source, value, fields, policy_row_name(index), row);
	} else {
		err = parse_action(source, value, policy_row_name(index),
				   &row->action[S64_TRANSIT]);
		row->action[S64_LOCAL] = row->action[S64_TRANSIT];
	}
	row->action_changed = true;
	row->action_line = yaml_line(key);
	return err;
}

static int parse_classes(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_pairs(source, node, "classes", parse_class, data);
}

static int parse_profile(struct yaml_source *source, yaml_node_t *node, void *data)
{
	(void)source;
	(void)node;
	(void)data;
	return 0; /* parsed first, by policy_parse() */
}

static int parse_bogons(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct policy *policy = data;
	int choice, err;

	err = yaml_choice(source, node, "bogons", policy_bogons_names, &choice);
	if (!err)
		policy->bogons = choice;
	return err;
}

static int parse_filter(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct policy *policy = data;
	int choice, err;

	err = yaml_choice(source, node, "filter", policy_filter_names, &choice);
	if (!err) {
		policy->filter = choice;
		policy->filter_given = true;
	}
	return err;
}

static int parse_limits_field(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return policy_parse_limits(source, node, data);
}

/* The profile is the base of the other keys, wherever it is written. */
static int take_profile(struct yaml_source *source, yaml_node_t *key, yaml_node_t *value,
			void *data)
{
	struct policy *policy = data;
	const char *name = yaml_scalar(source, key, "a key");
	int choice, err;

	if (!name)
		return -EINVAL;
	if (strcmp(name, "profile"))
		return 0;
	err = yaml_choice(source, value, "profile", policy_profile_names, &choice);
	if (!err) {
		if (S64_MISTAKE(PROFILE_RESETS))
			policy_init(policy, choice);
		policy_change_profile(policy, choice);
		policy->profile_line = yaml_line(key);
	}
	return err;
}

int policy_parse(struct yaml_source *source, yaml_node_t *node, struct policy *policy)
{
	static const struct yaml_field fields[] = {
		{"profile", parse_profile},	{"bogons", parse_bogons},
		{"filter", parse_filter},	{"classes", parse_classes},
		{"limits", parse_limits_field}, {NULL, NULL},
	};
	int err;

	policy->filter_given = false;
	policy->profile_line = 0;
	err = yaml_pairs(source, node, "policy", take_profile, policy);
	if (err)
		return err;
	policy_keep_changes(policy);
	return yaml_mapping(source, node, fields, "policy", policy);
}

#define LIMIT_FIELD(function, read, key, member, min)                                  \
	static int function(struct yaml_source *source, yaml_node_t *node, void *data) \
	{                                                                              \
		return read(source, node, key, min, RATE_MAX,                          \
			    &((struct policy_limit *)data)->member);                   \
	}

LIMIT_FIELD(parse_rate, yaml_rate, "rate", rate, 0)
LIMIT_FIELD(parse_burst, yaml_number, "burst", burst, 1)
LIMIT_FIELD(parse_aggregate_rate, yaml_rate, "rate_48", aggregate_rate, 0)
LIMIT_FIELD(parse_aggregate_burst, yaml_number, "burst_48", aggregate_burst, 1)

/* Only the rate was given: a burst of two seconds. */
static void limit_complete(struct policy_limit *limit)
{
	if (limit->rate && !limit->burst)
		limit->burst = limit->rate > RATE_MAX / 2 ? RATE_MAX : limit->rate * 2;
	if (limit->aggregate_rate && !limit->aggregate_burst)
		limit->aggregate_burst =
			limit->aggregate_rate > RATE_MAX / 2 ? RATE_MAX : limit->aggregate_rate * 2;
}

static int parse_limit(struct yaml_source *source, yaml_node_t *key, yaml_node_t *value, void *data)
{
	static const struct yaml_field fields[] = {
		{"rate", parse_rate},
		{"burst", parse_burst},
		{"rate_48", parse_aggregate_rate},
		{"burst_48", parse_aggregate_burst},
		{NULL, NULL},
	};
	struct policy *policy = data;
	struct policy_limit limit = {};
	struct s64_limit compiled;
	struct policy_row *row;
	int index = find_row(source, key);
	int err;

	if (index < 0)
		return index;
	row = &policy->row[index];
	if (row->limit_changed)
		return yaml_error(source, key, "duplicate limit of '%s'", policy_row_name(index));
	limit.aggregate_rate = UINT32_MAX; /* not given */
	err = yaml_mapping(source, value, fields, policy_row_name(index), &limit);
	if (err)
		return err;
	if (limit.aggregate_rate == UINT32_MAX) {
		if (limit.aggregate_burst)
			return yaml_error(source, value, "%s: burst_48 without rate_48",
					  policy_row_name(index));
		/* Not given: ten times that of a source, as in the defaults. */
		limit.aggregate_rate = limit.rate > RATE_MAX / 10 ? RATE_MAX : limit.rate * 10;
		limit.aggregate_burst = limit.burst > RATE_MAX / 10 ? RATE_MAX : limit.burst * 10;
	}
	limit_complete(&limit);
	if (!limit.rate && !limit.aggregate_rate)
		return yaml_error(source, value, "%s: a limit needs a rate or a rate_48",
				  policy_row_name(index));
	if (limit.rate && limit.aggregate_rate && limit.aggregate_rate < limit.rate)
		return yaml_error(
			source, value,
			"%s: rate_48 %u is below rate %u: no source could ever reach its own",
			policy_row_name(index), limit.aggregate_rate, limit.rate);
	if (policy_compile_limit(&limit, 0, 1, &compiled))
		return yaml_error(source, value, "%s: the burst covers more than %u s of its rate",
				  policy_row_name(index), S64_TOLERANCE_SECONDS);
	row->limit = limit;
	row->limit_changed = true;
	row->limit_line = yaml_line(key);
	return 0;
}

int policy_parse_limits(struct yaml_source *source, yaml_node_t *node, struct policy *policy)
{
	return yaml_pairs(source, node, "limits", parse_limit, policy);
}
