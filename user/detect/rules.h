/* SPDX-License-Identifier: GPL-2.0-only */
/* The rules of detection: from when on a source is proposed for a block or a throttle, and what
 * follows. The configuration fills them in (`detect`); the defaults only propose.
 */
#ifndef SLASH64_DETECT_RULES_H
#define SLASH64_DETECT_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DETECT_RULES_MAX  32
#define DETECT_LEVELS_MAX 4
#define DETECT_LADDER_MAX 8
#define DETECT_NAME_MAX	  33 /* with the final 0; "detect:NAME" is an origin */

/* What is measured of a prefix. X(ID, name in the configuration and in JSON, is it a share?) */
#define DETECT_MEASURES(X)                                                            \
	X(PACKETS, "packets_per_second", false)                                       \
	X(BITS, "bits_per_second", false)                                             \
	X(DESTINATIONS, "destinations_per_second", false)                             \
	X(PORTS, "ports_per_second", false)                                           \
	X(SYN_SHARE, "syn_share", true)	  /* of the packets that the rule looks at */ \
	X(DROP_SHARE, "drop_share", true) /* by the policy: neither blocks nor throttles count */

enum detect_measure {
#define X(id, ...) DETECT_##id,
	DETECT_MEASURES(X)
#undef X
		DETECT_MEASURE_COUNT
};

struct detect_values {
	double of[DETECT_MEASURE_COUNT];
};

const char *detect_measure_name(enum detect_measure measure);
bool detect_measure_is_share(enum detect_measure measure);

enum detect_then { DETECT_PROPOSE, DETECT_THROTTLE, DETECT_BLOCK };

extern const char *const detect_then_names[];

struct detect_rule {
	char name[DETECT_NAME_MAX];
	uint64_t classes;	   /* a bit for each enum s64_class; all of them: every class */
	struct detect_values over; /* 0: not asked; all others must be exceeded */
	int64_t during_ms;
	double until_below; /* of each threshold */
	int64_t until_ms;
	enum detect_then then;
	uint32_t rate; /* packets per second of a throttle; 0: a block */
	int64_t ladder_ms[DETECT_LADDER_MAX];
	unsigned int ladder_steps;
	bool needs_proof;
	bool spoofable_accepted; /* it may block without proof */
	unsigned int line;	 /* in the configuration; 0: a default */
};

struct detect_rules {
	struct detect_rule rule[DETECT_RULES_MAX];
	size_t count;
	uint8_t level[DETECT_LEVELS_MAX]; /* lengths of prefixes, the longest first */
	unsigned int level_count;
	uint32_t fuse_actions; /* in an hour */
	double fuse_share;     /* of all packets, that actions may hit together */
};

#define DETECT_ALL_CLASSES (~0ULL)

/* The default rules, all of which only propose. */
void detect_rules_init(struct detect_rules *rules);

/* What a rule has if the configuration does not say otherwise. */
void detect_rule_init(struct detect_rule *rule);

/* The same, but for the line they are on? */
bool detect_rule_equals(const struct detect_rule *a, const struct detect_rule *b);
bool detect_rules_equal(const struct detect_rules *a, const struct detect_rules *b);

/* What it does when it is applied: to hold to a rate, or to block. */
static inline bool detect_rule_throttles(const struct detect_rule *rule)
{
	return rule->then != DETECT_BLOCK && rule->rate;
}

#endif
