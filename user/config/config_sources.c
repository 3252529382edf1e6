// SPDX-License-Identifier: GPL-2.0-only
/* The keys `sources` and `feeds`. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config_internal.h"
#include "base/text/duration.h"
#include "base/array.h"
#include "net/limits.h"
#include "feed/feed.h"

/* --- sources --- */

static int add_rule(struct yaml_source *source, yaml_node_t *node, struct config *config,
		    const struct prefix *prefix, enum s64_source_kind kind, uint8_t length)
{
	struct config_prefix *entry;
	struct error why;

	if (source_rules_add(&config->rules, prefix, kind, length, &why))
		return yaml_error(source, node, "%s", why.text);
	if (kind == S64_SOURCE_KIND_NAT64)
		return 0;
	entry = array_add(&config->sources.entry, &config->sources.count, sizeof(*entry));
	if (!entry)
		return error_set(source->error, -ENOMEM, "%s: out of memory", source->name);
	entry->prefix = *prefix;
	entry->line = yaml_line(node);
	return 0;
}

static int parse_rule(struct yaml_source *source, yaml_node_t *node, void *data,
		      enum s64_source_kind kind)
{
	struct prefix prefix;
	int err = config_prefix_text(source, node, &prefix, NULL);

	return err ? err : add_rule(source, node, data, &prefix, kind, 0);
}

static int parse_nat64_item(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return parse_rule(source, node, data, S64_SOURCE_KIND_NAT64);
}

static int parse_isatap_item(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return parse_rule(source, node, data, S64_SOURCE_KIND_ISATAP);
}

struct length_entry {
	struct prefix prefix;
	bool has_prefix;
	uint32_t length;
};

static int parse_length_prefix(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct length_entry *entry = data;

	entry->has_prefix = true;
	return config_prefix_text(source, node, &entry->prefix, NULL);
}

static int parse_length_value(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_number(source, node, "length", S64_PREFIX_LENGTH_MIN, 128,
			   &((struct length_entry *)data)->length);
}

static int parse_length_item(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {{"prefix", parse_length_prefix},
						   {"length", parse_length_value},
						   {NULL, NULL}};
	struct length_entry entry = {};
	int err = yaml_mapping(source, node, fields, "an entry", &entry);

	if (err)
		return err;
	if (!entry.has_prefix || !entry.length)
		return yaml_error(source, node, "an entry needs a prefix and a length");
	return add_rule(source, node, data, &entry.prefix, S64_SOURCE_KIND_LENGTH, entry.length);
}

static int parse_nat64(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_sequence(source, node, "nat64", parse_nat64_item, data);
}

static int parse_isatap(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_sequence(source, node, "isatap", parse_isatap_item, data);
}

static int parse_lengths(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_sequence(source, node, "lengths", parse_length_item, data);
}

int config_parse_sources(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {{"nat64", parse_nat64},
						   {"isatap", parse_isatap},
						   {"lengths", parse_lengths},
						   {NULL, NULL}};

	return yaml_mapping(source, node, fields, "sources", data);
}

/* --- feeds --- */

#define FEED_DEBOUNCE_MS     2000
#define FEED_DEBOUNCE_MAX_MS 3600000
#define FEED_SHRINK	     0.5

static int parse_file(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct config_feed *feed = data;
	int err = yaml_text(source, node, "file", feed->file, sizeof(feed->file));

	if (!err && feed->file[0] != '/')
		return yaml_error(source, node,
				  "'%s' must be an absolute path, like /var/lib/feeds/drop.json",
				  feed->file);
	return err;
}

static int parse_origin(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct config_feed *feed = data;

	return yaml_text(source, node, "origin", feed->origin, sizeof(feed->origin));
}

static int parse_format(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct config_feed *feed = data;
	int choice, err = yaml_choice(source, node, "format", feed_format_names, &choice);

	if (!err)
		strcpy(feed->format, feed_format_names[choice]);
	return err;
}

static int parse_reason(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct config_feed *feed = data;

	return yaml_text(source, node, "reason", feed->reason, sizeof(feed->reason));
}

static int parse_for(struct yaml_source *source, yaml_node_t *node, void *data)
{
	const char *text = yaml_scalar(source, node, "for");

	if (!text)
		return -EINVAL;
	if (duration_parse(text, &((struct config_feed *)data)->for_ms))
		return yaml_error(source, node, "'%s' is not a duration: %s", text,
				  duration_hint(text));
	return 0;
}

static int parse_debounce(struct yaml_source *source, yaml_node_t *node, void *data)
{
	const char *text = yaml_scalar(source, node, "settle");
	int64_t ms;

	if (!text)
		return -EINVAL;
	if (duration_parse(text, &ms) || ms > FEED_DEBOUNCE_MAX_MS)
		return yaml_error(source, node,
				  "'%s' is not a duration of up to an hour: write it like 2s",
				  text);
	((struct config_feed *)data)->debounce_ms = ms;
	return 0;
}

static int parse_shrink(struct yaml_source *source, yaml_node_t *node, void *data)
{
	const char *text = yaml_scalar(source, node, "shrink");
	char *end;
	double share;

	if (!text)
		return -EINVAL;
	share = strtod(text, &end);
	if (end == text || *end || !(share >= 0 && share <= 1))
		return yaml_error(source, node, "'%s' is not a fraction from 0 to 1, such as 0.5",
				  text);
	((struct config_feed *)data)->shrink = share;
	return 0;
}

static int parse_feed(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {
		{"file", parse_file},	  {"origin", parse_origin},
		{"format", parse_format}, {"reason", parse_reason},
		{"for", parse_for},	  {"settle", parse_debounce},
		{"shrink", parse_shrink}, {NULL, NULL},
	};
	struct config *config = data;
	struct config_feed *feed;
	int err;

	if (config->feed_count >= CONFIG_FEEDS_MAX)
		return yaml_error(source, node, "more than %d feeds", CONFIG_FEEDS_MAX);
	feed = array_add(&config->feed, &config->feed_count, sizeof(*config->feed));
	if (!feed)
		return error_set(source->error, -ENOMEM, "%s: out of memory", source->name);
	feed->line = yaml_line(node);
	feed->debounce_ms = FEED_DEBOUNCE_MS;
	feed->shrink = FEED_SHRINK;
	err = yaml_mapping(source, node, fields, "a feed", feed);
	if (err)
		return err;
	if (!feed->file[0] || !feed->origin[0])
		return yaml_error(source, node, "a feed needs a file and an origin");
	if (!origin_is_valid(feed->origin))
		return yaml_error(source, node,
				  "'%s' is not a valid origin: write it like spamhaus-drop",
				  feed->origin);
	if (!strcmp(feed->origin, "operator") || !strcmp(feed->origin, "config"))
		return yaml_error(source, node, "the origin '%s' is reserved", feed->origin);
	for (size_t i = 0; i + 1 < config->feed_count; i++)
		if (!strcmp(config->feed[i].origin, feed->origin))
			return yaml_error(source, node, "duplicate origin '%s'", feed->origin);
	return 0;
}

int config_parse_feeds(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_sequence(source, node, "feeds", parse_feed, data);
}
