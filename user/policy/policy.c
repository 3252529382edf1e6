// SPDX-License-Identifier: GPL-2.0-only
#include "policy.h"

#include <errno.h>
#include <string.h>

#include "net/icmpv6_types.h"
#include "base/near.h"

#define NS_PER_SECOND 1000000000ULL

/* What a shared word (no slot free, no tag) lets through, against one site's rate. Words of different limits fall on the
 * same one, so that its burst is so many seconds of the rate in all of them: who has the shorter window would take the
 * TAT of the longer one back to it, which is a new burst, and be held back by it for as long.
 */
#define SHARED_FACTOR	     10
#define SHARED_BURST_SECONDS 2

const char *const policy_profile_names[] = {"edge", "host", "bridge", "monitor-all", NULL};
const char *const policy_bogons_names[] = {"off", "monitor", "enforce", NULL};
const char *const policy_filter_names[] = {"enforce", "monitor", NULL};

const struct class_info *policy_row_info(int row)
{
	return row < S64_CLASS_COUNT ? class_info(row) : feature_info(row - S64_CLASS_COUNT);
}

const char *policy_row_name(int row)
{
	return policy_row_info(row)->name;
}

int policy_row_find(const char *name)
{
	int found = class_find(name);

	if (found >= 0)
		return found;
	found = feature_find(name);
	return found >= 0 ? S64_CLASS_COUNT + found : found;
}

/* What a profile does with a row. */
static void set_actions(struct policy_row *row, int index, enum policy_profile profile)
{
	const struct class_info *info = policy_row_info(index);

	memcpy(row->action, info->action, sizeof(row->action));
	/* Between the two sides of a transparent filter everything is in transit, link scope
	 * included; what is for a router on the other side looks the same.
	 */
	if (profile == PROFILE_BRIDGE && row->action[S64_TRANSIT] == S64_ACTION_SCOPE) {
		if (row->action[S64_LOCAL] == S64_ACTION_DROP)
			row->action[S64_LOCAL] = S64_ACTION_PASS;
		row->action[S64_TRANSIT] = row->action[S64_LOCAL];
	}
	/* Nothing is routed through a host: whatever reaches it is judged as its own, so that
	 * an address the table does not have yet is not cut off (action_of()).
	 */
	if (profile == PROFILE_HOST)
		row->action[S64_TRANSIT] = row->action[S64_LOCAL];
}

/* A row that was given a limit, and no action, is limited where it would pass. */
static void limit_what_passes(struct policy_row *row)
{
	for (int direction = 0; direction < S64_DIRECTION_COUNT; direction++)
		if (row->action[direction] == S64_ACTION_PASS)
			row->action[direction] = S64_ACTION_LIMIT;
}

void policy_init(struct policy *policy, enum policy_profile profile)
{
	memset(policy, 0, sizeof(*policy));
	policy->profile = profile;
	if (profile == PROFILE_MONITOR_ALL)
		policy->filter = FILTER_MONITOR;
	for (int i = 0; i < NAMES_COUNT; i++) {
		const struct default_limit *limit = default_limit(policy_row_info(i)->limit);

		policy->row[i].limit = (struct policy_limit){limit->rate, limit->burst,
							     limit->wider_rate, limit->wider_burst};
		set_actions(&policy->row[i], i, profile);
	}
}

/* What was changed stays on top of the other profile. */
static void change_profile(struct policy *policy, enum policy_profile profile)
{
	policy->profile = profile;
	if (profile == PROFILE_MONITOR_ALL)
		policy->filter = FILTER_MONITOR;
	for (int i = 0; i < NAMES_COUNT; i++) {
		struct policy_row *row = &policy->row[i];

		if (row->action_changed)
			continue;
		set_actions(row, i, profile);
		if (row->limit_changed)
			limit_what_passes(row);
	}
}

/* --- the configuration --- */

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

/* The nearest of the classes and features that there are. */
static int unknown_class(struct yaml_source *source, yaml_node_t *key, const char *name)
{
	struct near near = {.typed = name};
	char meant[NEAR_TEXT_MAX];

	for (int i = 0; i < S64_CLASS_COUNT; i++)
		near_try(&near, class_info(i)->name);
	for (int i = 0; i < S64_FEATURE_COUNT; i++)
		near_try(&near, feature_info(i)->name);
	return yaml_error(source, key, "unknown class '%s'%s; 'slash64 policy show' lists them",
			  name, near_text(&near, "", meant));
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
		return yaml_error(source, key, "the class '%s' stands twice",
				  policy_row_name(index));
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
	return 0; /* taken first, by policy_parse() */
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

/* The profile decides what the other keys change, wherever it stands. */
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
		change_profile(policy, choice);
		policy->profile_line = yaml_line(key);
	}
	return err;
}

