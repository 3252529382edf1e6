/* SPDX-License-Identifier: GPL-2.0-only */
/* The rules of all neighbours, and what they come to for each source: the strictest counts.
 *
 * A session that is lost takes its rules along after `hold_ms`. One that comes back announces them
 * anew; those that it has not by End-of-RIB (RFC 4724), or within RULES_ANEW_MS, go.
 */
#ifndef SLASH64_ADAPTERS_FLOWSPEC_RULES_H
#define SLASH64_ADAPTERS_FLOWSPEC_RULES_H

#include <stddef.h>

#include "decode.h"

#define RULES_NEIGHBORS_MAX 64
#define RULES_ANEW_MS	    60000

struct rules;

/* A source is blocked, throttled to a rate, or (neither) not any more. */
typedef void (*rules_changed_t)(const struct prefix *source, bool blocks, uint32_t rate,
				void *data);

struct rules_options {
	size_t max;
	int64_t hold_ms;
	rules_changed_t changed;
	void *data;
};

struct rules *rules_new(const struct rules_options *options); /* NULL if out of memory */
void rules_free(struct rules *rules);

/* rule->refusal may be set for reasons of the caller. */
void rules_take(struct rules *rules, const struct flow_event *event, int64_t now_ms);
/* Ends what is due. */
void rules_tick(struct rules *rules, int64_t now_ms);

/* Rules by what became of them. */
void rules_count(const struct rules *rules, size_t count[FLOW_REFUSALS]);
/* Calls `each` for every rule. `is_up`: the session with the neighbour stands. */
typedef void (*rules_each_t)(const char *peer, bool is_up, const struct flow_rule *rule,
			     void *data);
void rules_each(const struct rules *rules, rules_each_t each, void *data);

#endif
