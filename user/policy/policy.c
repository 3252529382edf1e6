// SPDX-License-Identifier: GPL-2.0-only
#include "policy.h"

#include <errno.h>
#include <string.h>

#include "net/icmpv6_types.h"

/* The rate of a fallback entry (no free slot, no tag), as a multiple of a source's rate. Entries of
 * different limits may share one, so its burst is the same number of seconds in all of them. With a
 * shorter tolerance, one limit would pull back the other's TAT, which is a new burst, and would be
 * held back by it for as long.
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

/* The action of a profile for a row. */
static void set_actions(struct policy_row *row, int index, enum policy_profile profile)
{
	const struct class_info *info = policy_row_info(index);

	memcpy(row->action, info->action, sizeof(row->action));
	/* Between the two sides of a transparent filter everything is in transit, including link
	 * scope; packets to a router on the other side look the same.
	 */
	if (profile == PROFILE_BRIDGE && row->action[S64_TRANSIT] == S64_ACTION_SCOPE) {
		if (row->action[S64_LOCAL] == S64_ACTION_DROP)
			row->action[S64_LOCAL] = S64_ACTION_PASS;
		row->action[S64_TRANSIT] = row->action[S64_LOCAL];
	}
	/* A host forwards nothing: every packet is treated as local, so that an address missing
	 * from the map is not cut off (action_of()).
	 */
	if (profile == PROFILE_HOST)
		row->action[S64_TRANSIT] = row->action[S64_LOCAL];
}

/* A row with a limit but no action is limited wherever it would pass. */
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

		policy->row[i].limit =
			(struct policy_limit){limit->rate, limit->burst, limit->aggregate_rate,
					      limit->aggregate_burst};
		set_actions(&policy->row[i], i, profile);
	}
}

void policy_change_profile(struct policy *policy, enum policy_profile profile)
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

void policy_keep_changes(struct policy *policy)
{
	for (int i = 0; i < NAMES_COUNT; i++) {
		policy->row[i].action_changed = policy->row[i].limit_changed = false;
		policy->row[i].transit_given = false;
		policy->row[i].action_line = policy->row[i].limit_line = 0;
	}
}

/* Whether a packet of the row can ever be charged to its limit. */
static bool row_is_limited(const struct policy_row *row)
{
	return row->action[S64_TRANSIT] == S64_ACTION_LIMIT ||
	       row->action[S64_LOCAL] == S64_ACTION_LIMIT;
}

int policy_finish(struct policy *policy, const char *file, struct error *error)
{
	for (int i = 0; i < NAMES_COUNT; i++) {
		struct policy_row *row = &policy->row[i];

		if (!row->limit_changed || row_is_limited(row))
			continue;
		if (row->action_changed)
			return error_set(error, -EINVAL,
					 "%s:%u: '%s' has a limit here and the action "
					 "'%s' in line %u, which makes the limit "
					 "useless; remove one of them",
					 file, row->limit_line, policy_row_name(i),
					 action_name(row->action[S64_TRANSIT]), row->action_line);
		limit_what_passes(row);
		if (!row_is_limited(row))
			return error_set(error, -EINVAL,
					 "%s:%u: '%s' has a limit, but it is dropped; "
					 "give it the action 'limit' or remove the "
					 "limit",
					 file, row->limit_line, policy_row_name(i));
	}
	return 0;
}

/* --- into the maps --- */

#define FALLBACK_TOLERANCE (SHARED_BURST_SECONDS * S64_TAT_SECOND)

int policy_compile_limit(const struct policy_limit *limit, uint32_t key, uint64_t tick_ns,
			 struct s64_limit *out)
{
	struct s64_limit compiled = {.key = key};
	uint64_t tick = s64_time_of_ns(tick_ns);
	uint64_t shared_rate = (uint64_t)limit->rate * SHARED_FACTOR;

	if (!s64_rate_make(limit->rate, limit->burst, &compiled.source) ||
	    !s64_rate_make(limit->aggregate_rate, limit->aggregate_burst, &compiled.aggregate))
		return -ERANGE;
	if (limit->aggregate_rate > shared_rate)
		shared_rate = limit->aggregate_rate;
	s64_rate_make(shared_rate > UINT32_MAX ? UINT32_MAX : shared_rate, 0, &compiled.fallback);
	if (compiled.fallback.increment)
		compiled.fallback.tolerance = FALLBACK_TOLERANCE;
	/* The coarse clock stands still between two ticks, and the burst must cover that. Two
	 * ticks, because the first may be nearly over.
	 */
	compiled.exact_clock =
		(compiled.source.increment && compiled.source.tolerance < 2 * tick) ||
		(compiled.aggregate.increment && compiled.aggregate.tolerance < 2 * tick);
	*out = compiled;
	return 0;
}

/* To a host everything is local, whatever the map of local addresses contains. A drop on a bridge
 * is meant for what crosses it, and link scope counts as local there too.
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
		/* Ranges were checked when the limit was parsed; the defaults are within them. */
		policy_compile_limit(&row->limit, key, tick_ns, &limits[id]);
	}
}
