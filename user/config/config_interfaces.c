// SPDX-License-Identifier: GPL-2.0-only
/* The interfaces of the configuration, each with changes to the policy of all. */
#include "config_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "policy_parse.h"

const char *const config_mode_names[] = {"auto", "native", "generic", NULL};

struct iface_context {
	struct config *config;
	struct config_iface *iface;
	yaml_node_t *policy; /* parsed after the policy of all interfaces */
};

static int parse_iface_name(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct config_iface *iface = ((struct iface_context *)data)->iface;
	int err = yaml_text(source, node, "name", iface->name, sizeof(iface->name));

	if (!err && (strchr(iface->name, '/') || strpbrk(iface->name, " \t\n")))
		return yaml_error(source, node, "'%s' is not the name of an interface",
				  iface->name);
	return err;
}

static int parse_iface_mode(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct config_iface *iface = ((struct iface_context *)data)->iface;
	int choice, err;

	err = yaml_choice(source, node, "mode", config_mode_names, &choice);
	if (!err)
		iface->mode = choice;
	return err;
}

static int parse_iface_filter(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct config_iface *iface = ((struct iface_context *)data)->iface;
	int choice, err;

	err = yaml_choice(source, node, "filter", policy_filter_names, &choice);
	if (!err) {
		iface->filter = choice;
		iface->filter_given = true;
	}
	return err;
}

static int parse_iface_ipv4(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const char *const words[] = {"pass", "enforce", NULL};
	int choice, err;

	err = yaml_choice(source, node, "ipv4", words, &choice);
	if (!err)
		((struct iface_context *)data)->iface->ipv4_enforce = choice == 1;
	return err;
}

static int parse_iface_policy(struct yaml_source *source, yaml_node_t *node, void *data)
{
	(void)source;
	((struct iface_context *)data)->policy = node;
	return 0;
}

static int parse_iface(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {
		{"name", parse_iface_name},	{"mode", parse_iface_mode},
		{"filter", parse_iface_filter}, {"ipv4", parse_iface_ipv4},
		{"policy", parse_iface_policy}, {NULL, NULL},
	};
	struct config *config = data;
	struct iface_context context = {.config = config};
	int err;

	if (config->iface_count >= CONFIG_IFACES_MAX)
		return yaml_error(source, node, "more than %d interfaces", CONFIG_IFACES_MAX);
	context.iface = array_add(&config->iface, &config->iface_count, sizeof(*config->iface));
	if (!context.iface)
		return error_set(source->error, -ENOMEM, "%s: out of memory", source->name);
	context.iface->line = yaml_line(node);
	err = yaml_mapping(source, node, fields, "an interface", &context);
	if (err)
		return err;
	if (!context.iface->name[0])
		return yaml_error(source, node, "an interface needs a name");
	for (size_t i = 0; i + 1 < config->iface_count; i++)
		if (!strcmp(config->iface[i].name, context.iface->name))
			return yaml_error(source, node, "duplicate interface '%s'",
					  context.iface->name);
	if (context.policy) {
		context.iface->policy = malloc(sizeof(struct policy));
		if (!context.iface->policy)
			return error_set(source->error, -ENOMEM, "%s: out of memory", source->name);
		*context.iface->policy = config->policy;
		err = policy_parse(source, context.policy, context.iface->policy);
		if (!err)
			err = policy_finish(context.iface->policy, source->name, source->error);
	}
	return err;
}

int config_parse_interfaces(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_sequence(source, node, "interfaces", parse_iface, data);
}
