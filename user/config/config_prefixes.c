// SPDX-License-Identifier: GPL-2.0-only
/* The lists of prefixes in the configuration: allow, block, peers, own. */
#include <errno.h>

#include "config.h"
#include "config_internal.h"
#include "net/block_target.h"
#include "base/array.h"

struct prefix_context {
	struct config_prefix *entry;
	bool given;
};

int config_prefix_text(struct yaml_source *source, yaml_node_t *node, struct prefix *prefix,
		       enum prefix_note *note)
{
	const char *text = yaml_scalar(source, node, "a prefix");

	if (!text)
		return -EINVAL;
	if (prefix_parse_whole(text, prefix, note))
		return yaml_error(
			source, node,
			"'%s' is not a prefix; write it like 2001:db8:0:1::/64 or 198.51.100.7",
			text);
	return 0;
}

static int parse_prefix_value(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct prefix_context *context = data;

	context->given = true;
	return config_prefix_text(source, node, &context->entry->prefix, &context->entry->note);
}

static int parse_prefix_reason(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct prefix_context *context = data;

	return yaml_text(source, node, "reason", context->entry->reason,
			 sizeof(context->entry->reason));
}

static int parse_boolean(struct yaml_source *source, yaml_node_t *node, const char *what, bool *out)
{
	static const char *const words[] = {"false", "true", NULL};
	int choice, err = yaml_choice(source, node, what, words, &choice);

	if (!err)
		*out = choice == 1;
	return err;
}

static int parse_prefix_force(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return parse_boolean(source, node, "force", &((struct prefix_context *)data)->entry->force);
}

static const struct yaml_field prefix_fields[] = {{"prefix", parse_prefix_value},
						  {"reason", parse_prefix_reason},
						  {NULL, NULL}};

/* Guard rails hold for blocks alone: elsewhere there is nothing to force. */
static const struct yaml_field block_fields[] = {{"prefix", parse_prefix_value},
						 {"reason", parse_prefix_reason},
						 {"force", parse_prefix_force},
						 {NULL, NULL}};

static int parse_prefix_item(struct yaml_source *source, yaml_node_t *node,
			     const struct yaml_field *fields, struct config_prefixes *list)
{
	struct prefix_context context = {};
	int err;

	context.entry = array_add(&list->entry, &list->count, sizeof(*list->entry));
	if (!context.entry)
		return error_set(source->error, -ENOMEM, "%s: out of memory", source->name);
	context.entry->line = yaml_line(node);
	if (yaml_is_scalar(node))
		return parse_prefix_value(source, node, &context);
	err = yaml_mapping(source, node, fields, "a prefix", &context);
	if (!err && !context.given)
		return yaml_error(source, node, "an entry needs a prefix");
	return err;
}

static int parse_allow_item(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return parse_prefix_item(source, node, prefix_fields, &((struct config *)data)->allow);
}

static int parse_block_item(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return parse_prefix_item(source, node, block_fields, &((struct config *)data)->block);
}

static int parse_peer_item(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct config_prefixes *peers = &((struct config *)data)->peers;
	int err = parse_prefix_item(source, node, prefix_fields, peers);

	if (!err && peers->entry[peers->count - 1].prefix.length != 128)
		return yaml_error(source, node, "a peer must be an address");
	return err;
}

#define OWN_V4_LENGTH_MIN 8

/* Same minimum length as for allowed prefixes: nobody owns the whole world. */
static int parse_own_item(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct config_prefixes *own = &((struct config *)data)->own;
	int err = parse_prefix_item(source, node, prefix_fields, own);
	const struct prefix *prefix = err ? NULL : &own->entry[own->count - 1].prefix;
	bool v4 = prefix && prefix_is_v4(prefix);

	if (prefix &&
	    prefix->length < (v4 ? PREFIX_V4_LENGTH + OWN_V4_LENGTH_MIN : S64_PREFIX_LENGTH_MIN))
		return yaml_error(source, node, "an own network must be /%d or longer",
				  v4 ? OWN_V4_LENGTH_MIN : S64_PREFIX_LENGTH_MIN);
	return err;
}

int config_parse_allow(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_sequence(source, node, "allow", parse_allow_item, data);
}

int config_parse_block(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_sequence(source, node, "block", parse_block_item, data);
}

int config_parse_own(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_sequence(source, node, "own", parse_own_item, data);
}

int config_parse_peers(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_sequence(source, node, "peers", parse_peer_item, data);
}

int config_finish_prefixes(const struct config *config, struct config_prefixes *list,
			   const struct pace *pace, struct error *error)
{
	static const struct s64_seed any_seed = {0, {1, 1}};

	for (size_t i = 0; i < list->count; i++) {
		struct config_prefix *entry = &list->entry[i];
		char said[BLOCK_TARGET_NOTE_MAX];
		struct error why;
		struct block_target target;
		int err = block_target_of(&config->rules, &any_seed, &entry->prefix, entry->note,
					  &target, said, &why);

		if (err == -EINVAL)
			return error_set(error, -EINVAL, "%s:%u: %s", config->file, entry->line,
					 why.text);
		entry->prefix = target.prefix;
		pace_breathe(pace);
	}
	return 0;
}
