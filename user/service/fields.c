// SPDX-License-Identifier: GPL-2.0-only
#include "fields.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>

#include "base/text/duration.h"
#include "net/listen_address.h"

int field_path(struct yaml_source *source, yaml_node_t *node, const char *key,
	       char path[FIELD_PATH_MAX])
{
	int err = yaml_text(source, node, key, path, FIELD_PATH_MAX);

	if (!err && path[0] != '/')
		return yaml_error(source, node, "%s: '%s' must be an absolute path", key, path);
	return err;
}

int field_listen(struct yaml_source *source, yaml_node_t *node, const char *key,
		 char listen[FIELD_LISTEN_MAX])
{
	int err = yaml_text(source, node, key, listen, FIELD_LISTEN_MAX);
	char address[FIELD_LISTEN_MAX];
	uint16_t port;

	if (!err && !strcmp(listen, "off"))
		listen[0] = '\0';
	else if (!err && listen_address_parse(listen, address, sizeof(address), &port))
		return yaml_error(source, node,
				  "%s: '%s' is not ADDRESS:PORT; write it like [::1]:9666, or off",
				  key, listen);
	return err;
}

bool field_is_url(const char *text)
{
	CURLU *url = curl_url();
	bool is = url && !curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME);

	curl_url_cleanup(url);
	return is;
}

int field_url(struct yaml_source *source, yaml_node_t *node, const char *key, char *url,
	      size_t bytes)
{
	int err = yaml_text(source, node, key, url, bytes);

	if (!err && strncmp(url, "http://", 7) && strncmp(url, "https://", 8))
		return yaml_error(source, node, "%s: '%s' must begin with https:// or http://", key,
				  url);
	if (!err && !field_is_url(url))
		return yaml_error(source, node, "%s: '%s' is not a URL, with a host and no blanks",
				  key, url);
	return err;
}

int field_duration(struct yaml_source *source, yaml_node_t *node, const char *key, int64_t min_ms,
		   int64_t max_ms, int64_t *ms)
{
	const char *text = yaml_scalar(source, node, key);
	char min[DURATION_TEXT_MAX], max[DURATION_TEXT_MAX];

	if (!text)
		return -EINVAL;
	if (duration_parse(text, ms))
		return yaml_error(source, node, "%s: '%s' is not a duration: %s", key, text,
				  duration_hint(text));
	if (*ms < min_ms || *ms > max_ms)
		return yaml_error(source, node, "%s: '%s' must be from %s to %s", key, text,
				  duration_format(min_ms, min), duration_format(max_ms, max));
	return 0;
}

int field_origin(struct yaml_source *source, yaml_node_t *node, const char *key,
		 char origin[ORIGIN_TEXT_MAX])
{
	int err = yaml_text(source, node, key, origin, ORIGIN_TEXT_MAX);

	if (!err &&
	    (!origin_is_valid(origin) || !strcmp(origin, "operator") || !strcmp(origin, "config")))
		return yaml_error(
			source, node,
			"%s: '%s' is not an origin of its own; write it like spamhaus-drop", key,
			origin);
	return err;
}

int field_origin_of_bgp(struct yaml_source *source, yaml_node_t *node, const char *key,
			char origin[ORIGIN_TEXT_MAX])
{
	int err = field_origin(source, node, key, origin);

	if (err || origin_is_of_bgp(origin))
		return err;
	return yaml_error(source, node,
			  "%s: '%s' must be " ORIGINS_OF_BGP
			  ", so that 'announce' never sends it back to BGP",
			  key, origin);
}
