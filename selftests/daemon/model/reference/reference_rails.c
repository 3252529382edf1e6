// SPDX-License-Identifier: GPL-2.0-only
/* Guard rails. */
#include <arpa/inet.h>
#include <string.h>

#include "reference_internal.h"

#define GUARDED_LENGTH_MIN    29
#define GUARDED_V4_LENGTH_MIN 13
#define WIDE_LENGTH	      48
#define WIDE_V4_LENGTH	      24

bool ref_allowed_around(const struct ref_state *state, const struct prefix *prefix)
{
	for (unsigned int i = 0; i < state->allowlist; i++)
		if (ref_lies_in(prefix, &state->allow[i].prefix))
			return true;
	return false;
}

bool ref_allowed_within(const struct ref_state *state, const struct prefix *prefix)
{
	for (unsigned int i = 0; i < state->allowlist; i++)
		if (state->allow[i].prefix.length > prefix->length &&
		    ref_lies_in(&state->allow[i].prefix, prefix))
			return true;
	return false;
}

bool ref_is_short(const struct prefix *prefix)
{
	if (ref_is_v4(&prefix->address) && prefix->length >= 96)
		return prefix->length - 96 < GUARDED_V4_LENGTH_MIN;
	return prefix->length < GUARDED_LENGTH_MIN;
}

bool ref_is_wide(enum sources_variant sources, const struct prefix *prefix)
{
	if (ref_is_v4(&prefix->address) && prefix->length >= 96)
		return prefix->length - 96 < WIDE_V4_LENGTH;
	return prefix->length < WIDE_LENGTH;
}

const struct ref_row *ref_around(const struct ref_state *state, const struct prefix *prefix)
{
	const struct ref_row *found = NULL;

	for (unsigned int i = 0; i < state->rows; i++) {
		const struct ref_row *row = &state->row[i];

		if (row->prefix.length >= prefix->length || !ref_lies_in(prefix, &row->prefix))
			continue;
		if (!found || row->prefix.length > found->prefix.length ||
		    (row->prefix.length == found->prefix.length && ref_is_stricter(row, found)))
			found = row;
	}
	return found;
}

/* Any protected address in it, or more than that. */
static bool is_own(const struct ref_config *config, const struct prefix *prefix)
{
	for (unsigned int i = 0; i < config->owns; i++) {
		struct prefix own;

		prefix_parse_whole(config->own[i], &own, NULL);
		if (ref_lies_in(prefix, &own) || ref_lies_in(&own, prefix))
			return true;
	}
	return false;
}

bool ref_is_guarded(const struct ref_config *config, const struct prefix *prefix,
		    const struct in6_addr *ssh)
{
	struct in6_addr address, v4;

	if (is_own(config, prefix))
		return true;
	for (int i = 0; i < KNOWN_MAX; i++)
		if (world->known[i].is_there && ref_contains(prefix, &world->known[i].address))
			return true;
	for (unsigned int i = 0; i < config->peers; i++) {
		if (strchr(config->peer[i], '.')) {
			uint8_t bytes[4];

			inet_pton(AF_INET, config->peer[i], bytes);
			address = ref_mapped(bytes);
		} else {
			inet_pton(AF_INET6, config->peer[i], &address);
		}
		if (ref_contains(prefix, &address) ||
		    (ref_v4_behind(config->sources, &address, &v4) && ref_contains(prefix, &v4)))
			return true;
	}
	return ssh && ref_contains(prefix, ssh);
}

unsigned int ref_rates(const struct ref_state *state, uint32_t rate, uint32_t burst, bool *known)
{
	static uint32_t seen[ROWS_MAX][2];
	unsigned int count = 0;

	*known = false;
	for (unsigned int i = 0; i < state->rows; i++) {
		const struct ref_row *row = &state->row[i];
		unsigned int j;

		if (!row->throttle)
			continue;
		*known |= row->rate == rate && row->burst == burst;
		for (j = 0; j < count && (seen[j][0] != row->rate || seen[j][1] != row->burst); j++)
			;
		if (j == count) {
			seen[count][0] = row->rate;
			seen[count++][1] = row->burst;
		}
	}
	return count;
}

/* --- what an allowed prefix keeps out --- */

static bool is_protected(const struct ref_config *config, const struct prefix *prefix)
{
	return ref_is_short(prefix) || ref_is_guarded(config, prefix, NULL);
}

static bool keeps_out(const struct ref_state *before, const struct ref_state *after,
		      const struct ref_config *config, bool without_config,
		      const struct prefix *allowed)
{
	for (unsigned int i = 0; i < before->rows; i++) {
		const struct prefix *row = &before->row[i].prefix;

		if (without_config && !strcmp(before->row[i].origin, "config"))
			continue;
		if (ref_lies_in(allowed, row) && !ref_same(allowed, row) &&
		    is_protected(config, allowed))
			return true;
		if (ref_lies_in(row, allowed) && !ref_allowed_around(after, row) &&
		    is_protected(config, row))
			return true;
	}
	return false;
}

bool ref_is_kept_out(const struct ref_state *before, const struct ref_state *after,
		     const struct ref_config *config, bool without_config)
{
	for (unsigned int i = 0; i < before->allowlist; i++) {
		const struct prefix *allowed = &before->allow[i].prefix;

		if (!ref_allowed_around(after, allowed) &&
		    keeps_out(before, after, config, without_config, allowed))
			return true;
	}
	return false;
}
