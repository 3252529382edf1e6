// SPDX-License-Identifier: GPL-2.0-only
/* The key `announce`: which blocks become routes of a private table of the kernel. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/duration.h"
#include "config_internal.h"

#define DAMPEN_MIN_MS 1000
#define DAMPEN_MAX_MS (3600 * 1000)

void config_announce_init(struct config_announce *announce)
{
	*announce = (struct config_announce){
		.max = ANNOUNCE_MAX_DEFAULT,
		.ipv6_min = 48,
		.ipv6_max = 64,
		.ipv4_min = 24,
		.ipv4_max = 32,
		.dampen_ms = ANNOUNCE_DAMPEN_DEFAULT_MS,
	};
}

static int parse_table(struct yaml_source *source, yaml_node_t *node, void *data)
{
	uint32_t *table = &((struct config *)data)->announce.table;
	int err = yaml_number(source, node, "table", 1, UINT32_MAX, table);

	if (!err &&
	    (*table == RT_TABLE_MAIN || *table == RT_TABLE_LOCAL || *table == RT_TABLE_DEFAULT))
		return yaml_error(source, node,
				  "table: %u forwards packets; use a private one, like 667",
				  *table);
	return err;
}

static int parse_origin(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct config_announce *announce = &((struct config *)data)->announce;
	char *origin = announce->origin[announce->origin_count];
	int err;

	if (announce->origin_count == ANNOUNCE_ORIGINS_MAX)
		return yaml_error(source, node, "more than %d origins", ANNOUNCE_ORIGINS_MAX);
	err = yaml_text(source, node, "origins", origin, sizeof(announce->origin[0]));
	if (err)
		return err;
	if (!origin_is_valid(origin))
		return yaml_error(source, node, "origins: '%s' is not an origin", origin);
	if (origin_is_of_bgp(origin))
		return yaml_error(source, node,
				  "origins: what came by BGP ('%s') does not go back to it",
				  origin);
	announce->origin_count++;
	return 0;
}

static int parse_origins(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_is_scalar(node) ? parse_origin(source, node, data) :
				      yaml_sequence(source, node, "origins", parse_origin, data);
}

static int parse_max(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_number(source, node, "max", 1, ANNOUNCE_MAX_MAX,
			   &((struct config *)data)->announce.max);
}

/* "/48-/64", "48-64", or "/64" */
static int parse_lengths(struct yaml_source *source, yaml_node_t *node, const char *what,
			 unsigned int longest, uint8_t *min, uint8_t *max)
{
	const char *text = yaml_scalar(source, node, what);
	unsigned int from, to;
	int end = 0;

	if (!text)
		return -EINVAL;
	if (sscanf(text, "/%3u-/%3u%n", &from, &to, &end) != 2 || text[end]) {
		end = 0;
		if (sscanf(text, "/%3u%n", &from, &end) != 1 || text[end])
			return yaml_error(source, node,
					  "%s: '%s' is not a range of lengths like /48-/64", what,
					  text);
		to = from;
	}
	if (!from || from > to || to > longest)
		return yaml_error(source, node, "%s: '%s' must be within /1-/%u", what, text,
				  longest);
	*min = from;
	*max = to;
	return 0;
}

static int parse_prefixes(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct config_announce *announce = &((struct config *)data)->announce;

	return parse_lengths(source, node, "prefixes", 128, &announce->ipv6_min,
			     &announce->ipv6_max);
}

static int parse_ipv4(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct config_announce *announce = &((struct config *)data)->announce;
	const char *text = yaml_scalar(source, node, "ipv4");

	if (!text)
		return -EINVAL;
	if (strcmp(text, "off"))
		return parse_lengths(source, node, "ipv4", 32, &announce->ipv4_min,
				     &announce->ipv4_max);
	announce->ipv4_min = ANNOUNCE_NO_LENGTH; /* longer than any */
	announce->ipv4_max = 0;
	return 0;
}

static int parse_dampen(struct yaml_source *source, yaml_node_t *node, void *data)
{
	int64_t *ms = &((struct config *)data)->announce.dampen_ms;
	const char *text = yaml_scalar(source, node, "dampen");

	if (!text)
		return -EINVAL;
	if (duration_parse(text, ms))
		return yaml_error(source, node, "dampen: '%s' is not a duration: %s", text,
				  duration_hint(text));
	if (*ms < DAMPEN_MIN_MS || *ms > DAMPEN_MAX_MS)
		return yaml_error(source, node, "dampen: '%s' must be from 1s to 1h", text);
	return 0;
}

static int parse_dry_run(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const char *const words[] = {"false", "true", NULL};
	int choice, err = yaml_choice(source, node, "dry_run", words, &choice);

	if (!err)
		((struct config *)data)->announce.dry_run = choice;
	return err;
}

int config_parse_announce(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {
		{"table", parse_table},	    {"origins", parse_origins},
		{"max", parse_max},	    {"prefixes", parse_prefixes},
		{"ipv4", parse_ipv4},	    {"dampen", parse_dampen},
		{"dry_run", parse_dry_run}, {NULL, NULL},
	};
	struct config_announce *announce = &((struct config *)data)->announce;
	int err = yaml_mapping(source, node, fields, "announce", data);

	if (!err && (!announce->table || !announce->origin_count))
		return yaml_error(source, node, "announce needs a table and origins");
	announce->is_on = !err;
	return err;
}
