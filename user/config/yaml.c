// SPDX-License-Identifier: GPL-2.0-only
#include "yaml.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text/near.h"
#include "base/text/quantity.h"

#define YAML_FIELDS_MAX 64

unsigned int yaml_line(const yaml_node_t *node)
{
	return node->start_mark.line + 1;
}

int yaml_error(struct yaml_source *source, const yaml_node_t *node, const char *format, ...)
{
	char text[ERROR_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return error_set(source->error, -EINVAL, "%s:%u: %s", source->name, yaml_line(node), text);
}

/* A second document behind "---" would be ignored silently. */
static int refuse_another(struct yaml_source *source, yaml_parser_t *parser)
{
	yaml_document_t other;
	yaml_node_t *root;
	unsigned int line;

	if (!yaml_parser_load(parser, &other))
		return error_set(source->error, -EINVAL, "%s:%zu: not YAML: %s", source->name,
				 parser->problem_mark.line + 1,
				 parser->problem ? parser->problem : "cannot be read");
	root = yaml_document_get_root_node(&other);
	line = root ? yaml_line(root) : 0;
	yaml_document_delete(&other);
	return line ? error_set(source->error, -EINVAL,
				"%s:%u: a second YAML document; a configuration is a single one",
				source->name, line) :
		      0;
}

static int load(struct yaml_source *source, yaml_parser_t *parser)
{
	int err;

	if (!yaml_parser_load(parser, &source->document)) {
		if (parser->error == YAML_MEMORY_ERROR)
			return error_set(source->error, -ENOMEM, "%s: out of memory", source->name);
		return error_set(source->error, -EINVAL, "%s:%zu: not YAML: %s%s%s", source->name,
				 parser->problem_mark.line + 1,
				 parser->problem ? parser->problem : "cannot be read",
				 parser->context ? ", " : "",
				 parser->context ? parser->context : "");
	}
	if (!yaml_document_get_root_node(&source->document)) {
		yaml_document_delete(&source->document);
		return error_set(source->error, -EINVAL,
				 "%s: empty; the shortest valid file is '%s'", source->name,
				 source->shortest ? source->shortest :
						    "interfaces: [{name: eth0}]");
	}
	err = refuse_another(source, parser);
	if (err)
		yaml_document_delete(&source->document);
	return err;
}

int yaml_open(struct yaml_source *source, const char *path, struct error *error)
{
	yaml_parser_t parser;
	struct stat status;
	FILE *file;
	int err;

	source->name = path;
	source->error = error;
	source->pace = NULL;
	file = fopen(path, "re");
	/* a directory can be opened */
	err = !file ? -errno : fstat(fileno(file), &status) ? -errno : 0;
	if (!err && S_ISDIR(status.st_mode))
		err = -EISDIR;
	if (err) {
		if (file)
			fclose(file);
		return error_set(error, err,
				 "cannot read %s: %s; give the path of the configuration", path,
				 strerror(-err));
	}
	if (!yaml_parser_initialize(&parser)) {
		fclose(file);
		return error_set(error, -ENOMEM, "%s: out of memory", path);
	}
	yaml_parser_set_input_file(&parser, file);
	err = load(source, &parser);
	yaml_parser_delete(&parser);
	fclose(file);
	return err;
}

/* A text, of which libyaml gets some 20 lines at a time. */
struct pieces {
	const char *text;
	size_t left;
	const struct pace *pace;
};

#define PIECE_BYTES 1024

static int read_piece(void *data, unsigned char *buffer, size_t bytes, size_t *read)
{
	struct pieces *pieces = data;

	*read = bytes < PIECE_BYTES ? bytes : PIECE_BYTES;
	if (*read > pieces->left)
		*read = pieces->left;
	memcpy(buffer, pieces->text, *read);
	pieces->text += *read;
	pieces->left -= *read;
	pace_breathe(pieces->pace);
	return 1;
}

int yaml_open_text(struct yaml_source *source, const char *name, const char *text, size_t bytes,
		   struct error *error)
{
	struct pieces pieces = {text, bytes, source->pace};
	yaml_parser_t parser;
	int err;

	source->name = name;
	source->error = error;
	if (!yaml_parser_initialize(&parser))
		return error_set(error, -ENOMEM, "%s: out of memory", name);
	yaml_parser_set_input(&parser, read_piece, &pieces);
	err = load(source, &parser);
	yaml_parser_delete(&parser);
	return err;
}

/* What yaml_document_delete() does with each node, of which there are five for an entry of a list. */
static void free_nodes(yaml_document_t *document, const struct pace *pace)
{
	while (document->nodes.top > document->nodes.start) {
		yaml_node_t *node = --document->nodes.top;

		free(node->tag);
		if (node->type == YAML_SCALAR_NODE)
			free(node->data.scalar.value);
		else if (node->type == YAML_SEQUENCE_NODE)
			free(node->data.sequence.items.start);
		else if (node->type == YAML_MAPPING_NODE)
			free(node->data.mapping.pairs.start);
		pace_breathe(pace);
	}
}

void yaml_close(struct yaml_source *source)
{
	free_nodes(&source->document, source->pace);
	yaml_document_delete(&source->document);
}

bool yaml_is_scalar(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE;
}

bool yaml_is_mapping(const yaml_node_t *node)
{
	return node->type == YAML_MAPPING_NODE;
}

const char *yaml_scalar(struct yaml_source *source, yaml_node_t *node, const char *what)
{
	const char *text = (const char *)node->data.scalar.value;

	if (node->type != YAML_SCALAR_NODE || strlen(text) != node->data.scalar.length) {
		yaml_error(source, node, "%s must be a single value", what);
		return NULL;
	}
	return text;
}

static void known_fields(const struct yaml_field *fields, char *text, size_t bytes)
{
	size_t n = 0;

	text[0] = '\0';
	for (; fields->name && n < bytes; fields++)
		n += snprintf(text + n, bytes - n, "%s%s", n ? ", " : "", fields->name);
}

/* The closest key, or all of them. */
static int unknown_key(struct yaml_source *source, yaml_node_t *key, const char *name,
		       const struct yaml_field *fields, const char *what)
{
	struct near near = {.typed = name};
	char known[256], meant[NEAR_TEXT_MAX];

	for (const struct yaml_field *field = fields; field->name; field++)
		near_try(&near, field->name);
	known_fields(fields, known, sizeof(known));
	return yaml_error(source, key, "unknown key '%s' in %s%s; known keys: %s", name, what,
			  near_text(&near, "", meant), known);
}

int yaml_mapping(struct yaml_source *source, yaml_node_t *node, const struct yaml_field *fields,
		 const char *what, void *data)
{
	bool seen[YAML_FIELDS_MAX] = {false};

	if (node->type != YAML_MAPPING_NODE)
		return yaml_error(source, node, "%s must be a mapping, 'key: value'", what);
	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++) {
		yaml_node_t *key = yaml_document_get_node(&source->document, pair->key);
		yaml_node_t *value = yaml_document_get_node(&source->document, pair->value);
		const char *name = yaml_scalar(source, key, "a key");
		unsigned int i;
		int err;

		if (!name)
			return -EINVAL;
		for (i = 0; fields[i].name && strcmp(fields[i].name, name); i++)
			;
		if (!fields[i].name)
			return unknown_key(source, key, name, fields, what);
		if (seen[i])
			return yaml_error(source, key, "duplicate key '%s' in %s", name, what);
		seen[i] = true;
		err = fields[i].parse(source, value, data);
		if (err)
			return err;
	}
	return 0;
}

