/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files that parse the configuration share. */
#ifndef SLASH64_USER_CONFIG_FIELDS_H
#define SLASH64_USER_CONFIG_FIELDS_H

#include "config.h"
#include "yaml.h"

/* A zeroed entry more at the end of an array, whose address `array` is. NULL when out of memory. */
void *config_grow(void *array, size_t *count, size_t bytes);

int config_prefix_text(struct yaml_source *source, yaml_node_t *node, struct prefix *prefix,
		       enum prefix_note *note);

/* The values of `sites`, `feeds` and `block_defaults`; `data` is the struct config. */
int config_parse_sites(struct yaml_source *source, yaml_node_t *node, void *data);
int config_parse_feeds(struct yaml_source *source, yaml_node_t *node, void *data);
int config_parse_block_defaults(struct yaml_source *source, yaml_node_t *node, void *data);

/* The lists of prefixes. */
int config_parse_allow(struct yaml_source *source, yaml_node_t *node, void *data);
int config_parse_block(struct yaml_source *source, yaml_node_t *node, void *data);
int config_parse_own(struct yaml_source *source, yaml_node_t *node, void *data);
int config_parse_peers(struct yaml_source *source, yaml_node_t *node, void *data);
/* What stands in them is put into the form it is stored in, and refused where nobody can mean it. What may be meant, and is
 * more than it seems, is for config_refusals().
 */
int config_settle_prefixes(const struct config *config, struct config_prefixes *list,
			   struct error *error);

#endif
