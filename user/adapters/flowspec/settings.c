// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "flowspec.h"

#define HOLD_MIN_MS 1000
#define HOLD_MAX_MS (7LL * 24 * 3600 * 1000)

static int parse_socket(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_path(source, node, "socket", ((struct flowspec_settings *)data)->socket);
}

static int parse_metrics(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_listen(source, node, "metrics", ((struct flowspec_settings *)data)->metrics);
}

static int parse_origin(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_origin_of_bgp(source, node, "origin",
				   ((struct flowspec_settings *)data)->origin);
}

static int parse_rules(struct yaml_source *source, yaml_node_t *node, void *data)
{
	char *path = ((struct flowspec_settings *)data)->rules;
	const char *text = yaml_scalar(source, node, "rules");

	if (!text || strcmp(text, "off"))
		return field_path(source, node, "rules", path);
	path[0] = '\0';
	return 0;
}

static int parse_hold(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_duration(source, node, "hold", HOLD_MIN_MS, HOLD_MAX_MS,
			      &((struct flowspec_settings *)data)->hold_ms);
}

static int parse_max(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_number(source, node, "max", 1, FLOWSPEC_MAX_MAX,
			   &((struct flowspec_settings *)data)->max);
}

static int parse_validation(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const char *const words[] = {"relaxed", "rfc8955", NULL};
	struct flowspec_settings *settings = data;
	int choice, err = yaml_choice(source, node, "validation", words, &choice);

	settings->is_validated = !err && choice == 1;
	settings->has_validation = !err;
	return err;
}

static int parse_ipv4(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const char *const words[] = {"refuse", "forms", NULL};
	int choice, err = yaml_choice(source, node, "ipv4", words, &choice);

	((struct flowspec_settings *)data)->blocks_forms = !err && choice == 1;
	return err;
}

static int add_prefix(struct yaml_source *source, yaml_node_t *node, const char *what,
		      struct prefix *list, size_t *count)
{
	const char *text = yaml_scalar(source, node, what);

	if (!text)
		return -EINVAL;
	if (*count == FLOWSPEC_ACCEPTED_MAX)
		return yaml_error(source, node, "more than %d %s", FLOWSPEC_ACCEPTED_MAX, what);
	if (prefix_parse_whole(text, &list[*count], NULL))
		return yaml_error(source, node, "%s: '%s' is not a prefix or an address", what,
				  text);
	(*count)++;
	return 0;
}

static int parse_neighbor(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct flowspec_settings *settings = data;

	return add_prefix(source, node, "neighbors", settings->neighbor, &settings->neighbor_count);
}

static int parse_neighbors(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_sequence(source, node, "neighbors", parse_neighbor, data);
}

static int parse_within_one(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct flowspec_settings *settings = data;

	return add_prefix(source, node, "within", settings->within, &settings->within_count);
}

static int parse_within(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_sequence(source, node, "within", parse_within_one, data);
}

int flowspec_settings_load(struct flowspec_settings *settings, const char *file,
			   struct error *error)
{
	static const struct yaml_field fields[] = {
		{"socket", parse_socket},
		{"metrics", parse_metrics},
		{"origin", parse_origin},
		{"hold", parse_hold},
		{"max", parse_max},
		{"validation", parse_validation},
		{"ipv4", parse_ipv4},
		{"neighbors", parse_neighbors},
		{"within", parse_within},
		{"rules", parse_rules},
		{NULL, NULL},
	};
	struct yaml_source source = {};
	int err;

	*settings = (struct flowspec_settings){.socket = SET_SOCKET_DEFAULT,
					       .origin = "flowspec",
					       .rules = FLOWSPEC_RULES_DEFAULT,
					       .hold_ms = FLOWSPEC_HOLD_MS,
					       .max = FLOWSPEC_MAX};
	err = yaml_open(&source, file, error);
	if (err)
		return err;
	err = yaml_mapping(&source, yaml_document_get_root_node(&source.document), fields,
			   "the configuration", settings);
	if (!err && !settings->has_validation)
		err = error_set(error, -EINVAL,
				"%s: validation is missing; 'relaxed' takes rules about a source "
				"from the neighbours, 'rfc8955' refuses all of them",
				file);
	yaml_close(&source);
	return err;
}

static bool is_within(const struct prefix *prefix, const struct prefix *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].length <= prefix->length &&
		    !prefix_compare(&list[i],
				    &(struct prefix){
					    prefix_around(&prefix->address, list[i].length).address,
					    list[i].length}))
			return true;
	return !count;
}

/* Prefixes that slash64 reads as an IPv4 address: NAT64 (RFC 6052), Teredo, 6to4. */
static bool is_form_of_v4(const struct prefix *prefix)
{
	static const char *const forms[] = {"64:ff9b::/96", "64:ff9b:1::/48", "2001::/32",
					    "2002::/16"};
	struct prefix form;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (!prefix_parse_whole(forms[i], &form, NULL) && is_within(prefix, &form, 1))
			return true;
	return prefix_is_v4(prefix);
}

enum flow_refusal flowspec_judge(const struct flowspec_settings *settings, const char *peer,
				 const struct flow_rule *rule)
{
	struct prefix neighbor;

	if (settings->neighbor_count &&
	    (prefix_parse_whole(peer, &neighbor, NULL) ||
	     !is_within(&neighbor, settings->neighbor, settings->neighbor_count)))
		return FLOW_NEIGHBOR;
	/* (a): a destination prefix, which rules about a source alone lack */
	if (settings->is_validated)
		return FLOW_INVALID;
	if (!is_within(&rule->source, settings->within, settings->within_count))
		return FLOW_WITHIN;
	if (!settings->blocks_forms && is_form_of_v4(&rule->source))
		return FLOW_IPV4;
	return FLOW_EXECUTED;
}
