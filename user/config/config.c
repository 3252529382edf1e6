// SPDX-License-Identifier: GPL-2.0-only
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_internal.h"
#include "maps/maps.h"
#include "base/text/duration.h"
#include "base/array.h"
#include "net/listen_address.h"
#include "net/block_target.h"
#include "policy_parse.h"

#define READ_BYTES 16384
#define LISTEN_MAX sizeof(((struct config *)NULL)->metrics)

void config_init(struct config *config)
{
	memset(config, 0, sizeof(*config));
	strcpy(config->socket, CONFIG_SOCKET_DEFAULT);
	strcpy(config->socket_group, "slash64");
	strcpy(config->read_group, "slash64-read");
	config->log_keep_ms = CONFIG_LOG_KEEP_DEFAULT_MS;
	config->log_changes = CONFIG_LOG_CHANGES_DEFAULT;
	strcpy(config->metrics, CONFIG_METRICS_DEFAULT);
	strcpy(config->page, CONFIG_PAGE_DEFAULT);
	strcpy(config->state, CONFIG_STATE_DEFAULT);
	strcpy(config->pins, CONFIG_PINS_DEFAULT);
	config->blocks = CONFIG_BLOCKS_DEFAULT;
	config->prefixes = CONFIG_PREFIXES_DEFAULT;
	config->limiter = CONFIG_LIMITER_DEFAULT;
	config->iface_slots = CONFIG_IFACES_DEFAULT;
	policy_init(&config->policy, PROFILE_EDGE);
	source_rules_init(&config->rules);
	detect_rules_init(&config->detect);
	config_announce_init(&config->announce);
}

void config_free(struct config *config)
{
	for (size_t i = 0; i < config->iface_count; i++)
		free(config->iface[i].policy);
	free(config->iface);
	free(config->allow.entry);
	free(config->block.entry);
	free(config->peers.entry);
	free(config->own.entry);
	free(config->sources.entry);
	free(config->feed);
	free(config->registry);
	free(config->text);
	config->text = NULL;
	config->iface = NULL;
	config->iface_count = 0;
	config->allow = config->block = config->peers = config->own = config->sources =
		(struct config_prefixes){};
	config->feed = NULL;
	config->feed_count = 0;
	config->registry = NULL;
	config->registry_count = 0;
}

/* --- control, metrics, state --- */

#define TEXT_FIELD(function, key, member)                                                    \
	static int function(struct yaml_source *source, yaml_node_t *node, void *data)       \
	{                                                                                    \
		struct config *config = data;                                                \
                                                                                             \
		return yaml_text(source, node, key, config->member, sizeof(config->member)); \
	}

int config_path(struct yaml_source *source, yaml_node_t *node, const char *key, char *buf,
		size_t size, const char *example)
{
	int err = yaml_text(source, node, key, buf, size);

	if (!err && buf[0] != '/')
		return yaml_error(source, node, "%s: '%s' must be an absolute path, like %s", key,
				  buf, example);
	return err;
}

#define PATH_FIELD(function, key, member, example)                                            \
	static int function(struct yaml_source *source, yaml_node_t *node, void *data)        \
	{                                                                                     \
		struct config *config = data;                                                 \
                                                                                              \
		return config_path(source, node, key, config->member, sizeof(config->member), \
				   example);                                                  \
	}

#define NUMBER_FIELD(function, key, member, min, max)                                              \
	static int function(struct yaml_source *source, yaml_node_t *node, void *data)             \
	{                                                                                          \
		return yaml_number(source, node, key, min, max, &((struct config *)data)->member); \
	}

PATH_FIELD(parse_socket, "socket", socket, CONFIG_SOCKET_DEFAULT)
TEXT_FIELD(parse_group, "group", socket_group)
TEXT_FIELD(parse_read_group, "read_group", read_group)
PATH_FIELD(parse_state, "state", state, CONFIG_STATE_DEFAULT)
PATH_FIELD(parse_pins, "pins", pins, CONFIG_PINS_DEFAULT)
NUMBER_FIELD(parse_blocks, "blocks", blocks, CONFIG_BLOCKS_MIN, CONFIG_BLOCKS_MAX)
NUMBER_FIELD(parse_prefixes, "prefixes", prefixes, CONFIG_BLOCKS_MIN, CONFIG_BLOCKS_MAX)
NUMBER_FIELD(parse_limiter, "limiter", limiter, CONFIG_BLOCKS_MIN, CONFIG_BLOCKS_MAX)
NUMBER_FIELD(parse_log_changes, "changes", log_changes, CONFIG_LOG_CHANGES_MIN, CONFIG_BLOCKS_MAX)
NUMBER_FIELD(parse_iface_slots, "interfaces", iface_slots, 1, CONFIG_IFACES_MAX)

static int parse_read_socket(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct config *config = data;
	const char *text = yaml_scalar(source, node, "read_socket");

	if (text && !strcmp(text, "off"))
		return yaml_text(source, node, "read_socket", config->read_socket,
				 sizeof(config->read_socket));
	return config_path(source, node, "read_socket", config->read_socket,
			   sizeof(config->read_socket), "/run/slash64/read.sock, or off");
}

