// SPDX-License-Identifier: GPL-2.0-only
#include "rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

struct neighbor {
	char peer[FLOW_PEER_MAX];
	bool is_up;
	int64_t since_ms;
	uint32_t session;
	bool ends_stale; /* rules of earlier sessions are still there */
};

struct entry {
	struct flow_rule rule;
	unsigned int neighbor;
	uint32_t session; /* in which it was announced last */
};

struct rules {
	struct rules_options options;
	struct entry **entry; /* by source, family, key and neighbour */
	size_t count, room;
	struct neighbor neighbor[RULES_NEIGHBORS_MAX];
	unsigned int neighbors;
	size_t no_room;
};

struct rules *rules_new(const struct rules_options *options)
{
	struct rules *rules = calloc(1, sizeof(*rules));

	if (rules)
		rules->options = *options;
	return rules;
}

void rules_free(struct rules *rules)
{
	if (!rules)
		return;
	for (size_t i = 0; i < rules->count; i++)
		free(rules->entry[i]);
	free(rules->entry);
	free(rules);
}

static int compare(const struct entry *entry, const struct flow_rule *rule, unsigned int neighbor)
{
	int order = prefix_compare(&entry->rule.source, &rule->source);

	if (!order)
		order = (int)entry->rule.is_v4 - (int)rule->is_v4;
	if (!order)
		order = strcmp(entry->rule.key, rule->key);
	return order ? order : (int)entry->neighbor - (int)neighbor;
}

