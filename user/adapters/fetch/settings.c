// SPDX-License-Identifier: GPL-2.0-only
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/time.h"

#define SECOND_MS 1000LL

static int parse_name(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_origin(source, node, "name", ((struct fetch_feed *)data)->name);
}

/* Whoever can change a list decides what is blocked: no list comes in the clear. */
static int parse_url(struct yaml_source *source, yaml_node_t *node, void *data)
{
	char *url = ((struct fetch_feed *)data)->url;
	int err = yaml_text(source, node, "url", url, FIELD_URL_MAX);

	if (!err && strncmp(url, "https://", 8))
		return yaml_error(source, node, "url: '%s' must begin with https://", url);
	return err;
}

static int parse_terms(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_url(source, node, "terms", ((struct fetch_feed *)data)->terms, FIELD_URL_MAX);
}

static int parse_header(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
	char *header = ((struct fetch_feed *)data)->header;
	int err = yaml_text(source, node, "header", header, FETCH_HEADER_MAX);

	if (!err && strspn(header, allowed) != strlen(header))
		return yaml_error(source, node, "header: '%s' is not the name of a header", header);
	return err;
}

static int parse_key_file(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_path(source, node, "key_file", ((struct fetch_feed *)data)->key_file);
}

static int parse_format(struct yaml_source *source, yaml_node_t *node, void *data)
{
	int choice, err = yaml_choice(source, node, "format", feed_format_names, &choice);

	if (!err)
		((struct fetch_feed *)data)->format = choice;
	return err;
}

static int parse_every(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_duration(source, node, "every", 15 * MINUTE_S * SECOND_MS,
			      31 * DAY_S * SECOND_MS, &((struct fetch_feed *)data)->every_ms);
}

static int parse_timeout(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_duration(source, node, "timeout", SECOND_MS, HOUR_S * SECOND_MS,
			      &((struct fetch_feed *)data)->timeout_ms);
}

static int parse_size(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_number(source, node, "size", 1, FETCH_SIZE_MAX,
			   &((struct fetch_feed *)data)->size);
}

static int check_feed(struct yaml_source *source, yaml_node_t *node,
		      const struct fetch_settings *settings, const struct fetch_feed *feed)
{
	if (!feed->name[0] || !feed->url[0])
		return yaml_error(source, node, "a feed needs a name and a url");
	if (!feed->header[0] != !feed->key_file[0])
		return yaml_error(source, node, "header and key_file belong together");
	for (const struct fetch_feed *other = settings->feed; other < feed; other++)
		if (!strcmp(other->name, feed->name))
			return yaml_error(source, node, "duplicate feed '%s'", feed->name);
	return 0;
}

static int parse_feed(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {
		{"name", parse_name},	      {"url", parse_url},
		{"terms", parse_terms},	      {"header", parse_header},
		{"key_file", parse_key_file}, {"format", parse_format},
		{"every", parse_every},	      {"timeout", parse_timeout},
		{"size", parse_size},	      {NULL, NULL},
	};
	struct fetch_settings *settings = data;
	struct fetch_feed *feed;
	int err;

	if (settings->feeds == FETCH_FEEDS_MAX)
		return yaml_error(source, node, "more than %d feeds", FETCH_FEEDS_MAX);
	feed = array_add(&settings->feed, &settings->feeds, sizeof(*feed));
	if (!feed)
		return error_set(source->error, -ENOMEM, "%s: out of memory", source->name);
	feed->every_ms = FETCH_EVERY_MS;
	feed->timeout_ms = FETCH_TIMEOUT_MS;
	feed->size = FETCH_SIZE;
	err = yaml_mapping(source, node, fields, "a feed", feed);
	return err ? err : check_feed(source, node, settings, feed);
}

static int parse_feeds(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_sequence(source, node, "feeds", parse_feed, data);
}

static int parse_directory(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_path(source, node, "directory", ((struct fetch_settings *)data)->directory);
}

static int parse_metrics_file(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_path(source, node, "metrics_file",
			  ((struct fetch_settings *)data)->metrics_file);
}

static int parse_ca(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_path(source, node, "ca", ((struct fetch_settings *)data)->ca);
}

int fetch_settings_load(struct fetch_settings *settings, const char *file, struct error *error)
{
	static const struct yaml_field fields[] = {
		{"feeds", parse_feeds},
		{"directory", parse_directory},
		{"metrics_file", parse_metrics_file},
		{"ca", parse_ca},
		{NULL, NULL},
	};
	struct yaml_source source;
	int err;

	*settings = (struct fetch_settings){};
	strcpy(settings->directory, FETCH_DIRECTORY_DEFAULT);
	err = yaml_open(&source, file, error);
	if (err)
		return err;
	err = yaml_mapping(&source, yaml_document_get_root_node(&source.document), fields,
			   "the configuration", settings);
	if (!err && !settings->feeds)
		err = error_set(error, -EINVAL, "%s: nothing is fetched; list 'feeds'", file);
	yaml_close(&source);
	if (err)
		fetch_settings_free(settings);
	return err;
}

void fetch_settings_free(struct fetch_settings *settings)
{
	free(settings->feed);
	settings->feed = NULL;
	settings->feeds = 0;
}
