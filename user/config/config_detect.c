// SPDX-License-Identifier: GPL-2.0-only
/* The key `detect`: the rules of detection. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/duration.h"
#include "base/text/near.h"
#include "base/text/quantity.h"
#include "config_internal.h"
#include "net/limits.h"
#include "policy/names.h"

#define SECOND_MS     1000
#define DURING_MAX_MS 3600000  /* of a rule */
#define UNTIL_MAX_MS  86400000 /* of its end */
#define LEVEL_MIN     32
#define LEVEL_MAX     64
#define FUSE_MAX      1000

#define UNSEEN_CLASSES (1ULL << S64_CLASS_NOT_IPV6 | 1ULL << S64_CLASS_MALFORMED)

/* --- values --- */

static int parse_duration(struct yaml_source *source, yaml_node_t *node, const char *what,
			  int64_t max_ms, int64_t *ms)
{
	const char *text = yaml_scalar(source, node, what);
	char most[DURATION_TEXT_MAX];
	int64_t value;

	if (!text)
		return -EINVAL;
	if (duration_parse(text, &value))
		return yaml_error(source, node, "%s: '%s' is not a duration: %s", what, text,
				  duration_hint(text));
	if (value < SECOND_MS || value > max_ms)
		return yaml_error(source, node, "%s is '%s'; it must be from 1s to %s", what, text,
				  duration_format(max_ms, most));
	*ms = value;
	return 0;
}

/* Above 0, and no more than 1. */
static int parse_share(struct yaml_source *source, yaml_node_t *node, const char *what,
		       double *share)
{
	const char *text = yaml_scalar(source, node, what);
	double value;
	char *end;

	if (!text)
		return -EINVAL;
	value = strtod(text, &end);
	if (end == text || *end || !(value > 0 && value <= 1))
		return yaml_error(source, node,
				  "%s is '%s'; it must be a share above 0 and up to 1, such as 0.5",
				  what, text);
	*share = value;
	return 0;
}

/* --- a rule --- */

static int parse_name(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct detect_rule *rule = data;
	int err = yaml_text(source, node, "name", rule->name, sizeof(rule->name));

	if (!err && !origin_is_valid(rule->name))
		return yaml_error(source, node,
				  "'%s' is not the name of a rule: write it like echo-flood",
				  rule->name);
	return err;
}

static int unknown_class(struct yaml_source *source, yaml_node_t *node, const char *name)
{
	struct near near = {.typed = name};
	char meant[NEAR_TEXT_MAX];

	for (int i = 0; i < S64_CLASS_COUNT; i++)
		near_try(&near, class_info(i)->name);
	return yaml_error(source, node, "unknown class '%s'%s; see policy in slash64.yaml(5)", name,
			  near_text(&near, "", meant));
}

static int parse_class_item(struct yaml_source *source, yaml_node_t *node, void *data)
{
	const char *name = yaml_scalar(source, node, "class");
	int class;

	if (!name)
		return -EINVAL;
	class = class_find(name);
	if (class < 0)
		return unknown_class(source, node, name);
	if (UNSEEN_CLASSES >> class & 1)
		return yaml_error(source, node,
				  "packets of the class '%s' have no source to propose", name);
	((struct detect_rule *)data)->classes |= 1ULL << class;
	return 0;
}

static int parse_class(struct yaml_source *source, yaml_node_t *node, void *data)
{
	int err;

	((struct detect_rule *)data)->classes = 0;
	err = yaml_is_scalar(node) ? parse_class_item(source, node, data) :
				     yaml_sequence(source, node, "class", parse_class_item, data);
	if (!err && !((struct detect_rule *)data)->classes)
		return yaml_error(source, node, "class is an empty list; leave it out for all");
	return err;
}

static int parse_over_value(struct yaml_source *source, yaml_node_t *key, yaml_node_t *value,
			    struct detect_rule *rule, int measure)
{
	const char *name = detect_measure_name(measure), *text;
	int64_t count;