/* Where it is, or has to be inserted. */
static size_t place_of(const struct rules *rules, const struct flow_rule *rule,
		       unsigned int neighbor, bool *is_there)
{
	size_t low = 0, high = rules->count;

	*is_there = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(rules->entry[middle], rule, neighbor);

		*is_there |= !order;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* --- what a source comes to --- */

static void update(struct rules *rules, const struct prefix *source)
{
	const struct flow_rule first = {.source = *source};
	bool blocks = false, is_there;
	uint32_t rate = 0;

	for (size_t i = place_of(rules, &first, 0, &is_there);
	     i < rules->count && !prefix_compare(&rules->entry[i]->rule.source, source); i++) {
		const struct flow_rule *rule = &rules->entry[i]->rule;

		if (rule->refusal != FLOW_EXECUTED)
			continue;
		blocks |= rule->blocks;
		if (!rule->blocks && (!rate || rule->rate < rate))
			rate = rule->rate;
	}
	rules->options.changed(source, blocks, blocks ? 0 : rate, rules->options.data);
}

static void remove_at(struct rules *rules, size_t i)
{
	struct entry *entry = rules->entry[i];
	struct prefix source = entry->rule.source;
	bool was_executed = entry->rule.refusal == FLOW_EXECUTED;

	memmove(rules->entry + i, rules->entry + i + 1,
		(--rules->count - i) * sizeof(*rules->entry));
	free(entry);
	if (was_executed)
		update(rules, &source);
}

/* --- neighbours --- */

/* -1: there are too many. */
static int neighbor_of(struct rules *rules, const char *peer, int64_t now_ms)
{
	for (unsigned int i = 0; i < rules->neighbors; i++)
		if (!strcmp(rules->neighbor[i].peer, peer))
			return i;
	if (rules->neighbors == RULES_NEIGHBORS_MAX)
		return -1;
	rules->neighbor[rules->neighbors] = (struct neighbor){.is_up = true, .since_ms = now_ms};
	strcpy(rules->neighbor[rules->neighbors].peer, peer);
	return rules->neighbors++;
}

enum which { OF_ALL, OF_STALE, OF_STALE_V4, OF_STALE_V6 };

static void remove_rules(struct rules *rules, unsigned int neighbor, enum which which)
{
	for (size_t i = rules->count; i-- > 0;) {
		const struct entry *entry = rules->entry[i];
		bool is_stale = entry->session != rules->neighbor[neighbor].session;

		if (entry->neighbor != neighbor || (which != OF_ALL && !is_stale) ||
		    (which == OF_STALE_V4 && !entry->rule.is_v4) ||
		    (which == OF_STALE_V6 && entry->rule.is_v4))
			continue;
		remove_at(rules, i);
		if (i > rules->count)
			i = rules->count;
	}
}

static void set_up(struct neighbor *neighbor, bool is_up, int64_t now_ms)
{
	if (neighbor->is_up != is_up || is_up)
		neighbor->since_ms = now_ms;
	if (is_up) {
		neighbor->session++;
		neighbor->ends_stale = true;
	}
	neighbor->is_up = is_up;
}

/* --- events --- */

static void announce(struct rules *rules, const struct flow_rule *rule, unsigned int neighbor)
{
	bool is_there;
	size_t i = place_of(rules, rule, neighbor, &is_there);
	struct entry *entry;

	if (!is_there) {
		entry = rules->count < rules->options.max ? malloc(sizeof(*entry)) : NULL;
		if (!entry || array_reserve(&rules->entry, &rules->room, rules->count + 1,
					    sizeof(*rules->entry))) {
			free(entry);
			rules->no_room++;
			return;
		}
		memmove(rules->entry + i + 1, rules->entry + i,
			(rules->count++ - i) * sizeof(*rules->entry));
		rules->entry[i] = entry;
	}
	entry = rules->entry[i];
	entry->rule = *rule;
	entry->neighbor = neighbor;
	entry->session = rules->neighbor[neighbor].session;
	if (rule->source.length)
		update(rules, &entry->rule.source);
}

static void withdraw(struct rules *rules, const struct flow_rule *rule, unsigned int neighbor)
{
	bool is_there;
	size_t i = place_of(rules, rule, neighbor, &is_there);

	if (is_there)
		remove_at(rules, i);
}

void rules_take(struct rules *rules, const struct flow_event *event, int64_t now_ms)
{
	int neighbor = neighbor_of(rules, event->peer, now_ms);

	if (neighbor < 0) {
		rules->no_room += event->kind == FLOW_ANNOUNCE;
		return;
	}
	switch (event->kind) {
	case FLOW_ANNOUNCE:
		announce(rules, &event->rule, neighbor);
		break;
	case FLOW_WITHDRAW:
		withdraw(rules, &event->rule, neighbor);
		break;
	case FLOW_END_OF_RIB:
		remove_rules(rules, neighbor, event->rule.is_v4 ? OF_STALE_V4 : OF_STALE_V6);
		break;
	case FLOW_UP:
	case FLOW_DOWN:
		set_up(&rules->neighbor[neighbor], event->kind == FLOW_UP, now_ms);
		break;
	}
}

void rules_tick(struct rules *rules, int64_t now_ms)
{
	for (unsigned int i = 0; i < rules->neighbors; i++) {
		struct neighbor *neighbor = &rules->neighbor[i];
		int64_t age_ms = now_ms - neighbor->since_ms;

		if (!neighbor->is_up && age_ms >= rules->options.hold_ms) {
			remove_rules(rules, i, OF_ALL);
		} else if (neighbor->is_up && neighbor->ends_stale && age_ms >= RULES_ANEW_MS) {
			remove_rules(rules, i, OF_STALE);
			neighbor->ends_stale = false;
		}
	}
}

void rules_count(const struct rules *rules, size_t count[FLOW_REFUSALS])
{
	memset(count, 0, FLOW_REFUSALS * sizeof(*count));
	for (size_t i = 0; i < rules->count; i++)
		count[rules->entry[i]->rule.refusal]++;
	count[FLOW_NO_ROOM] += rules->no_room;
}

void rules_each(const struct rules *rules, rules_each_t each, void *data)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct neighbor *neighbor = &rules->neighbor[rules->entry[i]->neighbor];

		each(neighbor->peer, neighbor->is_up, &rules->entry[i]->rule, data);
	}
}
