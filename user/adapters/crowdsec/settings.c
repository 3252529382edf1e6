// SPDX-License-Identifier: GPL-2.0-only
#include "settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "adapters/set/set.h"
#include "base/time.h"

#define SECOND_MS 1000LL

/* --- the LAPI --- */

static int parse_url(struct yaml_source *source, yaml_node_t *node, void *data)
{
	char *url = ((struct crowdsec_settings *)data)->url;
	int err = field_url(source, node, "url", url, FIELD_URL_MAX);

	for (size_t n = err ? 0 : strlen(url); n && url[n - 1] == '/'; n--)
		url[n - 1] = '\0';
	return err;
}

static int parse_key(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_text(source, node, "key", ((struct crowdsec_settings *)data)->key,
			 CROWDSEC_KEY_MAX);
}

static int parse_key_file(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_path(source, node, "key_file", ((struct crowdsec_settings *)data)->key_file);
}

static int parse_cert(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_path(source, node, "cert", ((struct crowdsec_settings *)data)->cert);
}

static int parse_ca(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_path(source, node, "ca", ((struct crowdsec_settings *)data)->ca);
}

static int parse_lapi(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {
		{"url", parse_url},   {"key", parse_key}, {"key_file", parse_key_file},
		{"cert", parse_cert}, {"ca", parse_ca},	  {NULL, NULL},
	};
	const struct crowdsec_settings *settings = data;
	int err = yaml_mapping(source, node, fields, "lapi", data);

	if (!err && !settings->url[0])
		return yaml_error(source, node, "lapi needs a url, like http://127.0.0.1:8080");
	if (!err && !!settings->key[0] + !!settings->key_file[0] + !!settings->cert[0] != 1)
		return yaml_error(source, node, "lapi needs one of key, key_file and cert");
	return err;
}

/* --- what is taken --- */

struct words {
	char *text;
	const char *key;
};

static int parse_word(struct yaml_source *source, yaml_node_t *node, void *data)
{
	const struct words *words = data;
	const char *word = yaml_scalar(source, node, words->key);
	size_t n = strlen(words->text);

	if (!word)
		return -EINVAL;
	if (!*word || strchr(word, ','))
		return yaml_error(source, node, "%s: '%s' is not a single word", words->key, word);
	if (n + strlen(word) + 2 > CROWDSEC_WORDS_MAX)
		return yaml_error(source, node, "%s: the words are longer than %d bytes together",
				  words->key, CROWDSEC_WORDS_MAX);
	sprintf(words->text + n, "%s%s", n ? "," : "", word);
	return 0;
}

static int parse_words(struct yaml_source *source, yaml_node_t *node, const char *key, char *text)
{
	struct words words = {text, key};

	return yaml_is_scalar(node) ? parse_word(source, node, &words) :
				      yaml_sequence(source, node, key, parse_word, &words);
}

static int parse_origins(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return parse_words(source, node, "origins", ((struct crowdsec_settings *)data)->origins);
}

static int parse_scenarios(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return parse_words(source, node, "scenarios",
			   ((struct crowdsec_settings *)data)->scenarios);
}

static int parse_rate(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_rate(source, node, "rate", 1, RATE_MAX,
			 &((struct crowdsec_settings *)data)->rate);
}

static int parse_burst(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_number(source, node, "burst", 1, BURST_MAX,
			   &((struct crowdsec_settings *)data)->burst);
}

static int parse_throttle(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {{"rate", parse_rate},
						   {"burst", parse_burst},
						   {NULL, NULL}};
	struct crowdsec_settings *settings = data;
	int err = yaml_mapping(source, node, fields, "throttle", data);

	if (!err && !settings->rate)
		return yaml_error(source, node, "throttle needs a rate, like 100/s");
	if (!err && !settings->burst)
		settings->burst = settings->rate * BURST_FACTOR;
	settings->throttles = true;
	return err;
}

/* --- the rest --- */

static int parse_interval(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_duration(source, node, "interval", SECOND_MS, HOUR_S * SECOND_MS,
			      &((struct crowdsec_settings *)data)->interval_ms);
}

static int parse_timeout(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_duration(source, node, "timeout", SECOND_MS, HOUR_S * SECOND_MS,
			      &((struct crowdsec_settings *)data)->timeout_ms);
}

static int parse_lease(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_duration(source, node, "lease", MINUTE_S * SECOND_MS, 366 * DAY_S * SECOND_MS,
			      &((struct crowdsec_settings *)data)->lease_ms);
}

static int parse_socket(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_path(source, node, "socket", ((struct crowdsec_settings *)data)->socket);
}

static int parse_origin(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_origin(source, node, "origin", ((struct crowdsec_settings *)data)->origin);
}

static int parse_metrics(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_listen(source, node, "metrics", ((struct crowdsec_settings *)data)->metrics);
}

int crowdsec_settings_load(struct crowdsec_settings *settings, const char *file,
			   struct error *error)
{
	static const struct yaml_field fields[] = {
		{"lapi", parse_lapi},
		{"interval", parse_interval},
		{"timeout", parse_timeout},
		{"lease", parse_lease},
		{"socket", parse_socket},
		{"origin", parse_origin},
		{"origins", parse_origins},
		{"scenarios", parse_scenarios},
		{"throttle", parse_throttle},
		{"metrics", parse_metrics},
		{NULL, NULL},
	};
	struct yaml_source source;
	int err;

	*settings = (struct crowdsec_settings){.interval_ms = CROWDSEC_INTERVAL_MS,
					       .timeout_ms = CROWDSEC_TIMEOUT_MS,
					       .lease_ms = CROWDSEC_LEASE_MS};
	strcpy(settings->socket, SET_SOCKET_DEFAULT);
	strcpy(settings->origin, CROWDSEC_ORIGIN_DEFAULT);
	err = yaml_open(&source, file, error);
	if (err)
		return err;
	err = yaml_mapping(&source, yaml_document_get_root_node(&source.document), fields,
			   "the configuration", settings);
	if (!err && !settings->url[0])
		err = error_set(error, -EINVAL, "%s: there is no LAPI to ask; add 'lapi'", file);
	yaml_close(&source);
	return err;
}