/* `what` serves there; `standard` is a place for it. */
static int parse_place(struct yaml_source *source, yaml_node_t *node, const char *what,
		       const char *standard, char *listen, size_t size)
{
	char address[LISTEN_MAX];
	uint16_t port;
	int err = yaml_text(source, node, "listen", listen, size);

	if (!err && strcmp(listen, "off") &&
	    listen_address_parse(listen, address, sizeof(address), &port))
		return yaml_error(source, node,
				  "%s: '%s' is not ADDRESS:PORT; write it like %s, or off", what,
				  listen, standard);
	return err;
}

static int parse_metrics_listen(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct config *config = data;

	return parse_place(source, node, "metrics", CONFIG_METRICS_DEFAULT, config->metrics,
			   sizeof(config->metrics));
}

static int parse_page_listen(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct config *config = data;

	return parse_place(source, node, "page", CONFIG_PAGE_DEFAULT, config->page,
			   sizeof(config->page));
}

/* Each of these may be given as just its main value: control: /path */
static int parse_control(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {
		{"socket", parse_socket},
		{"group", parse_group},
		{"read_socket", parse_read_socket},
		{"read_group", parse_read_group},
		{NULL, NULL},
	};

	if (yaml_is_scalar(node))
		return parse_socket(source, node, data);
	return yaml_mapping(source, node, fields, "control", data);
}

static int parse_metrics(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {{"listen", parse_metrics_listen}, {NULL, NULL}};

	if (yaml_is_scalar(node))
		return parse_metrics_listen(source, node, data);
	return yaml_mapping(source, node, fields, "metrics", data);
}

static int parse_page(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {{"listen", parse_page_listen}, {NULL, NULL}};

	if (yaml_is_scalar(node))
		return parse_page_listen(source, node, data);
	return yaml_mapping(source, node, fields, "page", data);
}

static int parse_maps(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {
		{"pins", parse_pins},
		{"blocks", parse_blocks},
		{"prefixes", parse_prefixes},
		{"limiter", parse_limiter},
		{"interfaces", parse_iface_slots},
		{NULL, NULL},
	};

	return yaml_mapping(source, node, fields, "maps", data);
}

static int parse_log_keep(struct yaml_source *source, yaml_node_t *node, void *data)
{
	const char *text = yaml_scalar(source, node, "keep");

	if (!text)
		return -EINVAL;
	if (duration_parse(text, &((struct config *)data)->log_keep_ms))
		return yaml_error(source, node, "keep: '%s' is not a duration: %s", text,
				  duration_hint(text));
	return 0;
}

static int parse_log(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {{"keep", parse_log_keep},
						   {"changes", parse_log_changes},
						   {NULL, NULL}};

	if (yaml_is_scalar(node))
		return parse_log_keep(source, node, data);
	return yaml_mapping(source, node, fields, "log", data);
}

static int parse_on_exit(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const char *const words[] = {"keep", "detach", NULL};
	int choice, err;

	err = yaml_choice(source, node, "on_exit", words, &choice);
	if (!err)
		((struct config *)data)->detach_on_exit = choice == 1;
	return err;
}

/* --- the whole file --- */

static int parse_policy(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return policy_parse(source, node, &((struct config *)data)->policy);
}

static int parse_limits(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return policy_parse_limits(source, node, &((struct config *)data)->policy);
}

static int skip(struct yaml_source *source, yaml_node_t *node, void *data)
{
	(void)source;
	(void)node;
	(void)data;
	return 0;
}

/* The result must not depend on the order of the keys: the policy with its profile comes first, then
 * the changes to it, then the interfaces, which start from it.
 */
enum pass { PASS_FIRST, PASS_LIMITS, PASS_INTERFACES, PASS_COUNT };

static const struct config_key {
	struct yaml_field field;
	enum pass pass;
} config_keys[] = {
	{{"interfaces", config_parse_interfaces}, PASS_INTERFACES},
	{{"control", parse_control}, PASS_FIRST},
	{{"metrics", parse_metrics}, PASS_FIRST},
	{{"page", parse_page}, PASS_FIRST},
	{{"state", parse_state}, PASS_FIRST},
	{{"maps", parse_maps}, PASS_FIRST},
	{{"on_exit", parse_on_exit}, PASS_FIRST},
	{{"policy", parse_policy}, PASS_FIRST},
	{{"limits", parse_limits}, PASS_LIMITS},
	{{"allow", config_parse_allow}, PASS_FIRST},
	{{"block", config_parse_block}, PASS_FIRST},
	{{"peers", config_parse_peers}, PASS_FIRST},
	{{"own", config_parse_own}, PASS_FIRST},
	{{"sources", config_parse_sources}, PASS_FIRST},
	{{"feeds", config_parse_feeds}, PASS_FIRST},
	{{"log", parse_log}, PASS_FIRST},
	{{"block_defaults", config_parse_block_defaults}, PASS_FIRST},
	{{"report", config_parse_report}, PASS_FIRST},
	{{"registry", config_parse_registry}, PASS_FIRST},
	{{"detect", config_parse_detect}, PASS_FIRST},
	{{"announce", config_parse_announce}, PASS_FIRST},
};