int yaml_pairs(struct yaml_source *source, yaml_node_t *node, const char *what, yaml_pair_t parse,
	       void *data)
{
	if (node->type != YAML_MAPPING_NODE)
		return yaml_error(source, node, "%s must be a mapping, 'key: value'", what);
	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++) {
		int err = parse(source, yaml_document_get_node(&source->document, pair->key),
				yaml_document_get_node(&source->document, pair->value), data);

		if (err)
			return err;
	}
	return 0;
}

int yaml_sequence(struct yaml_source *source, yaml_node_t *node, const char *what,
		  yaml_parse_t parse, void *data)
{
	if (node->type != YAML_SEQUENCE_NODE)
		return yaml_error(source, node, "%s must be a list, '- item' or [item, item]",
				  what);
	for (yaml_node_item_t *item = node->data.sequence.items.start;
	     item < node->data.sequence.items.top; item++) {
		int err = parse(source, yaml_document_get_node(&source->document, *item), data);

		if (err)
			return err;
		pace_breathe(source->pace);
	}
	return 0;
}

int yaml_number(struct yaml_source *source, yaml_node_t *node, const char *what, uint32_t min,
		uint32_t max, uint32_t *out)
{
	const char *text = yaml_scalar(source, node, what);
	int64_t v;

	if (!text)
		return -EINVAL;
	if (count_parse(text, &v) || v < min || v > max)
		return yaml_error(source, node,
				  "%s is '%s'; it must be a whole number from %u to %u", what, text,
				  min, max);
	*out = v;
	return 0;
}

int yaml_rate(struct yaml_source *source, yaml_node_t *node, const char *what, uint32_t min,
	      uint32_t max, uint32_t *out)
{
	const char *text = yaml_scalar(source, node, what);
	char hint[QUANTITY_HINT_MAX];
	int64_t v;

	if (!text)
		return -EINVAL;
	if (rate_parse(text, &v, hint))
		return yaml_error(source, node, "%s is '%s': %s", what, text, hint);
	if (v < min || v > max)
		return yaml_error(source, node,
				  "%s is '%s'; it must be from %u to %u packets per second", what,
				  text, min, max);
	*out = v;
	return 0;
}

int yaml_choice(struct yaml_source *source, yaml_node_t *node, const char *what,
		const char *const *words, int *out)
{
	const char *text = yaml_scalar(source, node, what);
	char all[256] = "", meant[NEAR_TEXT_MAX];
	struct near near = {.typed = text};
	size_t n = 0;

	if (!text)
		return -EINVAL;
	for (int i = 0; words[i]; i++) {
		if (!strcmp(words[i], text)) {
			*out = i;
			return 0;
		}
		near_try(&near, words[i]);
		n += snprintf(all + n, sizeof(all) - n, "%s%s", n ? ", " : "", words[i]);
	}
	return yaml_error(source, node, "%s is '%s'%s; it must be one of %s", what, text,
			  near_text(&near, "", meant), all);
}

int yaml_text(struct yaml_source *source, yaml_node_t *node, const char *what, char *out,
	      size_t bytes)
{
	const char *text = yaml_scalar(source, node, what);

	if (!text)
		return -EINVAL;
	if (!text[0] || strlen(text) >= bytes)
		return yaml_error(source, node, "%s must have 1 to %zu characters", what,
				  bytes - 1);
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return yaml_error(source, node, "%s must have no control characters", what);
	strcpy(out, text);
	return 0;
}
