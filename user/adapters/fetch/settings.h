/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration of slash64-fetch (docs/man/slash64-fetch.8.scd). */
#ifndef SLASH64_ADAPTERS_FETCH_SETTINGS_H
#define SLASH64_ADAPTERS_FETCH_SETTINGS_H

#include "feed/feed.h"
#include "service/fields.h"

#define FETCH_FILE_DEFAULT	"/etc/slash64/fetch.yaml"
#define FETCH_DIRECTORY_DEFAULT "/var/lib/slash64-fetch"
#define FETCH_FEEDS_MAX		64
#define FETCH_EVERY_MS		(24 * 3600 * 1000LL)
#define FETCH_TIMEOUT_MS	(60 * 1000LL)
#define FETCH_SIZE		(16U << 20)
#define FETCH_SIZE_MAX		(1U << 30)
#define FETCH_HEADER_MAX	64

struct fetch_feed {
	char name[ORIGIN_TEXT_MAX]; /* of its file, too */
	char url[FIELD_URL_MAX];
	char terms[FIELD_URL_MAX];				 /* of the publisher, for people */
	char header[FETCH_HEADER_MAX], key_file[FIELD_PATH_MAX]; /* "": no key is sent */
	enum feed_format format;
	int64_t every_ms, timeout_ms;
	uint32_t size; /* bytes at most, unpacked */
};

struct fetch_settings {
	char directory[FIELD_PATH_MAX];
	char metrics_file[FIELD_PATH_MAX]; /* "": metrics.prom in the directory */
	char ca[FIELD_PATH_MAX];
	struct fetch_feed *feed;
	size_t feeds;
};

int fetch_settings_load(struct fetch_settings *settings, const char *file, struct error *error);
void fetch_settings_free(struct fetch_settings *settings);

#endif