/* What was changed before is the ground that the changes to come stand on. */
static void forget_changes(struct policy *policy)
{
	for (int i = 0; i < NAMES_COUNT; i++) {
		policy->row[i].action_changed = policy->row[i].limit_changed = false;
		policy->row[i].transit_given = false;
		policy->row[i].action_line = policy->row[i].limit_line = 0;
	}
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
	forget_changes(policy);
	return yaml_mapping(source, node, fields, "policy", policy);
}

#define LIMIT_FIELD(function, read, key, member, min)                                  \
	static int function(struct yaml_source *source, yaml_node_t *node, void *data) \
	{                                                                              \
		return read(source, node, key, min, POLICY_RATE_MAX,                   \
			    &((struct policy_limit *)data)->member);                   \
	}

LIMIT_FIELD(parse_rate, yaml_rate, "rate", rate, 0)
LIMIT_FIELD(parse_burst, yaml_number, "burst", burst, 1)
LIMIT_FIELD(parse_wider_rate, yaml_rate, "rate_48", wider_rate, 0)
LIMIT_FIELD(parse_wider_burst, yaml_number, "burst_48", wider_burst, 1)

/* Only the rate given: a burst of two seconds. */
static void limit_complete(struct policy_limit *limit)
{
	if (limit->rate && !limit->burst)
		limit->burst =
			limit->rate > POLICY_RATE_MAX / 2 ? POLICY_RATE_MAX : limit->rate * 2;
	if (limit->wider_rate && !limit->wider_burst)
		limit->wider_burst = limit->wider_rate > POLICY_RATE_MAX / 2 ?
					     POLICY_RATE_MAX :
					     limit->wider_rate * 2;
}