	if (rule->over.of[measure] > 0)
		return yaml_error(source, key, "duplicate key '%s' in over", name);
	if (detect_measure_is_share(measure))
		return parse_share(source, value, name, &rule->over.of[measure]);
	text = yaml_scalar(source, value, name);
	if (!text)
		return -EINVAL;
	if (count_parse(text, &count) || count < 1)
		return yaml_error(
			source, value,
			"%s is '%s'; it must be a whole number of at least 1, such as 20k", name,
			text);
	rule->over.of[measure] = count;
	return 0;
}

static int parse_over_pair(struct yaml_source *source, yaml_node_t *key, yaml_node_t *value,
			   void *data)
{
	const char *name = yaml_scalar(source, key, "a key");
	struct near near = {.typed = name};
	char meant[NEAR_TEXT_MAX];

	if (!name)
		return -EINVAL;
	for (int i = 0; i < DETECT_MEASURE_COUNT; i++) {
		if (!strcmp(name, detect_measure_name(i)))
			return parse_over_value(source, key, value, data, i);
		near_try(&near, detect_measure_name(i));
	}
	return yaml_error(source, key,
			  "unknown key '%s' in over%s; known keys: packets_per_second, "
			  "bits_per_second, destinations_per_second, ports_per_second, syn_share, "
			  "drop_share",
			  name, near_text(&near, "", meant));
}

static int parse_over(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_pairs(source, node, "over", parse_over_pair, data);
}

static int parse_during(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return parse_duration(source, node, "during", DURING_MAX_MS,
			      &((struct detect_rule *)data)->during_ms);
}

static int parse_below(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return parse_share(source, node, "below", &((struct detect_rule *)data)->until_below);
}

static int parse_until_during(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return parse_duration(source, node, "during", UNTIL_MAX_MS,
			      &((struct detect_rule *)data)->until_ms);
}

static int parse_until(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {{"below", parse_below},
						   {"during", parse_until_during},
						   {NULL, NULL}};

	return yaml_mapping(source, node, fields, "until", data);
}

static int parse_then(struct yaml_source *source, yaml_node_t *node, void *data)
{
	int choice, err = yaml_choice(source, node, "then", detect_then_names, &choice);

	if (!err)
		((struct detect_rule *)data)->then = choice;
	return err;
}

static int parse_rate(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_rate(source, node, "rate", 1, RATE_MAX, &((struct detect_rule *)data)->rate);
}

static int parse_ladder_item(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct detect_rule *rule = data;

	if (rule->ladder_steps == DETECT_LADDER_MAX)
		return yaml_error(source, node, "ladder has more than %d steps", DETECT_LADDER_MAX);
	return parse_duration(source, node, "ladder", DURATION_MAX_S * SECOND_MS,
			      &rule->ladder_ms[rule->ladder_steps++]);
}

static int parse_ladder(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct detect_rule *rule = data;
	int err;

	memset(rule->ladder_ms, 0, sizeof(rule->ladder_ms));
	rule->ladder_steps = 0;
	err = yaml_sequence(source, node, "ladder", parse_ladder_item, data);
	if (!err && !rule->ladder_steps)
		return yaml_error(source, node, "ladder is empty; write it like [10m, 1h, 1d]");
	return err;
}

static int parse_evidence(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const char *const words[] = {"any", "proven", NULL};
	int choice, err = yaml_choice(source, node, "evidence", words, &choice);

	if (!err)
		((struct detect_rule *)data)->needs_proof = choice == 1;
	return err;
}

static int parse_spoofable(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const char *const words[] = {"accepted", NULL};
	int choice, err = yaml_choice(source, node, "spoofable", words, &choice);

	if (!err)
		((struct detect_rule *)data)->spoofable_accepted = true;
	return err;
}

