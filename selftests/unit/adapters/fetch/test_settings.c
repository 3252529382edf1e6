// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/fetch/settings.h"

static struct fetch_settings settings;
static struct error error;

static int load(const char *text)
{
	char path[] = "/tmp/slash64-fetch-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");
	int err;

	fputs(text, file);
	fclose(file);
	err = fetch_settings_load(&settings, path, &error);
	unlink(path);
	return err;
}

#define FEED "feeds: [{name: drop, url: 'https://a/b'"

static void defaults_and_all_keys(void **state)
{
	assert_int_equal(load(FEED "}]\n"), 0);
	assert_string_equal(settings.directory, "/var/lib/slash64-fetch");
	assert_int_equal(settings.feed[0].every_ms, 24 * 3600 * 1000);
	assert_int_equal(settings.feed[0].size, 16 << 20);
	assert_int_equal(settings.feed[0].format, FEED_AUTO);
	fetch_settings_free(&settings);
	assert_int_equal(load(FEED ", terms: 'https://a/t', every: 6h, size: 1M, timeout: 5s, "
				   "format: plain, header: Key, key_file: /k}]\n"
				   "directory: /d\nmetrics_file: /m\nca: /c\n"),
			 0);
	assert_int_equal(settings.feed[0].every_ms, 6 * 3600 * 1000);
	assert_int_equal(settings.feed[0].format, FEED_PLAIN);
	assert_string_equal(settings.feed[0].header, "Key");
	assert_string_equal(settings.metrics_file, "/m");
	fetch_settings_free(&settings);
}

static void is_refused(const char *text, const char *why)
{
	assert_true(load(text) < 0);
	if (!strstr(error.text, why))
		fail_msg("'%s' is not in '%s'", why, error.text);
}

static void mistakes_are_told(void **state)
{
	is_refused("directory: /d\n", "list 'feeds'");
	is_refused("feeds: [{name: a}]\n", "needs a name and a url");
	is_refused("feeds: [{name: a, url: 'http://a'}]\n", "must begin with https://");
	is_refused("feeds: [{name: ../a, url: 'https://a'}]\n", "name");
	is_refused(FEED "}, {name: drop, url: 'https://c'}]\n", "duplicate feed");
	is_refused(FEED ", every: 1m}]\n", "must be from 15m");
	is_refused(FEED ", header: Key}]\n", "belong together");
	is_refused(FEED ", header: 'a: b', key_file: /k}]\n", "not the name of a header");
	is_refused(FEED ", format: html}]\n", "format");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_and_all_keys),
		cmocka_unit_test(mistakes_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
