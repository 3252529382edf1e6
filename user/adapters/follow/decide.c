// SPDX-License-Identifier: GPL-2.0-only
#include "decide.h"

#include <slash64/hash.h>
#include <stdlib.h>
#include <sys/random.h>

#define MINUTE_MS 60000LL
#define WAYS	  4

/* A table of fixed size: an attacker with many sources makes it forget the one that ends first. What is
 * forgotten is decided again, which changes nothing of an entry that is there.
 */
struct known {
	struct set_key key;
	enum rule_action action;
	int64_t until_ms; /* 0: free */
};

struct decide {
	const struct follow_settings *settings;
	struct s64_seed seed;
	int64_t full_ms; /* when the bucket of the rate is full again; monotonic */
	struct known known[DECIDE_SOURCES_MAX];
};

struct decide *decide_new(const struct follow_settings *settings)
{
	struct decide *decide = calloc(1, sizeof(*decide));

	if (!decide)
		return NULL;
	decide->settings = settings;
	if (getrandom(&decide->seed, sizeof(decide->seed), 0) != sizeof(decide->seed)) {
		free(decide);
		return NULL;
	}
	decide->seed.mul[0] |= 1;
	decide->seed.mul[1] |= 1;
	return decide;
}

void decide_free(struct decide *decide)
{
	free(decide);
}

/* What is known of the source, or where it would be. By /64, as slash64d blocks it. */
static struct known *find(struct decide *decide, const struct set_key *key)
{
	uint64_t lo = prefix_is_v4(&key->prefix) ? prefix_lo(&key->prefix) : 0;
	uint64_t hash = s64_hash128(prefix_hi(&key->prefix), lo, &decide->seed);
	struct known *way = &decide->known[hash % DECIDE_SOURCES_MAX / WAYS * WAYS], *oldest = way;

	for (int i = 0; i < WAYS; i++) {
		const struct prefix *prefix = &way[i].key.prefix;

		if (way[i].until_ms && prefix_hi(prefix) == prefix_hi(&key->prefix) &&
		    (prefix_is_v4(prefix) ? prefix_lo(prefix) : 0) == lo)
			return &way[i];
		if (way[i].until_ms < oldest->until_ms)
			oldest = &way[i];
	}
	oldest->until_ms = 0;
	return oldest;
}

/* A bucket with room for those of a minute. */
static bool is_limited(struct decide *decide, int64_t steady_ms)
{
	int64_t each_ms = MINUTE_MS / decide->settings->per_minute;
	int64_t full_ms = decide->full_ms > steady_ms ? decide->full_ms : steady_ms;

	if (each_ms < 1)
		each_ms = 1;
	if (full_ms + each_ms > steady_ms + MINUTE_MS)
		return true;
	decide->full_ms = full_ms + each_ms;
	return false;
}

enum decision decide_event(struct decide *decide, const struct event *event, int64_t now_ms,
			   int64_t steady_ms, struct set_entry *entry)
{
	const struct rule *rule = rule_for(decide->settings, event);
	int64_t since_ms = event->time_ms && event->time_ms < now_ms ? event->time_ms : now_ms,
		until_ms;
	struct known *known;

	if (!rule || rule->action == RULE_IGNORE)
		return DECIDED_NOTHING;
	until_ms = since_ms + rule->for_ms;
	if (until_ms <= now_ms)
		return DECIDED_OVER;
	known = find(decide, &event->source);
	/* the stricter actions come first in the enumeration */
	if (known->until_ms > now_ms && known->action <= rule->action &&
	    known->until_ms >= now_ms + (until_ms - now_ms) / 2)
		return DECIDED_KNOWN;
	if (is_limited(decide, steady_ms))
		return DECIDED_LIMITED;
	*known = (struct known){event->source, rule->action, until_ms};
	*entry =
		(struct set_entry){.key = event->source,
				   .kind = rule->action == RULE_THROTTLE ? SET_THROTTLE : SET_BLOCK,
				   .rate = rule->rate,
				   .burst = rule->burst,
				   .until_ms = until_ms,
				   .reason = event->signature};
	return rule->action == RULE_PROPOSE ? DECIDED_PROPOSE : DECIDED_PUT;
}
