// SPDX-License-Identifier: GPL-2.0-only
/* block_defaults: the default duration of a block by hand, and the fields it requires. */
#include <errno.h>

#include "config_internal.h"
#include "base/text/duration.h"

static int parse_for(struct yaml_source *source, yaml_node_t *node, void *data)
{
	const char *text = yaml_scalar(source, node, "for");

	if (!text)
		return -EINVAL;
	if (duration_parse(text, &((struct config *)data)->block_for_ms))
		return yaml_error(source, node, "for: '%s' is not a duration: %s", text,
				  duration_hint(text));
	return 0;
}

static int parse_required(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const char *const words[] = {"ticket", "reason", NULL};
	struct config *config = data;
	int choice, err = yaml_choice(source, node, "require", words, &choice);

	if (!err && choice == 0)
		config->block_needs_ticket = true;
	else if (!err)
		config->block_needs_reason = true;
	return err;
}

/* A word, or a list of words. */
static int parse_require(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_is_scalar(node) ? parse_required(source, node, data) :
				      yaml_sequence(source, node, "require", parse_required, data);
}

int config_parse_block_defaults(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {{"for", parse_for},
						   {"require", parse_require},
						   {NULL, NULL}};

	return yaml_mapping(source, node, fields, "block_defaults", data);
}
