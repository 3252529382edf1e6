// SPDX-License-Identifier: GPL-2.0-only
/* The listed entries, and the verdict on a source. Sources of addresses are in reference_sources.c,
 * guard rails in reference_rails.c, effects of a configuration in reference_config.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference_internal.h"

/* --- rows --- */

void ref_copy(struct ref_state *to, const struct ref_state *from)
{
	memcpy(to, from,
	       offsetof(struct ref_state, allow) + from->allowlist * sizeof(from->allow[0]));
	memcpy(to->row, from->row, from->rows * sizeof(from->row[0]));
	memcpy(to->gone, from->gone, from->gones * sizeof(from->gone[0]));
}

void ref_begin(struct ref_state *state)
{
	state->stamp++;
	state->gones = 0;
	state->action = NULL;
}

void ref_note(struct ref_state *state, const char *action, const struct prefix *prefix,
	      const char *origin)
{
	struct ref_gone *gone = &state->gone[state->gones++];

	*gone = (struct ref_gone){.action = action, .prefix = *prefix};
	strcpy(gone->origin, origin);
}

struct ref_row *ref_find(struct ref_state *state, const struct prefix *prefix, const char *origin,
			 const struct prefix *said)
{
	for (unsigned int i = 0; i < state->rows; i++) {
		struct ref_row *row = &state->row[i];

		if (ref_same(&row->prefix, prefix) && !strcmp(row->origin, origin) &&
		    ref_same(&row->said, said))
			return row;
	}
	return NULL;
}

void ref_put(struct ref_state *state, const struct ref_row *row)
{
	struct ref_row *old = ref_find(state, &row->prefix, row->origin, &row->said);

	if (!old && state->rows == ROWS_MAX)
		world_fail("model", "more rows than the reference has room for");
	if (!old)
		old = &state->row[state->rows++];
	*old = *row;
	old->stamp = state->stamp;
}

void ref_remove(struct ref_state *state, struct ref_row *row)
{
	ref_note(state, "unblock", &row->prefix, row->origin);
	*row = state->row[--state->rows];
}

struct ref_allow *ref_allow_find(struct ref_state *state, const struct prefix *prefix,
				 const char *origin)
{
	for (unsigned int i = 0; i < state->allowlist; i++)
		if (ref_same(&state->allow[i].prefix, prefix) &&
		    !strcmp(state->allow[i].origin, origin))
			return &state->allow[i];
	return NULL;
}

void ref_allow_put(struct ref_state *state, const struct prefix *prefix, const char *origin,
		   const char *reason)
{
	struct ref_allow *allow = ref_allow_find(state, prefix, origin);

	if (!allow && state->allowlist == ALLOWLIST_MAX)
		world_fail("model", "more allowed prefixes than the reference has room for");
	if (!allow)
		allow = &state->allow[state->allowlist++];
	allow->prefix = *prefix;
	snprintf(allow->origin, sizeof(allow->origin), "%s", origin);
	snprintf(allow->reason, sizeof(allow->reason), "%s", reason ? reason : "");
	allow->stamp = state->stamp;
	allow->maybe = false;
}

void ref_allow_remove(struct ref_state *state, struct ref_allow *allow)
{
	ref_note(state, "disallow", &allow->prefix, allow->origin);
	*allow = state->allow[--state->allowlist];
}

int64_t ref_until(const struct ref_row *row)
{
	if (row->until_ms || !row->span_ms)
		return row->until_ms;
	return (row->is_changed	   ? row->from_ms :
		row->start_ms >= 0 ? row->start_ms :
				     row->start_from_ms) +
	       row->span_ms;
}

unsigned int ref_expire(struct ref_state *state, int64_t now_ms)
{
	unsigned int gone = 0;

	for (unsigned int i = 0; i < state->rows;) {
		int64_t until_ms = ref_until(&state->row[i]);

		if (until_ms && until_ms <= now_ms) {
			ref_remove(state, &state->row[i]);
			state->gone[state->gones - 1].action = "end";
			gone++;
		} else {
			i++;
		}
	}
	return gone;
}

int64_t ref_next_end(const struct ref_state *state)
{
	int64_t next = 0;

	for (unsigned int i = 0; i < state->rows; i++) {
		int64_t until_ms = ref_until(&state->row[i]);

		if (until_ms && (!next || until_ms < next))
			next = until_ms;
	}
	return next;
}

/* --- the verdict on a source --- */

/* An oracle: independent of net/action_rank.h. */
bool ref_is_stricter(const struct ref_row *a, const struct ref_row *b)
{
	if (a->throttle != b->throttle)
		return !a->throttle;
	return a->throttle && (a->rate < b->rate || (a->rate == b->rate && a->burst < b->burst));
}

/* The longest around it, and of those the strictest. */
static const struct ref_row *longest(const struct ref_state *state, const struct in6_addr *address)
{
	const struct ref_row *found = NULL;

	for (unsigned int i = 0; i < state->rows; i++) {
		const struct ref_row *row = &state->row[i];

		if (!ref_contains(&row->prefix, address))
			continue;
		if (!found || row->prefix.length > found->prefix.length ||
		    (row->prefix.length == found->prefix.length && ref_is_stricter(row, found)))
			found = row;
	}
	return found;
}

static bool is_allowed(const struct ref_state *state, const struct in6_addr *address)
{
	for (unsigned int i = 0; i < state->allowlist; i++)
		if (ref_contains(&state->allow[i].prefix, address))
			return true;
	return false;
}

struct ref_verdict ref_verdict(const struct ref_state *state, const struct in6_addr *address)
{
	struct ref_verdict verdict = {};
	const struct ref_row *row = NULL;
	struct in6_addr v4;
	bool has_v4 = ref_v4_behind(state->config.sources, address, &v4);

	/* all forms are the same source, and an allowed form is allowed only in that form */
	verdict.allowed = is_allowed(state, address) || (has_v4 && is_allowed(state, &v4));
	if (verdict.allowed)
		return verdict;
	if (has_v4)
		row = longest(state, &v4);
	if (!row)
		row = longest(state, address);
	if (!row)
		return verdict;
	verdict.why = row;
	verdict.fate = row->throttle ? REF_THROTTLED : REF_BLOCKED;
	verdict.rate = row->rate;
	verdict.burst = row->burst;
	return verdict;
}
