// SPDX-License-Identifier: GPL-2.0-only
/* Everything in a configuration, a row for each setting. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config_diff.h"
#include "base/text/duration.h"
#include "base/text/escape.h"
#include "policy/names.h"
#include "policy_json.h"

#define NAME_MAX_BYTES	5000 /* fits the path of a feed */
#define VALUE_MAX_BYTES 6000
#define WORDS_MAX	1024

/* May contain any bytes: invalid UTF-8 is escaped. */
static json_t *text_of(const char *text)
{
	char plain[VALUE_MAX_BYTES * ESCAPE_FACTOR];

	escape_text(text, plain, sizeof(plain));
	return json_string(plain);
}

static void __attribute__((format(printf, 3, 4)))
add(json_t *rows, const char *name, const char *format, ...)
{
	char value[VALUE_MAX_BYTES];
	va_list values;

	va_start(values, format);
	vsnprintf(value, sizeof(value), format, values);
	va_end(values);
	json_array_append_new(rows, json_pack("{s:o, s:o}", "name", text_of(name), "value",
					      text_of(value)));
}

static void add_interfaces(json_t *rows, const struct config *config)
{
	for (size_t i = 0; i < config->iface_count; i++) {
		const struct config_iface *iface = &config->iface[i];
		char name[NAME_MAX_BYTES];

		snprintf(name, sizeof(name), "interface %s", iface->name);
		add(rows, name, "filtered");
		snprintf(name, sizeof(name), "mode of %s", iface->name);
		add(rows, name, "%s", config_mode_names[iface->mode]);
		snprintf(name, sizeof(name), "ipv4 of %s", iface->name);
		add(rows, name, "%s", iface->ipv4_enforce ? "enforce" : "pass");
	}
}

static void add_prefixes(json_t *rows, const struct config_prefixes *list, const char *what,
			 const char *is, const struct pace *pace)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct config_prefix *entry = &list->entry[i];
		char name[NAME_MAX_BYTES], prefix[PREFIX_TEXT_MAX];

		snprintf(name, sizeof(name), "%s %s", what, prefix_format(&entry->prefix, prefix));
		add(rows, name, "%s%s%s%s", is, entry->reason[0] ? ": " : "", entry->reason,
		    entry->force ? " (force)" : "");
		pace_breathe(pace);
	}
}

static void add_sources(json_t *rows, const struct config *config)
{
	struct source_rules usual;

	source_rules_init(&usual);
	for (unsigned int i = 0; i < config->rules.count; i++) {
		const struct s64_source_rule *rule = &config->rules.rule[i];
		struct prefix prefix = source_rule_prefix(rule);
		char name[NAME_MAX_BYTES], text[PREFIX_TEXT_MAX];
		bool is_usual = false;

		for (unsigned int j = 0; j < usual.count; j++)
			is_usual |= !memcmp(rule, &usual.rule[j], sizeof(*rule));
		if (is_usual)
			continue;
		snprintf(name, sizeof(name), "sources %s", prefix_format(&prefix, text));
		if (rule->kind == S64_SOURCE_KIND_LENGTH)
			add(rows, name, "/%u", rule->source_length);
		else
			add(rows, name, "%s",
			    rule->kind == S64_SOURCE_KIND_NAT64 ? "nat64" : "isatap");
	}
}

static const char *span(int64_t ms, const char *none, char text[DURATION_TEXT_MAX])
{
	return ms ? duration_format(ms, text) : none;
}

static void add_feeds(json_t *rows, const struct config *config)
{
	for (size_t i = 0; i < config->feed_count; i++) {
		const struct config_feed *feed = &config->feed[i];
		char name[NAME_MAX_BYTES], lasts[DURATION_TEXT_MAX], debounce[DURATION_TEXT_MAX];

		snprintf(name, sizeof(name), "feed %s", feed->origin);
		add(rows, name, "%s, format %s, for %s, settle %s, shrink %g%s%s", feed->file,
		    feed->format[0] ? feed->format : "auto", span(feed->for_ms, "no limit", lasts),
		    span(feed->debounce_ms, "0", debounce), feed->shrink,
		    feed->reason[0] ? ", reason " : "", feed->reason);
	}
}

static void add_settings(json_t *rows, const struct config *config)
{
	char text[DURATION_TEXT_MAX];

	add(rows, "control.socket", "%s", config->socket);
	add(rows, "control.group", "%s", config->socket_group);
	add(rows, "control.read_socket", "%s", config->read_socket);
	add(rows, "control.read_group", "%s", config->read_group);
	add(rows, "metrics.listen", "%s", config->metrics);
	add(rows, "page.listen", "%s", config->page);
	add(rows, "state", "%s", config->state);
	add(rows, "maps.pins", "%s", config->pins);
	add(rows, "maps.blocks", "%" PRIu32, config->blocks);
	add(rows, "maps.prefixes", "%" PRIu32, config->prefixes);
	add(rows, "maps.limiter", "%" PRIu32, config->limiter);
	add(rows, "maps.interfaces", "%" PRIu32, config->iface_slots);
	add(rows, "on_exit", "%s", config->detach_on_exit ? "detach" : "keep");
	add(rows, "log.keep", "%s", span(config->log_keep_ms, "0", text));
	add(rows, "log.changes", "%" PRIu32, config->log_changes);
	add(rows, "block_defaults.for", "%s", span(config->block_for_ms, "without end", text));
	add(rows, "block_defaults.require", "%s%s%s",
	    config->block_needs_reason || config->block_needs_ticket ? "" : "nothing",
	    config->block_needs_reason ? "reason" : "",
	    config->block_needs_ticket ? (config->block_needs_reason ? ", ticket" : "ticket") : "");
}

