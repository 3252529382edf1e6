// SPDX-License-Identifier: GPL-2.0-only
/* What to change: the difference between what the source says and what slash64d has. */
#include "set_internal.h"

#include "base/log.h"

/* The source counts whole seconds from its own clock: the same end, told twice, differs. */
#define END_SLACK_MS 2000

static bool has_ended(const struct set_state *state, int64_t now_ms)
{
	return state->is && state->until_ms && state->until_ms <= now_ms;
}

/* --- a list of everything --- */

static bool is_missing(const struct set *set, const struct set_item *item, int64_t now_ms)
{
	const struct set_state *state = item->wanted.is ? &item->wanted : &item->in_force;

	return state->is && item->listed != set->list && !item->is_removed &&
	       !has_ended(state, now_ms);
}

static void end_missing(struct set_item *item)
{
	set_state_clear(&item->wanted);
	item->was_missed = false;
	item->is_removed = true;
}

void set_judge_list(struct set *set, int64_t now_ms)
{
	struct set_item *item = NULL;
	size_t had = 0, missing = 0, anew = 0;
	bool is_short;

	set->list_is_over = false;
	for (size_t at = 0; (item = set_items_next(&set->items, item, &at));) {
		bool is = is_missing(set, item, now_ms);

		had += is || item->in_force.is;
		missing += is;
		anew += is && !item->was_missed;
	}
	is_short = missing > had / SET_SHRINK_DIVISOR;
	for (size_t at = 0; (item = set_items_next(&set->items, item, &at));) {
		if (!is_missing(set, item, now_ms))
			item->was_missed = false;
		else if (is_short && !item->was_missed)
			item->was_missed = true;
		else
			end_missing(item);
	}
	set->awaits_list = is_short && anew;
	if (set->awaits_list)
		log_warning(
			"the list of %s lacks %zu of %zu entries: they stay until another list lacks them too",
			set->origin, missing, had);
	else if (is_short)
		log_info("another list of %s lacks them too: %zu of %zu entries end", set->origin,
			 missing, had);
}

/* --- each entry --- */

/* The end that it has to have. A lease is left as it is until half of it is over. */
static int64_t end_of(const struct set *set, const struct set_item *item, int64_t now_ms)
{
	int64_t own = item->wanted.until_ms, cap = now_ms + set->lease_ms;
	int64_t is = item->in_force.is ? item->in_force.until_ms : 0;

	if (own && (!set->lease_ms || own <= cap)) {
		own = (own + 999) / 1000 * 1000;
		return is && is >= own - END_SLACK_MS && is <= own + END_SLACK_MS ? is : own;
	}
	if (!set->lease_ms)
		return 0;
	if (is >= now_ms + set->lease_ms / 2 && is <= cap + END_SLACK_MS && (!own || is <= own))
		return is;
	return cap / 1000 * 1000;
}

struct planning {
	struct set *set;
	int64_t now_ms;
	bool retries;
	struct set_plan_counts *counts;
};

static void plan_wanted(struct planning *planning, struct set_item *item)
{
	item->plan_until_ms = end_of(planning->set, item, planning->now_ms);
	if (item->is_refused && !planning->retries)
		return;
	if (set_state_is_like(&item->wanted, &item->in_force)) {
		if (item->plan_until_ms == item->in_force.until_ms)
			return;
		planning->counts->renew++;
	} else {
		planning->counts->put++;
	}
	item->plan = SET_PUT;
}

/* Returns false for one that is over. */
static bool plan_item(struct set_item *item, void *data)
{
	struct planning *planning = data;

	item->plan = SET_KEEP;
	if (has_ended(&item->in_force, planning->now_ms))
		set_state_clear(&item->in_force);
	if (has_ended(&item->wanted, planning->now_ms))
		set_state_clear(&item->wanted);
	if (item->wanted.is) {
		item->is_removed = false;
		plan_wanted(planning, item);
		return true;
	}
	if (!item->in_force.is)
		return false;
	/* one of an earlier life stays until a list, or the source, says otherwise */
	if (item->is_removed) {
		item->plan = SET_END;
		planning->counts->end++;
	}
	return true;
}

void set_make_plan(struct set *set, int64_t now_ms, bool retries, struct set_plan_counts *counts)
{
	struct planning planning = {set, now_ms, retries, counts};

	*counts = (struct set_plan_counts){};
	set_items_sweep(&set->items, plan_item, &planning);
}

static bool carry_out(struct set_item *item, void *data)
{
	struct set_entry entry = {.kind = item->wanted.kind,
				  .rate = item->wanted.rate,
				  .burst = item->wanted.burst,
				  .until_ms = item->plan_until_ms,
				  .reason = item->wanted.reason};

	if (item->plan == SET_END)
		return false;
	if (item->plan == SET_PUT) {
		item->is_refused = false;
		item->was_sent = true;
		/* without memory it is put again */
		set_state_set(&item->in_force, &entry);
	}
	item->plan = SET_KEEP;
	return true;
}

void set_plan_is_done(struct set *set)
{
	set_items_sweep(&set->items, carry_out, NULL);
}
