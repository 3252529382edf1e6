// SPDX-License-Identifier: GPL-2.0-only
/* What rules of detection may do by themselves: so much in an hour. More blows the fuse, and they do nothing for an
 * hour. A start changes nothing of that.
 */
#include "reference_internal.h"

#define HOUR_MS	  3600000
#define UNSURE_MS 120000 /* the reference does not know when within a step something happened */

static bool is_unsure(int64_t at_ms, int64_t now_ms)
{
	int64_t age_ms = now_ms - at_ms;

	return age_ms > HOUR_MS - UNSURE_MS && age_ms < HOUR_MS + UNSURE_MS;
}

enum ref_fuse ref_fuse(const struct ref_state *state, int64_t now_ms)
{
	unsigned int lately = 0;

	if (state->blown_ms && is_unsure(state->blown_ms, now_ms))
		return REF_FUSE_UNSURE;
	if (state->blown_ms && now_ms - state->blown_ms < HOUR_MS)
		return REF_FUSE_BLOWN;
	for (unsigned int i = 0; i < state->acted; i++) {
		if (is_unsure(state->acted_ms[i], now_ms))
			return REF_FUSE_UNSURE;
		lately += now_ms - state->acted_ms[i] < HOUR_MS;
	}
	return lately < FUSE_MAX ? REF_FUSE_HOLDS : REF_FUSE_FULL;
}

void ref_act(struct ref_state *state, int64_t now_ms)
{
	for (unsigned int i = 0; i < state->acted;)
		if (now_ms - state->acted_ms[i] > HOUR_MS + UNSURE_MS)
			state->acted_ms[i] = state->acted_ms[--state->acted];
		else
			i++;
	if (state->acted == ACTED_MAX)
		world_fail("model", "more actions of rules than the reference has room for");
	state->acted_ms[state->acted++] = now_ms;
}
