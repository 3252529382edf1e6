/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files that parse the configuration. */
#ifndef SLASH64_CONFIG_CONFIG_INTERNAL_H
#define SLASH64_CONFIG_CONFIG_INTERNAL_H

#include "config.h"
#include "yaml.h"

int config_prefix_text(struct yaml_source *source, yaml_node_t *node, struct prefix *prefix,
		       enum prefix_note *note);

/* An absolute path: slash64d would look for another one below its own working directory, and slash64
 * below that of its caller.
 */
int config_path(struct yaml_source *source, yaml_node_t *node, const char *key, char *buf,
		size_t size, const char *example);

/* The values of these keys; `data` is the struct config. */
int config_parse_interfaces(struct yaml_source *source, yaml_node_t *node, void *data);
int config_parse_sources(struct yaml_source *source, yaml_node_t *node, void *data);
int config_parse_feeds(struct yaml_source *source, yaml_node_t *node, void *data);
int config_parse_block_defaults(struct yaml_source *source, yaml_node_t *node, void *data);
int config_parse_report(struct yaml_source *source, yaml_node_t *node, void *data);
int config_parse_registry(struct yaml_source *source, yaml_node_t *node, void *data);

int config_parse_announce(struct yaml_source *source, yaml_node_t *node, void *data);
int config_parse_detect(struct yaml_source *source, yaml_node_t *node, void *data);

/* The lists of prefixes. */
int config_parse_allow(struct yaml_source *source, yaml_node_t *node, void *data);
int config_parse_block(struct yaml_source *source, yaml_node_t *node, void *data);
int config_parse_own(struct yaml_source *source, yaml_node_t *node, void *data);
int config_parse_peers(struct yaml_source *source, yaml_node_t *node, void *data);
/* Converts entries to their stored form, and refuses those that nobody can mean. Entries that may
 * be meant but are more than they seem are left to config_refusals().
 */
int config_finish_prefixes(const struct config *config, struct config_prefixes *list,
			   const struct pace *pace, struct error *error);

#endif
