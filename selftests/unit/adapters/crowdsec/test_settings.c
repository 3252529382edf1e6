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

#include "adapters/crowdsec/settings.h"

static struct crowdsec_settings settings;
static struct error error;

static int load(const char *text)
{
	char path[] = "/tmp/slash64-crowdsec-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");
	int err;

	fputs(text, file);
	fclose(file);
	err = crowdsec_settings_load(&settings, path, &error);
	unlink(path);
	return err;
}

#define LAPI "lapi: {url: 'http://127.0.0.1:8080/', key: abc}\n"

/* issue 18: the keys are a contract */
static void defaults_and_all_keys(void **state)
{
	assert_int_equal(load(LAPI), 0);
	assert_string_equal(settings.url, "http://127.0.0.1:8080");
	assert_string_equal(settings.key, "abc");
	assert_string_equal(settings.socket, "/run/slash64/control.sock");
	assert_string_equal(settings.origin, "crowdsec");
	assert_int_equal(settings.interval_ms, 10000);
	assert_false(settings.throttles);
	assert_int_equal(
		load("lapi: {url: 'https://lapi', cert: /c.pem, ca: /ca.pem}\n"
		     "interval: 1m\nsocket: /s\norigin: cs\norigins: [CAPI, lists]\nscenarios: ssh\n"
		     "throttle: {rate: 100/s, burst: 300}\nlease: 2h\ntimeout: 5s\n"
		     "metrics: '[::1]:9667'\n"),
		0);
	assert_string_equal(settings.origins, "CAPI,lists");
	assert_string_equal(settings.scenarios, "ssh");
	assert_true(settings.throttles && settings.rate == 100 && settings.burst == 300);
	assert_int_equal(settings.lease_ms, 7200000);
	assert_int_equal(load(LAPI "throttle: {rate: 100}\n"), 0);
	assert_int_equal(settings.burst, 200);
}

static void is_refused(const char *text, const char *why)
{
	assert_true(load(text) < 0);
	if (!strstr(error.text, why))
		fail_msg("'%s' is not in '%s'", why, error.text);
}

static void mistakes_are_told(void **state)
{
	is_refused("interval: 10s\n", "add 'lapi'");
	is_refused("lapi: {key: a}\n", "needs a url");
	is_refused("lapi: {url: 'http://a'}\n", "needs one of key, key_file and cert");
	is_refused("lapi: {url: 'http://a', key: a, key_file: /f}\n", "needs one of");
	is_refused("lapi: {url: 'ftp://a', key: a}\n", "must begin with https:// or http://");
	is_refused("lapi: {url: 'http://a', key: \"a\\nb\"}\n", "no control characters");
	is_refused(LAPI "interval: 10ms\n", "must be from 1s to 1h");
	is_refused(LAPI "origin: operator\n", "not an origin of its own");
	is_refused(LAPI "origins: ['a,b']\n", "not a single word");
	is_refused(LAPI "throttle: {burst: 5}\n", "needs a rate");
	is_refused(LAPI "key: a\n", "key");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_and_all_keys),
		cmocka_unit_test(mistakes_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
