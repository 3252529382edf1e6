// SPDX-License-Identifier: GPL-2.0-only
/* The effects of a configuration on listed entries and on interfaces. */
#include <string.h>

#include "reference_internal.h"

#define MAP_PREFIXES 1024 /* as the model's configuration has it */

static bool says_block(const struct ref_config *config, const struct prefix *prefix)
{
	for (unsigned int i = 0; i < config->blocks; i++) {
		struct prefix said, entry;

		ref_target(config->sources, config->block[i].text, &entry, &said);
		if (ref_same(&entry, prefix))
			return true;
	}
	return false;
}

static bool says_allow(const struct ref_config *config, const struct prefix *prefix)
{
	for (unsigned int i = 0; i < config->allowlist; i++) {
		struct prefix said, entry;

		ref_target(config->sources, config->allow[i].text, &entry, &said);
		if (ref_same(&entry, prefix))
			return true;
	}
	return false;
}

/* The author of the file sees which prefixes it allows, but not those allowed by hand. */
static bool holds_allowed_by_hand(const struct ref_state *state, const struct prefix *prefix)
{
	for (unsigned int i = 0; i < state->allowlist; i++)
		if (strcmp(state->allow[i].origin, "config") &&
		    ref_lies_in(&state->allow[i].prefix, prefix))
			return true;
	return false;
}

static enum ref_take take_blocks(struct ref_state *state, const struct ref_config *config,
				 bool start, int64_t from_ms, int64_t to_ms)
{
	static const struct prefix none;

	for (unsigned int i = 0; i < config->blocks; i++) {
		const struct ref_entry *entry = &config->block[i];
		struct ref_row row = {.start_ms = -1,
				      .start_from_ms = from_ms,
				      .start_to_ms = to_ms},
			       *old;
		struct prefix said;
		enum target_verdict target =
			ref_target(config->sources, entry->text, &row.prefix, &said);
		bool refused =
			!entry->force &&
			(target != TARGET_OK || ref_allowed_around(state, &row.prefix) ||
			 holds_allowed_by_hand(state, &row.prefix) || ref_is_short(&row.prefix) ||
			 ref_is_guarded(config, &row.prefix, NULL));

		strcpy(row.origin, "config");
		strcpy(row.reason, entry->reason);
		old = ref_find(state, &row.prefix, row.origin, &none);
		if (refused && !old && !start)
			return REF_REFUSED;
		if ((refused && !old) || (old && !strcmp(old->reason, row.reason)))
			continue;
		if (old) { /* its reason has changed */
			row.start_ms = old->start_ms;
			row.start_from_ms = old->start_from_ms;
			row.start_to_ms = old->start_to_ms;
		}
		ref_put(state, &row);
	}
	for (unsigned int i = 0; i < state->rows;) {
		struct ref_row *row = &state->row[i];

		if (!strcmp(row->origin, "config") && !says_block(config, &row->prefix))
			ref_remove(state, row);
		else
			i++;
	}
	return REF_TAKEN;
}

static void take_allowlist(struct ref_state *state, const struct ref_config *config)
{
	for (unsigned int i = 0; i < config->allowlist; i++) {
		struct prefix prefix, said;
		const struct ref_allow *old;

		ref_target(config->sources, config->allow[i].text, &prefix, &said);
		old = ref_allow_find(state, &prefix, "config");
		if (!old || strcmp(old->reason, config->allow[i].reason))
			ref_allow_put(state, &prefix, "config", config->allow[i].reason);
	}
	for (unsigned int i = 0; i < state->allowlist;) {
		struct ref_allow *allow = &state->allow[i];

		if (!strcmp(allow->origin, "config") && !says_allow(config, &allow->prefix))
			ref_allow_remove(state, allow);
		else
			i++;
	}
}

enum ref_take ref_take_config(struct ref_state *state, const struct ref_config *config, bool start,
			      int64_t from_ms, int64_t to_ms)
{
	static struct ref_state before;
	enum ref_take taken;

	if (config->is_garbage)
		return REF_REFUSED;
	if (config->many_allowed > MAP_PREFIXES)
		return REF_NO_ROOM;
	ref_copy(&before, state);
	take_allowlist(state, config);
	taken = take_blocks(state, config, start, from_ms, to_ms);
	if (!start && taken == REF_TAKEN && ref_is_kept_out(&before, state, config, true))
		taken = REF_REFUSED;
	state->config = *config;
	state->detacheds = 0;
	return taken;
}

/* --- interfaces --- */

static bool goes_by(const struct model_link *link, const char *name)
{
	return !strcmp(link->name, name) || !strcmp(link->other_name, name);
}

static struct ref_filtering by_own_name(const struct ref_state *state,
					const struct model_link *link)
{
	struct ref_filtering out = {};

	for (unsigned int i = 0; i < state->config.ifaces && !out.wanted; i++) {
		const struct ref_iface *iface = &state->config.iface[i];

		if (!goes_by(link, iface->name))
			continue;
		out.wanted = true;
		out.ipv4 = iface->ipv4;
		out.monitor = iface->filter >= 0 ? iface->filter : state->config.filter > 0;
	}
	for (unsigned int i = 0; i < state->hands; i++) {
		if (!goes_by(link, state->hand[i].name))
			continue;
		if (!out.wanted)
			out.monitor = state->config.filter > 0;
		out.wanted = true;
		if (state->hand[i].filter >= 0)
			out.monitor = state->hand[i].filter;
	}
	for (unsigned int i = 0; i < state->detacheds; i++)
		out.wanted = out.wanted && !goes_by(link, state->detached[i]);
	return out;
}

static struct ref_filtering by_name_before(const struct ref_state *state,
					   const struct model_link *link)
{
	struct model_link before = {};

	strcpy(before.name, link->renamed_from);
	return by_own_name(state, &before);
}

struct ref_filtering ref_filtering(const struct ref_state *state, const struct model_link *link)
{
	struct ref_filtering out = by_own_name(state, link);

	return out.wanted || !link->renamed_from[0] ? out : by_name_before(state, link);
}

static bool is_taken(const char *name)
{
	for (int i = 0; i < LINKS_MAX; i++)
		if (world->link[i].ifindex && goes_by(&world->link[i], name))
			return true;
	return false;
}

void ref_forget_renamed(const struct ref_state *state)
{
	for (int i = 0; i < LINKS_MAX; i++) {
		struct model_link *link = &world->link[i];

		if (link->ifindex && link->renamed_from[0] &&
		    (by_own_name(state, link).wanted || !by_name_before(state, link).wanted ||
		     is_taken(link->renamed_from)))
			link->renamed_from[0] = '\0';
	}
}
