// SPDX-License-Identifier: GPL-2.0-only
#include "settings.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/set/set.h"
#include "base/array.h"

#define HOLD_MIN_MS   1000
#define HOLD_MAX_MS   (7LL * 24 * 3600 * 1000)
#define DAMPEN_MIN_MS 1000
#define DAMPEN_MAX_MS (3600 * 1000)

/* --- what a route does --- */

static const char *const actions[] = {"nothing", "monitor", "throttle", "block", NULL};

static int parse_action(struct yaml_source *source, yaml_node_t *node, const char *what,
			enum route_action *action)
{
	int choice, err = yaml_choice(source, node, what, actions, &choice);

	if (!err)
		*action = choice;
	return err;
}

static int parse_blackhole(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return parse_action(source, node, "blackhole",
			    &((struct feed_settings *)data)->action[RTN_BLACKHOLE]);
}

static int parse_prohibit(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return parse_action(source, node, "prohibit",
			    &((struct feed_settings *)data)->action[RTN_PROHIBIT]);
}

static int parse_unreachable(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return parse_action(source, node, "unreachable",
			    &((struct feed_settings *)data)->action[RTN_UNREACHABLE]);
}

/* One for all three types, or a mapping by type, where a type that is missing does nothing. */
static int parse_actions(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {
		{"blackhole", parse_blackhole},
		{"prohibit", parse_prohibit},
		{"unreachable", parse_unreachable},
		{NULL, NULL},
	};
	struct feed_settings *feed = data;
	enum route_action action;
	int err;

	memset(feed->action, 0, sizeof(feed->action));
	if (!yaml_is_scalar(node))
		return yaml_mapping(source, node, fields, "action", feed);
	err = parse_action(source, node, "action", &action);
	if (!err)
		feed->action[RTN_BLACKHOLE] = feed->action[RTN_PROHIBIT] =
			feed->action[RTN_UNREACHABLE] = action;
	return err;
}

static int parse_rate(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_rate(source, node, "rate", 1, RATE_MAX, &((struct feed_settings *)data)->rate);
}

static int parse_burst(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_number(source, node, "burst", 1, BURST_MAX,
			   &((struct feed_settings *)data)->burst);
}

static int parse_throttle(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {{"rate", parse_rate},
						   {"burst", parse_burst},
						   {NULL, NULL}};

	return yaml_mapping(source, node, fields, "throttle", data);
}

/* --- which routes --- */

static int parse_table(struct yaml_source *source, yaml_node_t *node, void *data)
{
	uint32_t *table = &((struct feed_settings *)data)->table;
	int err = yaml_number(source, node, "table", 1, UINT32_MAX, table);

	if (!err &&
	    (*table == RT_TABLE_MAIN || *table == RT_TABLE_LOCAL || *table == RT_TABLE_DEFAULT))
		return yaml_error(source, node,
				  "table: %u forwards packets; use a private one, like 666",
				  *table);
	return err;
}

static int parse_protocol(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct feed_settings *feed = data;
	int err = yaml_text(source, node, "protocol", feed->protocol_name,
			    sizeof(feed->protocol_name));

	feed->protocol = PROTOCOL_ANY;
	if (err || !strcmp(feed->protocol_name, "any"))
		return err;
	if (kernel_protocol_parse(feed->protocol_name, &feed->protocol))
		return yaml_error(source, node,
				  "protocol: '%s' is not any, bird, zebra, static, another name of "
				  "/etc/iproute2/rt_protos, or a number up to 255",
				  feed->protocol_name);
	return 0;
}

static int parse_origin(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_origin_of_bgp(source, node, "origin", ((struct feed_settings *)data)->origin);
}

static int parse_max(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_number(source, node, "max", 1, SETTINGS_MAX_MAX,
			   &((struct feed_settings *)data)->max);
}

static int parse_hold(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_duration(source, node, "hold", HOLD_MIN_MS, HOLD_MAX_MS,
			      &((struct feed_settings *)data)->hold_ms);
}

static int parse_dampen(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_duration(source, node, "dampen", DAMPEN_MIN_MS, DAMPEN_MAX_MS,
			      &((struct feed_settings *)data)->dampen_ms);
}

static int parse_alive(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct feed_settings *feed = data;
	const char *text = yaml_scalar(source, node, "alive");

	if (!text)
		return -EINVAL;
	feed->has_alive = true;
	return strcmp(text, "off") ? field_path(source, node, "alive", feed->alive) : 0;
}

