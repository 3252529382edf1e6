/* SPDX-License-Identifier: GPL-2.0-only */
/* YAML by table: a mapping is an array of fields, each with a function that parses its value.
 * Errors carry the file's name and the line. (libyaml is the parser; libcyaml would check a schema
 * too, but keeps no line numbers, which a contradiction in a policy needs.)
 */
#ifndef SLASH64_CONFIG_YAML_H
#define SLASH64_CONFIG_YAML_H

#include <stdbool.h>
#include <stdint.h>
#include <yaml.h>

#include "base/error.h"
#include "base/pace.h"

struct yaml_source {
	const char *name;     /* of the file, for messages */
	const char *shortest; /* valid file, for one that is empty; NULL: that of slash64d */
	yaml_document_t document;
	struct error *error;
	const struct pace *pace; /* between two pieces of the text, and two items of a list; NULL */
};

typedef int (*yaml_parse_t)(struct yaml_source *source, yaml_node_t *node, void *data);

struct yaml_field {
	const char *name;
	yaml_parse_t parse;
};

/* Reads a file into *source, which must be closed afterwards. -errno, with *error set. */
int yaml_open(struct yaml_source *source, const char *path, struct error *error);
/* The same from memory, in pieces if source->pace is set; name is for messages. */
int yaml_open_text(struct yaml_source *source, const char *name, const char *text, size_t bytes,
		   struct error *error);
void yaml_close(struct yaml_source *source);

unsigned int yaml_line(const yaml_node_t *node);

/* Sets the source's error to "FILE:LINE: ..."; returns -EINVAL. */
int yaml_error(struct yaml_source *source, const yaml_node_t *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Parses a mapping with these fields and no others, none twice. `what` is its name in messages. */
int yaml_mapping(struct yaml_source *source, yaml_node_t *node, const struct yaml_field *fields,
		 const char *what, void *data);

/* Calls the function for every key of a mapping, whatever its name. */
typedef int (*yaml_pair_t)(struct yaml_source *source, yaml_node_t *key, yaml_node_t *value,
			   void *data);
int yaml_pairs(struct yaml_source *source, yaml_node_t *node, const char *what, yaml_pair_t parse,
	       void *data);

/* Calls the function for every item of a sequence. */
int yaml_sequence(struct yaml_source *source, yaml_node_t *node, const char *what,
		  yaml_parse_t parse, void *data);

bool yaml_is_scalar(const yaml_node_t *node);
bool yaml_is_mapping(const yaml_node_t *node);

/* A scalar's text, owned by the document; NULL, with the error set, if the node is no scalar. */
const char *yaml_scalar(struct yaml_source *source, yaml_node_t *node, const char *what);

/* A whole number from min to max, written 5000, 5k, 1M or 5,000; a rate may also be written 100/s
 * or 6000/min.
 */
int yaml_number(struct yaml_source *source, yaml_node_t *node, const char *what, uint32_t min,
		uint32_t max, uint32_t *out);

int yaml_rate(struct yaml_source *source, yaml_node_t *node, const char *what, uint32_t min,
	      uint32_t max, uint32_t *out);

/* The index of one of a NULL-terminated list of words. */
int yaml_choice(struct yaml_source *source, yaml_node_t *node, const char *what,
		const char *const *words, int *out);

/* Copies a text of at most `bytes` - 1 bytes into out. */
int yaml_text(struct yaml_source *source, yaml_node_t *node, const char *what, char *out,
	      size_t bytes);

#endif
