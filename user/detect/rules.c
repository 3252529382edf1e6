// SPDX-License-Identifier: GPL-2.0-only
#include "rules.h"

#include <string.h>

#include <slash64/classes.h>

#define MINUTE_MS 60000LL
#define HOUR_MS	  (60 * MINUTE_MS)
#define DAY_MS	  (24 * HOUR_MS)

#define DURING_MS	 3000
#define UNTIL_BELOW	 0.5
#define UNTIL_MS	 MINUTE_MS
#define FUSE_ACTIONS	 20
#define FUSE_SHARE	 0.3
#define CLASS_BIT(class) (1ULL << (class))

const char *const detect_then_names[] = {"propose", "throttle", "block", NULL};

static const struct {
	const char *name;
	bool is_share;
} measures[] = {
#define X(id, text, share) {text, share},
	DETECT_MEASURES(X)
#undef X
};

const char *detect_measure_name(enum detect_measure measure)
{
	return measures[measure].name;
}

bool detect_measure_is_share(enum detect_measure measure)
{
	return measures[measure].is_share;
}

void detect_rule_init(struct detect_rule *rule)
{
	*rule = (struct detect_rule){
		.classes = DETECT_ALL_CLASSES,
		.during_ms = DURING_MS,
		.until_below = UNTIL_BELOW,
		.until_ms = UNTIL_MS,
		.ladder_ms = {10 * MINUTE_MS, HOUR_MS, DAY_MS},
		.ladder_steps = 3,
	};
}

static struct detect_rule *add(struct detect_rules *rules, const char *name, uint64_t classes)
{
	struct detect_rule *rule = &rules->rule[rules->count++];

	detect_rule_init(rule);
	strcpy(rule->name, name);
	rule->classes = classes;
	return rule;
}

/* A class is in a scan only if nobody sends it to many without being asked: who answers, a
 * resolver or a server of QUIC, has as many destinations as customers. For the same reason no rule
 * is about the rate of TCP: a speed test would be one.
 */
static void add_scans(struct detect_rules *rules)
{
	add(rules, "scan", CLASS_BIT(S64_CLASS_TCP_SYN) | CLASS_BIT(S64_CLASS_ECHO_REQUEST))
		->over.of[DETECT_DESTINATIONS] = 200;
	add(rules, "port-scan", CLASS_BIT(S64_CLASS_TCP_SYN))->over.of[DETECT_PORTS] = 200;
}

static void add_floods(struct detect_rules *rules)
{
	struct detect_rule *syn =
		add(rules, "syn-flood", CLASS_BIT(S64_CLASS_TCP_SYN) | CLASS_BIT(S64_CLASS_TCP));

	syn->over.of[DETECT_PACKETS] = 10000;
	syn->over.of[DETECT_SYN_SHARE] = 0.8;
	add(rules, "echo-flood", CLASS_BIT(S64_CLASS_ECHO_REQUEST))->over.of[DETECT_PACKETS] = 5000;
	add(rules, "error-flood",
	    CLASS_BIT(S64_CLASS_DESTINATION_UNREACHABLE) | CLASS_BIT(S64_CLASS_PACKET_TOO_BIG) |
		    CLASS_BIT(S64_CLASS_TIME_EXCEEDED) | CLASS_BIT(S64_CLASS_PARAMETER_PROBLEM))
		->over.of[DETECT_PACKETS] = 10000;
	add(rules, "fragment-flood", CLASS_BIT(S64_CLASS_FRAGMENT_NON_FIRST))
		->over.of[DETECT_PACKETS] = 50000;
	add(rules, "udp-flood", CLASS_BIT(S64_CLASS_UDP))->over.of[DETECT_PACKETS] = 200000;
}

void detect_rules_init(struct detect_rules *rules)
{
	memset(rules, 0, sizeof(*rules));
	add_scans(rules);
	add_floods(rules);
	rules->level[rules->level_count++] = 64;
	rules->level[rules->level_count++] = 56;
	rules->level[rules->level_count++] = 48;
	rules->fuse_actions = FUSE_ACTIONS;
	rules->fuse_share = FUSE_SHARE;
}

bool detect_rule_equals(const struct detect_rule *a, const struct detect_rule *b)
{
	return !strcmp(a->name, b->name) && a->classes == b->classes &&
	       !memcmp(&a->over, &b->over, sizeof(a->over)) && a->during_ms == b->during_ms &&
	       a->until_below == b->until_below && a->until_ms == b->until_ms &&
	       a->then == b->then && a->rate == b->rate && a->ladder_steps == b->ladder_steps &&
	       !memcmp(a->ladder_ms, b->ladder_ms, sizeof(a->ladder_ms)) &&
	       a->needs_proof == b->needs_proof && a->spoofable_accepted == b->spoofable_accepted;
}

bool detect_rules_equal(const struct detect_rules *a, const struct detect_rules *b)
{
	if (a->count != b->count || a->level_count != b->level_count ||
	    memcmp(a->level, b->level, sizeof(a->level)) || a->fuse_actions != b->fuse_actions ||
	    a->fuse_share != b->fuse_share)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!detect_rule_equals(&a->rule[i], &b->rule[i]))
			return false;
	return true;
}
