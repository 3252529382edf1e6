/* SPDX-License-Identifier: GPL-2.0-only */
/* Values that the configurations of several programs have. Each is -EINVAL with the error of the
 * source set, if it is not valid.
 */
#ifndef SLASH64_SERVICE_FIELDS_H
#define SLASH64_SERVICE_FIELDS_H

#include "config/yaml.h"
#include "net/limits.h"

#define FIELD_PATH_MAX	 4096
#define FIELD_LISTEN_MAX 512
#define FIELD_URL_MAX	 2048

/* An absolute path. */
int field_path(struct yaml_source *source, yaml_node_t *node, const char *key,
	       char path[FIELD_PATH_MAX]);
/* ADDRESS:PORT, or "off", which becomes "". */
int field_listen(struct yaml_source *source, yaml_node_t *node, const char *key,
		 char listen[FIELD_LISTEN_MAX]);
/* Of http or https. */
int field_url(struct yaml_source *source, yaml_node_t *node, const char *key, char *url,
	      size_t bytes);
/* As libcurl reads it, of whatever scheme. */
bool field_is_url(const char *text);
/* "10s", from min_ms to max_ms. */
int field_duration(struct yaml_source *source, yaml_node_t *node, const char *key, int64_t min_ms,
		   int64_t max_ms, int64_t *ms);
/* One of what came by BGP (net/limits.h). */
int field_origin_of_bgp(struct yaml_source *source, yaml_node_t *node, const char *key,
			char origin[ORIGIN_TEXT_MAX]);
int field_origin(struct yaml_source *source, yaml_node_t *node, const char *key,
		 char origin[ORIGIN_TEXT_MAX]);

#endif