static int parse_sentinel(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct feed_settings *feed = data;
	const char *text = yaml_scalar(source, node, "sentinel");

	if (!text)
		return -EINVAL;
	if (prefix_parse_whole(text, &feed->sentinel, NULL))
		return yaml_error(source, node, "sentinel: '%s' is not a prefix like 100::1/128",
				  text);
	feed->has_sentinel = true;
	return 0;
}

static bool throttles(const struct feed_settings *feed)
{
	for (size_t type = 0; type < ROUTE_TYPES; type++)
		if (feed->action[type] == ROUTE_THROTTLE)
			return true;
	return false;
}

static int complete(struct yaml_source *source, yaml_node_t *node, struct settings *settings,
		    struct feed_settings *feed)
{
	if (!feed->table || !feed->origin[0])
		return yaml_error(source, node, "an entry of rtbh needs a table and an origin");
	if (throttles(feed) && !feed->rate)
		return yaml_error(source, node, "throttle needs a rate: throttle: {rate: 100}");
	if (!feed->burst)
		feed->burst = feed->rate * BURST_FACTOR;
	if (!feed->has_alive && feed->protocol == RTPROT_BIRD)
		strcpy(feed->alive, SETTINGS_ALIVE_BIRD);
	else if (!feed->has_alive)
		return yaml_error(source, node,
				  "table %u: alive is missing: the control socket of the routing "
				  "daemon, such as /run/frr/bgpd.vty, or off; without it, its "
				  "routes outlive it",
				  feed->table);
	for (size_t i = 0; i + 1 < settings->feed_count; i++)
		if (settings->feed[i].table == feed->table ||
		    !strcmp(settings->feed[i].origin, feed->origin))
			return yaml_error(
				source, node,
				"table %u: each entry has a table and an origin of its own",
				feed->table);
	return 0;
}

static int parse_feed(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {
		{"table", parse_table},
		{"protocol", parse_protocol},
		{"origin", parse_origin},
		{"action", parse_actions},
		{"throttle", parse_throttle},
		{"hold", parse_hold},
		{"dampen", parse_dampen},
		{"max", parse_max},
		{"alive", parse_alive},
		{"sentinel", parse_sentinel},
		{NULL, NULL},
	};
	struct settings *settings = data;
	struct feed_settings *feed;
	int err;

	if (settings->feed_count == SETTINGS_FEEDS_MAX)
		return yaml_error(source, node, "more than %d tables", SETTINGS_FEEDS_MAX);
	feed = array_add(&settings->feed, &settings->feed_count, sizeof(*feed));
	if (!feed)
		return error_set(source->error, -ENOMEM, "%s: out of memory", source->name);
	*feed = (struct feed_settings){
		.max = SETTINGS_MAX,
		.protocol = RTPROT_BIRD,
		.protocol_name = "bird",
		.hold_ms = SETTINGS_HOLD_MS,
		.dampen_ms = SETTINGS_DAMPEN_MS,
		.action = {[RTN_BLACKHOLE] = ROUTE_BLOCK,
			   [RTN_PROHIBIT] = ROUTE_BLOCK,
			   [RTN_UNREACHABLE] = ROUTE_BLOCK},
	};
	err = yaml_mapping(source, node, fields, "an entry of rtbh", feed);
	return err ? err : complete(source, node, settings, feed);
}

static int parse_rtbh(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_sequence(source, node, "rtbh", parse_feed, data);
}

static int parse_socket(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_path(source, node, "socket", ((struct settings *)data)->socket);
}

static int parse_metrics(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_listen(source, node, "metrics", ((struct settings *)data)->metrics);
}

int rtbh_settings_load(struct settings *settings, const char *file, struct error *error)
{
	static const struct yaml_field fields[] = {
		{"socket", parse_socket},
		{"metrics", parse_metrics},
		{"rtbh", parse_rtbh},
		{NULL, NULL},
	};
	struct yaml_source source = {};
	int err;

	*settings = (struct settings){.socket = SET_SOCKET_DEFAULT};
	err = yaml_open(&source, file, error);
	if (err)
		return err;
	err = yaml_mapping(&source, yaml_document_get_root_node(&source.document), fields,
			   "the configuration", settings);
	if (!err && !settings->feed_count)
		err = error_set(error, -EINVAL, "%s: no table is named; list 'rtbh'", file);
	yaml_close(&source);
	if (err)
		rtbh_settings_free(settings);
	return err;
}

void rtbh_settings_free(struct settings *settings)
{
	free(settings->feed);
	settings->feed = NULL;
	settings->feed_count = 0;
}