static int parse_limit(struct yaml_source *source, yaml_node_t *key, yaml_node_t *value, void *data)
{
	static const struct yaml_field fields[] = {
		{"rate", parse_rate},
		{"burst", parse_burst},
		{"rate_48", parse_wider_rate},
		{"burst_48", parse_wider_burst},
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
		return yaml_error(source, key, "the limit of '%s' stands twice",
				  policy_row_name(index));
	limit.wider_rate = UINT32_MAX; /* not given */
	err = yaml_mapping(source, value, fields, policy_row_name(index), &limit);
	if (err)
		return err;
	if (limit.wider_rate == UINT32_MAX) {
		if (limit.wider_burst)
			return yaml_error(source, value, "%s: burst_48 without rate_48",
					  policy_row_name(index));
		/* Not given: ten sites' worth, as in the defaults. */
		limit.wider_rate =
			limit.rate > POLICY_RATE_MAX / 10 ? POLICY_RATE_MAX : limit.rate * 10;
		limit.wider_burst =
			limit.burst > POLICY_RATE_MAX / 10 ? POLICY_RATE_MAX : limit.burst * 10;
	}
	limit_complete(&limit);
	if (!limit.rate && !limit.wider_rate)
		return yaml_error(source, value, "%s: a limit needs a rate or a rate_48",
				  policy_row_name(index));
	if (limit.rate && limit.wider_rate && limit.wider_rate < limit.rate)
		return yaml_error(
			source, value,
			"%s: rate_48 %u is below rate %u: no site could ever reach its own",
			policy_row_name(index), limit.wider_rate, limit.rate);
	if (policy_compile_limit(&limit, 0, 1, &compiled))
		return yaml_error(source, value, "%s: the burst covers more than %u s of its rate",
				  policy_row_name(index), S64_WINDOW_SECONDS);
	row->limit = limit;
	row->limit_changed = true;
	row->limit_line = yaml_line(key);
	return 0;
}

int policy_parse_limits(struct yaml_source *source, yaml_node_t *node, struct policy *policy)
{
	return yaml_pairs(source, node, "limits", parse_limit, policy);
}

/* Whether a packet of the row can ever be charged to its limit. */
static bool row_is_limited(const struct policy_row *row)
{
	return row->action[S64_TRANSIT] == S64_ACTION_LIMIT ||
	       row->action[S64_LOCAL] == S64_ACTION_LIMIT;
}

int policy_settle(struct policy *policy, const char *file, struct error *error)
{
	for (int i = 0; i < NAMES_COUNT; i++) {
		struct policy_row *row = &policy->row[i];

		if (!row->limit_changed || row_is_limited(row))
			continue;
		if (row->action_changed)
			return error_set(
				error, -EINVAL,
				"%s:%u: '%s' has a limit here and the action '%s' in line %u, under which it never counts; take out one of them",
				file, row->limit_line, policy_row_name(i),
				action_name(row->action[S64_TRANSIT]), row->action_line);
		limit_what_passes(row);
		if (!row_is_limited(row))
			return error_set(
				error, -EINVAL,
				"%s:%u: '%s' has a limit, but it is dropped; give it the action 'limit' or take out the limit",
				file, row->limit_line, policy_row_name(i));
	}
	return 0;
}

/* --- into the tables --- */

#define SHARED_WINDOW (NS_PER_SECOND * SHARED_BURST_SECONDS >> S64_TAT_NS_SHIFT)

static int compile_rate(uint32_t rate, uint32_t burst, struct s64_rate *out)
{
	if (!rate) {
		memset(out, 0, sizeof(*out));
		return 0;
	}
	if ((uint64_t)burst > (uint64_t)rate * S64_WINDOW_SECONDS)
		return -ERANGE;
	/* Rounded to steps of 16 ns: 1 percent at a million packets a second. */
	out->increment = ((NS_PER_SECOND << 1 >> S64_TAT_NS_SHIFT) / rate + 1) >> 1;
	if (!out->increment)
		out->increment = 1;
	out->window = out->increment * burst;
	/* what was rounded up may take it beyond */
	if (out->window > S64_WINDOW_MAX)
		out->window = S64_WINDOW_MAX;
	return 0;
}

int policy_compile_limit(const struct policy_limit *limit, uint32_t key, uint64_t tick_ns,
			 struct s64_limit *out)
{
	struct s64_limit compiled = {.key = key};
	uint64_t tick = tick_ns >> S64_TAT_NS_SHIFT;
	uint64_t shared_rate = (uint64_t)limit->rate * SHARED_FACTOR;

	if (compile_rate(limit->rate, limit->burst, &compiled.site) ||
	    compile_rate(limit->wider_rate, limit->wider_burst, &compiled.wider))
		return -ERANGE;
	if (limit->wider_rate > shared_rate)
		shared_rate = limit->wider_rate;
	compile_rate(shared_rate > UINT32_MAX ? UINT32_MAX : shared_rate, 0, &compiled.shared);
	if (compiled.shared.increment)
		compiled.shared.window = SHARED_WINDOW;
	/* Between two ticks the coarse clock stands still, and the burst must last so long. Two of them,
	 * as the first may be nearly over.
	 */
	compiled.exact_clock = (compiled.site.increment && compiled.site.window < 2 * tick) ||
			       (compiled.wider.increment && compiled.wider.window < 2 * tick);
	*out = compiled;
	return 0;
}

/* To a host all of it is addressed, whatever the table of its addresses knows. Whoever drops something on a bridge means
 * what crosses it, and what is of the link counts as local there, too.
 */
static uint8_t action_of(const struct policy *policy, int row, enum s64_direction direction)
{
	static const uint8_t strictness[S64_ACTION_COUNT] = {
		[S64_ACTION_LIMIT] = 1, [S64_ACTION_SCOPE] = 2, [S64_ACTION_DROP] = 3};
	uint8_t action = policy->row[row].action[direction],
		transit = policy->row[row].action[S64_TRANSIT];

	if (policy->profile == PROFILE_HOST)
		return policy->row[row].action[S64_LOCAL];
	if (policy->profile == PROFILE_BRIDGE && row < S64_CLASS_COUNT &&
	    icmpv6_class_is_of_the_link(row) && strictness[transit] > strictness[action])
		return transit;
	return action;
}

void policy_compile(const struct policy *policy, const struct policy *base, uint32_t slot,
		    uint64_t tick_ns, struct s64_iface_policy *iface,
		    struct s64_limit limits[S64_LIMIT_MAX])
{
	memset(iface, 0, sizeof(*iface));
	memset(limits, 0, S64_LIMIT_THROTTLE * sizeof(limits[0]));
	if (policy->filter == FILTER_MONITOR)
		iface->flags |= S64_IFACE_MONITOR;
	if (policy->profile == PROFILE_HOST || policy->profile == PROFILE_BRIDGE)
		iface->flags |= S64_IFACE_ONE_LINK;
	if (policy->bogons == BOGONS_MONITOR)
		iface->flags |= S64_IFACE_BOGON_MONITOR;
	if (policy->bogons == BOGONS_ENFORCE)
		iface->flags |= S64_IFACE_BOGON_ENFORCE;

	for (int i = 0; i < NAMES_COUNT; i++) {
		const struct policy_row *row = &policy->row[i];
		int feature = i - S64_CLASS_COUNT;
		uint32_t id = feature < 0 ? i : S64_LIMIT_FEATURE + feature;
		uint32_t key = id;

		for (int direction = 0; direction < S64_DIRECTION_COUNT; direction++) {
			uint8_t action = action_of(policy, i, direction);

			if (feature < 0)
				iface->action[i][direction] = action;
			else if (action == S64_ACTION_LIMIT)
				iface->feature_limit[direction] |= 1U << feature;
			else if (action != S64_ACTION_PASS)
				iface->feature_drop[direction] |= 1U << feature;
		}
		if (!row_is_limited(row))
			continue;
		if (base && memcmp(&base->row[i].limit, &row->limit, sizeof(row->limit)))
			key |= (slot + 1) << 16;
		/* Ranges were checked where the limit was parsed; the defaults are within them. */
		policy_compile_limit(&row->limit, key, tick_ns, &limits[id]);
	}
}
