/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files that parse the configuration. */
#ifndef SLASH64_CONFIG_CONFIG_INTERNAL_H
#define SLASH64_CONFIG_CONFIG_INTERNAL_H

#include "config.h"
#include "yaml.h"

int config_prefix_text(struct yaml_source *source, yaml_node_t *node, struct prefix *prefix,
		       enum prefix_note *note);

/* The values of `interfaces`, `sources`, `feeds` and `block_defaults`; `data` is the struct config. */
int config_parse_interfaces(struct yaml_source *source, yaml_node_t *node, void *data);
int config_parse_sources(struct yaml_source *source, yaml_node_t *node, void *data);
int config_parse_feeds(struct yaml_source *source, yaml_node_t *node, void *data);
int config_parse_block_defaults(struct yaml_source *source, yaml_node_t *node, void *data);

/* The lists of prefixes. */
int config_parse_allow(struct yaml_source *source, yaml_node_t *node, void *data);
int config_parse_block(struct yaml_source *source, yaml_node_t *node, void *data);
int config_parse_own(struct yaml_source *source, yaml_node_t *node, void *data);
int config_parse_peers(struct yaml_source *source, yaml_node_t *node, void *data);
/* Converts entries to their stored form, and refuses those that nobody can mean. Entries that may
 * be meant but are more than they seem are left to config_refusals().
 */
int config_finish_prefixes(const struct config *config, struct config_prefixes *list,
			   struct error *error);

#endif