static void add_report(json_t *rows, const struct config *config)
{
	const struct config_report *report = &config->report;
	char name[NAME_MAX_BYTES];

	if (report->organization[0])
		add(rows, "report.organization", "%s", report->organization);
	if (report->contact[0])
		add(rows, "report.contact", "%s", report->contact);
	if (report->domain[0])
		add(rows, "report.domain", "%s", report->domain);
	if (report->templates[0])
		add(rows, "report.templates", "%s", report->templates);
	for (size_t i = 0; i < config->registry_count; i++) {
		snprintf(name, sizeof(name), "registry %s", config->registry[i]);
		add(rows, name, "read by reports");
	}
}

static const char *classes_words(uint64_t classes, char *text, size_t bytes)
{
	size_t n = 0;

	if (classes == DETECT_ALL_CLASSES)
		return "any class";
	for (int i = 0; i < S64_CLASS_COUNT && n < bytes; i++)
		if (classes >> i & 1)
			n += snprintf(text + n, bytes - n, "%s%s", n ? " " : "",
				      class_info(i)->name);
	return text;
}

static const char *over_words(const struct detect_rule *rule, char *text, size_t bytes)
{
	size_t n = 0;

	for (int i = 0; i < DETECT_MEASURE_COUNT && n < bytes; i++)
		if (rule->over.of[i] > 0)
			n += snprintf(text + n, bytes - n, "%s%s %.12g", n ? ", " : "",
				      detect_measure_name(i), rule->over.of[i]);
	return text;
}

static const char *ladder_words(const struct detect_rule *rule, char *text, size_t bytes)
{
	char step[DURATION_TEXT_MAX];
	size_t n = 0;

	for (unsigned int i = 0; i < rule->ladder_steps && n < bytes; i++)
		n += snprintf(text + n, bytes - n, "%s%s", n ? " " : "",
			      duration_format(rule->ladder_ms[i], step));
	return text;
}

static void add_rule(json_t *rows, const struct detect_rule *rule)
{
	char name[NAME_MAX_BYTES], classes[WORDS_MAX], over[WORDS_MAX], ladder[WORDS_MAX];
	char during[DURATION_TEXT_MAX], until[DURATION_TEXT_MAX], rate[32] = "";

	if (rule->rate)
		snprintf(rate, sizeof(rate), " at %" PRIu32 "/s", rule->rate);
	snprintf(name, sizeof(name), "detect rule %s", rule->name);
	add(rows, name,
	    "%s over %s during %s, until below %g during %s, then %s%s for %s, evidence %s%s",
	    classes_words(rule->classes, classes, sizeof(classes)),
	    over_words(rule, over, sizeof(over)), duration_format(rule->during_ms, during),
	    rule->until_below, duration_format(rule->until_ms, until),
	    detect_then_names[rule->then], rate, ladder_words(rule, ladder, sizeof(ladder)),
	    rule->needs_proof ? "proven" : "any",
	    rule->spoofable_accepted ? ", spoofable accepted" : "");
}

static void add_detect(json_t *rows, const struct config *config)
{
	const struct detect_rules *rules = &config->detect;
	char levels[WORDS_MAX] = "";
	size_t n = 0;

	for (size_t i = 0; i < rules->count; i++)
		add_rule(rows, &rules->rule[i]);
	for (unsigned int i = 0; i < rules->level_count; i++)
		n += snprintf(levels + n, sizeof(levels) - n, "%s/%u", n ? " " : "",
			      rules->level[i]);
	add(rows, "detect.levels", "%s", levels);
	add(rows, "detect.fuse", "%" PRIu32 " actions an hour, %g of the traffic",
	    rules->fuse_actions, rules->fuse_share);
}

void config_rows_free(json_t *rows, const struct pace *pace)
{
	while (json_array_size(rows)) {
		json_array_remove(rows, json_array_size(rows) - 1);
		pace_breathe(pace);
	}
	json_decref(rows);
}

static void add_announce(json_t *rows, const struct config *config)
{
	const struct config_announce *announce = &config->announce;
	char text[DURATION_TEXT_MAX], name[NAME_MAX_BYTES];

	if (!announce->is_on)
		return;
	add(rows, "announce.table", "%" PRIu32, announce->table);
	for (size_t i = 0; i < announce->origin_count; i++) {
		snprintf(name, sizeof(name), "announce %s", announce->origin[i]);
		add(rows, name, "its blocks");
	}
	add(rows, "announce.max", "%" PRIu32, announce->max);
	add(rows, "announce.prefixes", "/%u-/%u", announce->ipv6_min, announce->ipv6_max);
	if (announce->ipv4_min <= announce->ipv4_max)
		add(rows, "announce.ipv4", "/%u-/%u", announce->ipv4_min, announce->ipv4_max);
	else
		add(rows, "announce.ipv4", "off");
	add(rows, "announce.dampen", "%s", span(announce->dampen_ms, "0", text));
	add(rows, "announce.dry_run", "%s", announce->dry_run ? "true" : "false");
}

json_t *config_to_rows(const struct config *config, const struct pace *pace)
{
	json_t *rows = policy_to_json(config);

	if (!rows)
		return NULL;
	add_interfaces(rows, config);
	add_prefixes(rows, &config->allow, "allow", "allowed", pace);
	add_prefixes(rows, &config->block, "block", "blocked", pace);
	add_prefixes(rows, &config->peers, "peer", "guarded", pace);
	add_prefixes(rows, &config->own, "own", "guarded", pace);
	add_sources(rows, config);
	add_feeds(rows, config);
	add_settings(rows, config);
	add_report(rows, config);
	add_detect(rows, config);
	add_announce(rows, config);
	return rows;
}
