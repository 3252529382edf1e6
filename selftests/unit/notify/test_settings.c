// SPDX-License-Identifier: GPL-2.0-only
/* The configuration of slash64-notify. Its refusals are in selftests/system/notify/test_notify.py. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#include "notify/settings.h"

static struct settings settings;
static struct error error;

static int load(const char *text)
{
	char path[] = "/tmp/slash64-settings-XXXXXX";
	int fd = mkstemp(path), err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	err = settings_load(&settings, path, &error);
	unlink(path);
	return err;
}

static void defaults_and_all_kinds(void **state)
{
	const struct receiver *r;

	assert_int_equal(
		load("receivers:\n"
		     "- {name: w, webhook: {url: 'https://x/', format: ecs}}\n"
		     "- {name: s, syslog: {server: '[2001:db8::1]:6514', transport: tls, facility: local3}}\n"
		     "- {name: m, mail: {server: 'smtp://x', from: a@b, to: [c@d, e@f], incident: 2h}}\n"),
		0);
	assert_string_equal(settings.socket, SETTINGS_SOCKET_DEFAULT);
	assert_int_equal(settings.queue, SETTINGS_QUEUE_DEFAULT);
	assert_string_equal(settings.metrics, "");
	r = settings.receiver;
	assert_int_equal(r[0].webhook.format, WEBHOOK_ECS);
	assert_string_equal(r[1].syslog.host, "2001:db8::1");
	assert_int_equal(r[1].syslog.port, 6514);
	assert_int_equal(r[1].syslog.transport, SYSLOG_TLS);
	assert_int_equal(r[1].syslog.facility, LOG_LOCAL3);
	assert_int_equal(r[2].mail.to_count, 2);
	assert_int_equal(r[2].mail.incident_ms, 7200000);
	settings_free(&settings);
}

static void a_host_is_a_name_or_an_address_in_brackets(void **state)
{
	assert_int_equal(load("receivers: [{name: s, syslog: {server: 'log.example.net:514'}}]"),
			 0);
	assert_string_equal(settings.receiver[0].syslog.host, "log.example.net");
	assert_int_equal(settings.receiver[0].syslog.facility, LOG_DAEMON);
	settings_free(&settings);
	assert_int_not_equal(load("receivers: [{name: s, syslog: {server: '2001:db8::1:514'}}]"),
			     0);
	assert_int_not_equal(load("receivers: [{name: s, syslog: {server: ':514'}}]"), 0);
	assert_int_not_equal(load("receivers: [{name: s, syslog: {server: 'x:'}}]"), 0);
}

/* walk: each was accepted, and nothing would have been told, or everything */
static void what_can_never_be_told_is_refused(void **state)
{
	const char *const bad[][2] = {
		{"receivers: [{name: w, webhook: {url: 'https://'}}]", "is not a URL"},
		{"receivers: [{name: w, webhook: {url: 'https://soc example/'}}]", "is not a URL"},
		{"receivers: [{name: m, mail: {server: 'smtp://', from: a@b, to: c@d}}]",
		 "is not like smtp://"},
		{"receivers: [{name: m, mail: {server: 'smtp://x', from: a@b, to: c@d, user: u}}]",
		 "user and password_file, or neither"},
		{"receivers: [{name: m, mail: {server: 'smtp://x', from: a@b, to: c@d, "
		 "password_file: /etc/hostname}}]",
		 "user and password_file, or neither"},
		{"receivers: [{name: w, webhook: {url: 'https://x/'}, only: {actions: []}}]",
		 "actions is empty"},
		{"receivers: [{name: w, webhook: {url: 'https://x/'}, only: {within: []}}]",
		 "within is empty"},
		{"# nothing\n", "the shortest valid file is 'receivers:"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_not_equal(load(bad[i][0]), 0);
		assert_non_null(strstr(error.text, bad[i][1]));
	}
	assert_int_equal(settings_load(&settings, "/etc", &error), -EISDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_and_all_kinds),
		cmocka_unit_test(what_can_never_be_told_is_refused),
		cmocka_unit_test(a_host_is_a_name_or_an_address_in_brackets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
