// SPDX-License-Identifier: GPL-2.0-only
/* slash64-fetch: gets lists that are due, for slash64d to read. Run by a timer. */
#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "download.h"
#include "service/program.h"

#define PATH_BYTES    8192
#define METRICS_BYTES (64 << 10)

static void make_path(char path[PATH_BYTES], const struct fetch_settings *settings,
		      const char *name)
{
	snprintf(path, PATH_BYTES, "%s/%s", settings->directory, name);
}

/* The list comes before what is kept of it: killed in between, it is fetched once more. */
static int take(const struct fetch_settings *settings, const struct fetch_feed *feed,
		const struct download *got, struct kept *kept, struct error *error)
{
	char path[PATH_BYTES];
	int64_t entries;
	int err;

	if (!got->is_modified)
		return 0;
	entries = download_check(feed, got, error);
	if (entries < 0)
		return entries;
	make_path(path, settings, feed->name);
	err = kept_replace(path, got->text, got->bytes, error);
	if (err)
		return err;
	kept->entries = entries;
	strcpy(kept->etag, got->etag);
	strcpy(kept->modified, got->modified);
	log_info("%s: %" PRId64 " entries", feed->name, entries);
	return 0;
}

/* 0: it is up to date, or not due. */
static int fetch(const struct fetch_settings *settings, const struct fetch_feed *feed,
		 struct kept *kept)
{
	int64_t now_s = time(NULL), every_s = feed->every_ms / 1000;
	char path[PATH_BYTES];
	struct download got;
	struct error error;
	int err;

	/* a clock that was set back must not keep it waiting for years */
	if (now_s < kept->next_s && kept->next_s <= now_s + every_s)
		return 0;
	make_path(path, settings, feed->name);
	err = download(feed, settings->ca, access(path, R_OK) ? NULL : kept, &got, &error);
	if (!err)
		err = take(settings, feed, &got, kept, &error);
	if (err) {
		kept_fail(kept, now_s, every_s, got.retry_s);
		log_error("%s", error.text);
	} else {
		kept_succeed(kept, now_s, every_s);
	}
	free(got.text);
	if (kept_write(kept, settings->directory, feed->name, &error)) {
		log_error("%s", error.text);
		err = -1;
	}
	return err;
}

/* --- metrics: a file for the textfile collector of node_exporter --- */

struct metric {
	const char *name, *type, *help;
	int64_t (*value)(const struct kept *kept);
};

static int64_t success_of(const struct kept *kept)
{
	return kept->success_s;
}

static int64_t failures_of(const struct kept *kept)
{
	return kept->failures;
}

static int64_t entries_of(const struct kept *kept)
{
	return kept->entries;
}

static int write_metrics(const struct fetch_settings *settings, const struct kept *kept)
{
	static const struct metric metrics[] = {
		{"slash64_fetch_last_success_timestamp_seconds", "gauge",
		 "When the feed was last fetched or found unchanged; 0: never.", success_of},
		{"slash64_fetch_failures", "gauge", "Failures since then.", failures_of},
		{"slash64_fetch_entries", "gauge", "Entries of the list that is there.",
		 entries_of},
	};
	char path[PATH_BYTES], *text = malloc(METRICS_BYTES);
	struct error error;
	size_t n = 0;

	for (size_t i = 0; text && i < sizeof(metrics) / sizeof(metrics[0]); i++) {
		n += snprintf(text + n, METRICS_BYTES - n, "# HELP %s %s\n# TYPE %s %s\n",
			      metrics[i].name, metrics[i].help, metrics[i].name, metrics[i].type);
		for (size_t j = 0; j < settings->feeds; j++)
			n += snprintf(text + n, METRICS_BYTES - n, "%s{feed=\"%s\"} %" PRId64 "\n",
				      metrics[i].name, settings->feed[j].name,
				      metrics[i].value(&kept[j]));
	}
	make_path(path, settings, "metrics.prom");
	if (settings->metrics_file[0])
		strcpy(path, settings->metrics_file);
	if (text && !kept_replace(path, text, n, &error)) {
		free(text);
		return 0;
	}
	log_error("%s", text ? error.text : "out of memory");
	free(text);
	return -1;
}

static int run(const struct fetch_settings *settings)
{
	struct kept *kept = calloc(settings->feeds, sizeof(*kept));
	int failed = 0;

	if (!kept) {
		log_error("out of memory");
		return EXIT_FAILURE;
	}
	curl_global_init(CURL_GLOBAL_DEFAULT);
	for (size_t i = 0; i < settings->feeds; i++) {
		kept_read(&kept[i], settings->directory, settings->feed[i].name);
		failed |= fetch(settings, &settings->feed[i], &kept[i]) != 0;
	}
	failed |= write_metrics(settings, kept) != 0;
	curl_global_cleanup();
	free(kept);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static const struct program program = {
	.name = "slash64-fetch",
	.usage = "usage: slash64-fetch [--config FILE] [--check]\n"
		 "\n"
		 "  --config FILE  the configuration, by default " FETCH_FILE_DEFAULT "\n"
		 "  --check        check the configuration, and do nothing else\n"
		 "  --version      print the version\n"
		 "  --help         print this help\n"
		 "\n"
		 "See slash64-fetch(8).\n",
};

int main(int argc, char **argv)
{
	static struct fetch_settings settings;
	struct program_line line = {.config = FETCH_FILE_DEFAULT};
	int code = program_read_line(&program, argc, argv, &line);
	struct error error;

	if (code >= 0)
		return code;
	if (fetch_settings_load(&settings, line.config, &error)) {
		fprintf(stderr, "slash64-fetch: %s\n", error.text);
		return EXIT_FAILURE;
	}
	if (line.check)
		code = printf("%s: %zu feeds\n", line.config, settings.feeds) < 0;
	else
		code = run(&settings);
	fetch_settings_free(&settings);
	return code;
}
