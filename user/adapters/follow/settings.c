// SPDX-License-Identifier: GPL-2.0-only
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/set/set.h"
#include "base/array.h"
#include "base/time.h"

#define SECOND_MS 1000LL

/* --- a rule --- */

static int parse_signature(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_text(source, node, "signature", ((struct rule *)data)->signature,
			 EVENT_TEXT_MAX);
}

static int parse_category(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_text(source, node, "category", ((struct rule *)data)->category, EVENT_TEXT_MAX);
}

static int parse_id(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_number(source, node, "id", 1, UINT32_MAX, &((struct rule *)data)->id);
}

static int parse_severity(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_number(source, node, "severity", 1, 255, &((struct rule *)data)->severity);
}

static int parse_action(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const char *const words[] = {"block", "throttle", "propose", "ignore", NULL};
	struct rule *rule = data;
	int choice, err = yaml_choice(source, node, "action", words, &choice);

	if (!err)
		rule->action = choice;
	rule->has_action = true;
	return err;
}

static int parse_for(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_duration(source, node, "for", SECOND_MS, 366 * DAY_S * SECOND_MS,
			      &((struct rule *)data)->for_ms);
}

static int parse_rate(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_rate(source, node, "rate", 1, RATE_MAX, &((struct rule *)data)->rate);
}

static int parse_burst(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_number(source, node, "burst", 1, BURST_MAX, &((struct rule *)data)->burst);
}

static int check_rule(struct yaml_source *source, yaml_node_t *node, struct rule *rule)
{
	if (!rule->has_action)
		return yaml_error(source, node,
				  "a rule needs an action: block, throttle, propose or ignore");
	if ((rule->action == RULE_THROTTLE) != (rule->rate != 0))
		return yaml_error(source, node,
				  "a throttle needs a rate, and nothing else has one");
	if (rule->burst && !rule->rate)
		return yaml_error(source, node, "a burst belongs to the rate of a throttle");
	if (rule->rate && !rule->burst)
		rule->burst = rule->rate * BURST_FACTOR;
	return 0;
}

static int parse_rule(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {
		{"signature", parse_signature}, {"category", parse_category}, {"id", parse_id},
		{"severity", parse_severity},	{"action", parse_action},     {"for", parse_for},
		{"rate", parse_rate},		{"burst", parse_burst},	      {NULL, NULL},
	};
	struct follow_settings *settings = data;
	struct rule *rule;
	int err;

	if (settings->rules == FOLLOW_RULES_MAX)
		return yaml_error(source, node, "more than %d rules", FOLLOW_RULES_MAX);
	rule = array_add(&settings->rule, &settings->rules, sizeof(*rule));
	if (!rule)
		return error_set(source->error, -ENOMEM, "%s: out of memory", source->name);
	rule->for_ms = FOLLOW_FOR_MS;
	err = yaml_mapping(source, node, fields, "a rule", rule);
	return err ? err : check_rule(source, node, rule);
}

/* --- the rest --- */

static int parse_rules(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_sequence(source, node, "rules", parse_rule, data);
}

static int parse_per_minute(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_number(source, node, "per_minute", 1, 1000000,
			   &((struct follow_settings *)data)->per_minute);
}

static int parse_socket(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_path(source, node, "socket", ((struct follow_settings *)data)->socket);
}

static int parse_state(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_path(source, node, "state", ((struct follow_settings *)data)->state);
}

static int parse_origin(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_origin(source, node, "origin", ((struct follow_settings *)data)->origin);
}

static int parse_metrics(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_listen(source, node, "metrics", ((struct follow_settings *)data)->metrics);
}

int follow_settings_load(struct follow_settings *settings, const char *file, struct error *error)
{
	static const struct yaml_field fields[] = {
		{"rules", parse_rules},
		{"per_minute", parse_per_minute},
		{"socket", parse_socket},
		{"state", parse_state},
		{"origin", parse_origin},
		{"metrics", parse_metrics},
		{NULL, NULL},
	};
	struct yaml_source source;
	int err;

	*settings = (struct follow_settings){.per_minute = FOLLOW_RATE};
	strcpy(settings->socket, SET_SOCKET_DEFAULT);
	strcpy(settings->state, FOLLOW_STATE_DEFAULT);
	err = yaml_open(&source, file, error);
	if (err)
		return err;
	err = yaml_mapping(&source, yaml_document_get_root_node(&source.document), fields,
			   "the configuration", settings);
	if (!err && !settings->rules)
		err = error_set(error, -EINVAL, "%s: nothing is done about any event; list 'rules'",
				file);
	yaml_close(&source);
	if (err)
		follow_settings_free(settings);
	return err;
}

void follow_settings_free(struct follow_settings *settings)
{
	free(settings->rule);
	settings->rule = NULL;
	settings->rules = 0;
}

/* --- matching --- */

/* Only '*' is special. After a mismatch only the last one is tried again, so a text costs its length times
 * that of the pattern at most.
 */
static bool matches(const char *pattern, const char *text)
{
	const char *star = NULL, *from = NULL;

	if (!pattern[0])
		return true;
	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			from = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

const struct rule *rule_for(const struct follow_settings *settings, const struct event *event)
{
	for (size_t i = 0; i < settings->rules; i++) {
		const struct rule *rule = &settings->rule[i];

		if (matches(rule->signature, event->signature) &&
		    matches(rule->category, event->category) &&
		    (!rule->id || rule->id == event->id) &&
		    (!rule->severity ||
		     (event->severity && event->severity <= (int64_t)rule->severity)))
			return rule;
	}
	return NULL;
}