#define CONFIG_KEYS (sizeof(config_keys) / sizeof(config_keys[0]))

static int parse_all(struct config *config, struct yaml_source *source)
{
	yaml_node_t *root = yaml_document_get_root_node(&source->document);
	struct yaml_field fields[CONFIG_KEYS + 1] = {};

	for (enum pass pass = 0; pass < PASS_COUNT; pass++) {
		int err;

		for (size_t i = 0; i < CONFIG_KEYS; i++) {
			fields[i] = config_keys[i].field;
			if (config_keys[i].pass != pass)
				fields[i].parse = skip;
		}
		err = yaml_mapping(source, root, fields, "the configuration", config);
		/* the base of the interfaces' own policies */
		if (!err && pass == PASS_LIMITS)
			err = policy_finish(&config->policy, source->name, source->error);
		if (err)
			return err;
	}
	return 0;
}

static void finish_read_socket(struct config *config)
{
	const char *slash = strrchr(config->socket, '/');
	int directory = slash ? slash - config->socket + 1 : 0;

	if (!config->read_socket[0] &&
	    directory + sizeof(CONFIG_READ_SOCKET_NAME) <= sizeof(config->read_socket))
		sprintf(config->read_socket, "%.*s" CONFIG_READ_SOCKET_NAME, directory,
			config->socket);
}

static int load(struct config *config, struct yaml_source *source)
{
	int err;

	config_init(config);
	strncpy(config->file, source->name, sizeof(config->file) - 1);
	err = parse_all(config, source);
	if (!err && config->iface_count > config->iface_slots)
		err = error_set(source->error, -EINVAL,
				"%s:%u: %zu interfaces, but maps.interfaces allows %u",
				source->name, config->iface[config->iface_slots].line,
				config->iface_count, config->iface_slots);
	finish_read_socket(config);
	if (!err && !strcmp(config->socket, config->read_socket))
		err = error_set(source->error, -EINVAL,
				"%s: control.read_socket is the same as "
				"control.socket; use another path, or off",
				source->name);
	if (!err)
		err = config_finish_prefixes(config, &config->allow, source->pace, source->error);
	if (!err)
		err = config_finish_prefixes(config, &config->block, source->pace, source->error);
	yaml_close(source);
	if (err)
		config_free(config);
	return err;
}

/* Also reads files without a known length, such as a pipe. */
static int read_file(const char *path, char **out, size_t *bytes, struct error *error)
{
	FILE *file = fopen(path, "re");
	size_t room = 0, n = 0;
	char *text = NULL;
	int err = 0;

	if (!file)
		return error_set(error, -errno,
				 "cannot read %s: %s; give the path of the configuration", path,
				 strerror(errno));
	do {
		err = array_reserve(&text, &room, n + READ_BYTES, 1);
		if (err) {
			error_set(error, err, "%s: out of memory", path);
			break;
		}
		n += fread(text + n, 1, room - n - 1, file);
	} while (!feof(file) && !ferror(file));
	if (!err && ferror(file))
		err = error_set(error, -EIO, "cannot read %s: %s", path, strerror(errno));
	fclose(file);
	if (err) {
		free(text);
		return err;
	}
	*out = text;
	*bytes = n;
	return 0;
}

int config_load(struct config *config, const char *path, struct error *error)
{
	return config_load_paced(config, path, NULL, error);
}

int config_load_paced(struct config *config, const char *path, const struct pace *pace,
		      struct error *error)
{
	char *text = NULL;
	size_t bytes = 0;
	int err = read_file(path, &text, &bytes, error);

	if (err)
		return err;
	err = config_load_text_paced(config, path, text, bytes, pace, error);
	free(text);
	return err;
}

int config_load_text(struct config *config, const char *name, const char *text, size_t bytes,
		     struct error *error)
{
	return config_load_text_paced(config, name, text, bytes, NULL, error);
}

int config_load_text_paced(struct config *config, const char *name, const char *text, size_t bytes,
			   const struct pace *pace, struct error *error)
{
	struct yaml_source source = {.pace = pace};
	char *copy;
	int err = yaml_open_text(&source, name, text, bytes, error);

	if (!err)
		err = load(config, &source);
	if (err)
		return err;
	copy = malloc(bytes + 1);
	if (!copy) {
		config_free(config);
		return error_set(error, -ENOMEM, "%s: out of memory", name);
	}
	memcpy(copy, text, bytes);
	config->text = copy;
	config->text_bytes = bytes;
	return 0;
}

void config_iface_policy(const struct config *config, const struct config_iface *iface,
			 struct policy *policy)
{
	*policy = iface && iface->policy ? *iface->policy : config->policy;
	if (iface && iface->filter_given)
		policy->filter = iface->filter;
}

struct maps_size config_tables_size(const struct config *config)
{
	return (struct maps_size){.blocks = config->blocks,
				  .prefixes = config->prefixes,
				  .limiter = config->limiter,
				  .ifaces = config->iface_slots};
}
