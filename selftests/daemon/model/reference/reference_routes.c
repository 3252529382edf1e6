// SPDX-License-Identifier: GPL-2.0-only
/* Which blocks are routes of the kernel: those of the chosen origins and lengths, unless a guard rail would refuse them
 * from anybody who does not force it. A throttle is none.
 */
#include <string.h>

#include "reference_internal.h"

#define SHORTEST    48
#define LONGEST	    64
#define SHORTEST_V4 24

const char *const ref_announce_origins[ANNOUNCE_CHOICES][ANNOUNCE_ORIGINS] = {{"operator", "noc"},
									      {"feed-a", "feed-b"},
									      {"noc", "restored"}};

static bool is_length(const struct prefix *prefix)
{
	if (ref_is_v4(&prefix->address) && prefix->length >= 96)
		return prefix->length - 96 >= SHORTEST_V4;
	return prefix->length >= SHORTEST && prefix->length <= LONGEST;
}

static bool is_chosen(const struct ref_state *state, const struct ref_row *row)
{
	const struct ref_announce *announce = &state->config.announce;

	if (!announce->is_on || row->throttle || !is_length(&row->prefix))
		return false;
	for (unsigned int i = 0; i < ANNOUNCE_ORIGINS; i++)
		if (!strcmp(row->origin, ref_announce_origins[announce->origins][i]))
			return true;
	return false;
}

unsigned int ref_announce_rows(const struct ref_state *state)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < state->rows; i++)
		count += is_chosen(state, &state->row[i]);
	return count;
}

bool ref_is_announced(const struct ref_state *state, const struct ref_row *row)
{
	char text[PREFIX_TEXT_MAX];
	struct prefix prefix, said;

	if (!is_chosen(state, row))
		return false;
	/* what is no source any more, or only a part of one, was never asked for like that */
	if (ref_target(state->config.sources, prefix_format(&row->prefix, text), &prefix, &said) !=
	    TARGET_OK)
		return false;
	return !ref_allowed_around(state, &row->prefix) &&
	       !ref_allowed_within(state, &row->prefix) && !ref_is_short(&row->prefix) &&
	       !ref_is_guarded(&state->config, &row->prefix, NULL);
}

bool ref_is_announced_prefix(const struct ref_state *state, const struct prefix *prefix)
{
	for (unsigned int i = 0; i < state->rows; i++)
		if (ref_same(&state->row[i].prefix, prefix) &&
		    ref_is_announced(state, &state->row[i]))
			return true;
	return false;
}