/* What its keys must be together. */
static int check_rule(struct yaml_source *source, yaml_node_t *node, const struct detect_rule *rule)
{
	bool has_rate = false;

	for (int i = 0; i < DETECT_MEASURE_COUNT; i++)
		has_rate |= !detect_measure_is_share(i) && rule->over.of[i] > 0;
	if (!rule->name[0])
		return yaml_error(source, node, "a rule needs a name");
	if (!has_rate)
		return yaml_error(source, node,
				  "the rule '%s' needs something per second in over: a share "
				  "alone is that of a single packet",
				  rule->name);
	if (rule->then == DETECT_THROTTLE && !rule->rate)
		return yaml_error(source, node, "the rule '%s' throttles: it needs a rate",
				  rule->name);
	if (rule->then == DETECT_BLOCK && rule->rate)
		return yaml_error(source, node,
				  "the rule '%s' blocks: it has no rate; leave it out, or set "
				  "then: throttle",
				  rule->name);
	if (rule->then == DETECT_BLOCK && !rule->needs_proof && !rule->spoofable_accepted)
		return yaml_error(source, node,
				  "the rule '%s' would block whomever a sender pretends to be; set "
				  "evidence: proven, or spoofable: accepted if you accept that",
				  rule->name);
	return 0;
}

static int parse_rule(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {
		{"name", parse_name},
		{"class", parse_class},
		{"over", parse_over},
		{"during", parse_during},
		{"until", parse_until},
		{"then", parse_then},
		{"rate", parse_rate},
		{"ladder", parse_ladder},
		{"evidence", parse_evidence},
		{"spoofable", parse_spoofable},
		{NULL, NULL},
	};
	struct detect_rules *rules = data;
	struct detect_rule *rule;
	int err;

	if (rules->count == DETECT_RULES_MAX)
		return yaml_error(source, node, "more than %d rules", DETECT_RULES_MAX);
	rule = &rules->rule[rules->count];
	detect_rule_init(rule);
	rule->line = yaml_line(node);
	err = yaml_mapping(source, node, fields, "a rule", rule);
	if (!err)
		err = check_rule(source, node, rule);
	for (size_t i = 0; i < rules->count && !err; i++)
		if (!strcmp(rules->rule[i].name, rule->name))
			err = yaml_error(source, node, "duplicate rule '%s'", rule->name);
	if (!err)
		rules->count++;
	return err;
}

/* They take the place of the default rules. */
static int parse_rules(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct detect_rules *rules = data;

	memset(rules->rule, 0, sizeof(rules->rule));
	rules->count = 0;
	return yaml_sequence(source, node, "rules", parse_rule, data);
}

/* --- levels and fuse --- */

static int parse_level(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct detect_rules *rules = data;
	uint32_t length;
	int err = yaml_number(source, node, "levels", LEVEL_MIN, LEVEL_MAX, &length);

	if (err)
		return err;
	if (rules->level_count == DETECT_LEVELS_MAX)
		return yaml_error(source, node, "more than %d levels", DETECT_LEVELS_MAX);
	if (rules->level_count && length >= rules->level[rules->level_count - 1])
		return yaml_error(source, node,
				  "levels must go from long prefixes to short ones: [64, 56, 48]");
	rules->level[rules->level_count++] = length;
	return 0;
}

static int parse_levels(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct detect_rules *rules = data;
	int err;

	memset(rules->level, 0, sizeof(rules->level));
	rules->level_count = 0;
	err = yaml_sequence(source, node, "levels", parse_level, data);
	if (!err && !rules->level_count)
		return yaml_error(source, node, "levels is empty; write it like [64, 56, 48]");
	return err;
}

static int parse_actions(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_number(source, node, "actions_per_hour", 1, FUSE_MAX,
			   &((struct detect_rules *)data)->fuse_actions);
}

static int parse_fuse_share(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return parse_share(source, node, "traffic_share",
			   &((struct detect_rules *)data)->fuse_share);
}

static int parse_fuse(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {{"actions_per_hour", parse_actions},
						   {"traffic_share", parse_fuse_share},
						   {NULL, NULL}};

	return yaml_mapping(source, node, fields, "fuse", data);
}

/* `off`, or a mapping. */
int config_parse_detect(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {{"rules", parse_rules},
						   {"levels", parse_levels},
						   {"fuse", parse_fuse},
						   {NULL, NULL}};
	static const char *const words[] = {"off", NULL};
	struct detect_rules *rules = &((struct config *)data)->detect;
	int choice, err;

	if (!yaml_is_scalar(node))
		return yaml_mapping(source, node, fields, "detect", rules);
	err = yaml_choice(source, node, "detect", words, &choice);
	if (!err)
		rules->count = 0;
	return err;
}
