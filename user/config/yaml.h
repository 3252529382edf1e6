/* SPDX-License-Identifier: GPL-2.0-only */
/* YAML by table: a mapping is an array of fields, each with the function that takes its value. Whatever
 * is wrong is said with the file's name and the line. (libyaml reads; libcyaml would check a schema too,
 * but keeps no lines, and a policy's contradictions are worth a line number.)
 */
#ifndef SLASH64_USER_YAML_SOURCE_H
#define SLASH64_USER_YAML_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <yaml.h>

#include "base/error.h"

struct yaml_source {
	const char *name; /* of the file, for messages */
	yaml_document_t document;
	struct error *error;
};

typedef int (*yaml_parse_t)(struct yaml_source *source, yaml_node_t *node, void *data);

struct yaml_field {
	const char *name;
	yaml_parse_t parse;
};

/* Read a file into *source, which must then be closed. -errno, with *error filled in. */
int yaml_open(struct yaml_source *source, const char *path, struct error *error);
/* The same from memory; name is for messages. */
int yaml_open_text(struct yaml_source *source, const char *name, const char *text, size_t bytes,
		   struct error *error);
void yaml_close(struct yaml_source *source);

unsigned int yaml_line(const yaml_node_t *node);

/* "FILE:LINE: ..." into the source's error; returns -EINVAL. */
int yaml_error(struct yaml_source *source, const yaml_node_t *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A mapping with these fields and no others, none twice. `what` names it in messages. */
int yaml_mapping(struct yaml_source *source, yaml_node_t *node, const struct yaml_field *fields,
		 const char *what, void *data);

/* Every key of a mapping, whatever its name. */
typedef int (*yaml_pair_t)(struct yaml_source *source, yaml_node_t *key, yaml_node_t *value,
			   void *data);
int yaml_pairs(struct yaml_source *source, yaml_node_t *node, const char *what, yaml_pair_t parse,
	       void *data);

/* Every item of a sequence. */
int yaml_sequence(struct yaml_source *source, yaml_node_t *node, const char *what,
		  yaml_parse_t parse, void *data);

bool yaml_is_scalar(const yaml_node_t *node);
bool yaml_is_mapping(const yaml_node_t *node);

/* A scalar's text, owned by the document; NULL, with the error set, where the node is none. */
const char *yaml_scalar(struct yaml_source *source, yaml_node_t *node, const char *what);

/* A whole number from min to max, written 5000, 5k, 1M or 5,000; and a rate, which may be written 100/s or 6000/min too. */
int yaml_number(struct yaml_source *source, yaml_node_t *node, const char *what, uint32_t min,
		uint32_t max, uint32_t *out);

int yaml_rate(struct yaml_source *source, yaml_node_t *node, const char *what, uint32_t min,
	      uint32_t max, uint32_t *out);

/* One of a NULL-terminated list of words -> its index. */
int yaml_choice(struct yaml_source *source, yaml_node_t *node, const char *what,
		const char *const *words, int *out);

/* A text of at most `bytes` - 1 bytes into out. */
int yaml_text(struct yaml_source *source, yaml_node_t *node, const char *what, char *out,
	      size_t bytes);

#endif
